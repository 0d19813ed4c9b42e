package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func call(a *args) (meaning, *problem) {
	peer := func(e event.Call) string { return e.Peer }
	number, p := a.callNumber()
	if p != nil {
		return meaning{}, p
	}
	if len(a.tokens) == 0 {
		return keeping(happens(func(e event.Call) bool { return number == 0 || e.ID == number }), peer, nil), nil
	}
	name, p := a.oneOf("step of a call", "steps", namesOf(event.CallPhases()))
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("by", "from", "with", "reason", "asserted", "diverted", "history", "auto-answer")
	if p != nil {
		return meaning{}, p
	}
	status, p := statusIn(rest)
	if p != nil {
		return meaning{}, p
	}
	phase := event.CallPhase(name)
	if p := checkDoer(phase, rest); p != nil {
		return meaning{}, p
	}
	c := callWanted{number: number, phase: phase, by: rest["by"].text, from: rest["from"].text, status: status, reason: rest["reason"].text, intro: rest}
	m := happens(c.event)
	if c.status == 0 && c.reason == "" && (phase == event.CallHeld || phase == event.CallUp || phase == event.CallMuted) {
		m = m.while(func(f *event.Fold) bool { return c.row(f) != nil })
	}
	return keeping(m, peer, func(f *event.Fold) string {
		if row := c.row(f); row != nil {
			return row.Peer
		}
		return ""
	}), nil
}

// callNumber reads the number of a call, if it comes next; 0 if it does not.
func (a *args) callNumber() (int, *problem) {
	if len(a.tokens) == 0 || strings.Trim(a.tokens[0].text, "0123456789") != "" {
		return 0, nil
	}
	t, _ := a.next()
	return numberOfCall(t)
}

// numberOfCall is the number of a call in a token; 0 if there is none.
func numberOfCall(t token) (int, *problem) {
	if t.text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 {
		return 0, wrong(t, "%q is no number of a call; the first of a phone is 1", t.text)
	}
	return n, nil
}

// doers are those who can take a step of a call, where the step says who did.
func doers(phase event.CallPhase) []string {
	switch phase {
	case event.CallEnded:
		return []string{"us", "peer", "timeout", "network"}
	case event.CallHeld, event.CallResumed, event.CallRefreshed:
		return []string{"us", "peer"}
	}
	return nil
}

// checkDoer refuses a "by" that no such step has.
func checkDoer(phase event.CallPhase, words map[string]token) *problem {
	t, ok := words["by"]
	known := doers(phase)
	switch {
	case !ok || among(t.text, known):
		return nil
	case known == nil:
		return wrong(t, "a call that is %s has no \"by\"", phase).advise("ended, held, resumed and refreshed have one")
	}
	return unknown(t, "doer", string(phase)+" by", known)
}

// callWanted is the call that is expected.
type callWanted struct {
	number   int // 0: any
	phase    event.CallPhase
	by, from string
	status   int
	reason   string
	intro    map[string]token // by the word of the form; none: anything
}

func (c callWanted) event(e event.Call) bool {
	return e.Phase == c.phase && (c.number == 0 || e.ID == c.number) && (c.by == "" || strings.EqualFold(e.By, c.by)) &&
		(c.status == 0 || e.Status == c.status) && c.because(e) && c.introduced(e) && c.with(e)
}

// because reports whether what is meant stands in what is said of the call's
// end: in its reason, or in the header fields that have one.
func (c callWanted) because(e event.Call) bool {
	return answerWanted{reason: c.reason}.is(e.Status, e.Reason+"\n"+e.Elsewhere, e.Cause)
}

// introduced reports whether what is meant stands in what the INVITE says of its
// caller and its way.
func (c callWanted) introduced(e event.Call) bool {
	has := func(list []event.Identity, part string) bool {
		return part == "" || slices.ContainsFunc(list, func(id event.Identity) bool {
			return contains(id.Name, part) || contains(id.URI, part) || contains(id.Why, part)
		})
	}
	return has(e.Asserted, c.intro["asserted"].text) && has(e.Diverted, c.intro["diverted"].text) && has(e.History, c.intro["history"].text) &&
		contains(e.AutoAnswer, c.intro["auto-answer"].text)
}

// with reports whether the call is with the one who is meant.
func (c callWanted) with(e event.Call) bool {
	return contains(e.Peer, c.from) || contains(e.Name, c.from)
}

// held reports whether the one who is meant holds the call; either, if nobody is.
func (c callWanted) held(row *event.CallRow) bool {
	switch strings.ToLower(c.by) {
	case "us":
		return row.Held
	case "peer":
		return row.HeldByPeer
	}
	return row.Held || row.HeldByPeer
}

// lasts reports whether a call is in the wanted state now, if that is one that lasts.
func (c callWanted) lasts(row *event.CallRow) bool {
	switch c.phase {
	case event.CallUp:
		return row.Connected()
	case event.CallHeld:
		return c.held(row)
	case event.CallMuted:
		return row.Muted
	}
	return false
}

// row is the call that is in the wanted state now; nil if there is none.
func (c callWanted) row(f *event.Fold) *event.CallRow {
	for i := range f.Calls {
		row := &f.Calls[i]
		if c.lasts(row) && (c.number == 0 || row.ID == c.number) && c.with(row.Call) {
			return row
		}
	}
	return nil
}
