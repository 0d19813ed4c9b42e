package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// losses is which of the lost calls is selected.
type losses struct {
	call string // its key; "": the newest
}

func (k *losses) bindings() []binding {
	return []binding{
		{id: "next loss", group: panelGroup, Binding: bind("next lost", "n"), help: "the next lost call, in the timeline; in a replay the next failure too", why: noneLost, foot: anyLost, do: k.step(+1), name: nextLabel},
		{id: "loss before", group: panelGroup, Binding: bind("lost before", "N"), help: "the lost call before", why: noneLost, do: k.step(-1)},
	}
}

func noneLost(s situation) string {
	return when(len(s.mishaps()) == 0, "no call was lost"+unless(!s.recording, ", and no line has failed"))
}

// nextLabel says what comes next: in a replay lines that failed, too.
func nextLabel(s situation) string {
	if len(s.script.Bad()) > 0 && s.recording {
		return "failure"
	}
	return "next lost"
}

func anyLost(s situation) bool { return s.mode == mainMode && len(s.mishaps()) > 0 }

// A mishap is something that went wrong: a call was lost, or a line of a scenario failed.
type mishap struct {
	at   time.Duration
	call string // the key of a lost call
	line *picture.ScriptLine
}

// mishaps are all of them, in the order in which they were.
func (s situation) mishaps() (list []mishap) {
	for i := range s.whole.fold.Losses {
		l := &s.whole.fold.Losses[i]
		list = append(list, mishap{at: l.Began, call: keyOf(l)})
	}
	if s.recording {
		for _, line := range s.script.Bad() {
			list = append(list, mishap{at: line.To, line: line})
		}
	}
	slices.SortStableFunc(list, func(a, b mishap) int { return cmp.Compare(a.at, b.at) })
	return list
}

func (k *losses) follow() { k.call = "" }

// at is the selected lost call, if the cursor is where it was lost; nil: it is not.
func (k *losses) at(s situation) *event.LossRow {
	for i := range s.whole.fold.Losses {
		if l := &s.whole.fold.Losses[i]; k.call != "" && keyOf(l) == k.call && s.past && s.now == l.Began {
			return l
		}
	}
	return nil
}

// keyOf tells lost calls apart, however often they are told of.
func keyOf(l *event.LossRow) string {
	if l.CallID != "" {
		return l.CallID
	}
	return fmt.Sprint(l.Moment)
}

// step selects the mishap so many after the selected one; from the last it goes on to the
// first. In a recording it goes on from the cursor.
func (k *losses) step(n int) func(situation) request {
	return func(s situation) request {
		list := s.mishaps()
		at := slices.IndexFunc(list, func(m mishap) bool { return m.call == k.call && m.call != "" })
		switch {
		case s.recording && s.past:
			at = beside(list, s.now, n)
		case at < 0:
			at = len(list) - 1
		default:
			at = (at + n + len(list)) % len(list)
		}
		if list[at].line != nil {
			k.until(s, list[at].at)
			return lineReq{list[at].line}
		}
		k.call = list[at].call
		return lossReq(list[at].at)
	}
}

// until selects the last call that had been lost at an instant, of a recording.
func (k *losses) until(s situation, at time.Duration) {
	k.call = ""
	for i := range s.whole.fold.Losses {
		if l := &s.whole.fold.Losses[i]; l.Began <= at {
			k.call = keyOf(l)
		}
	}
}

// lossesAt are the calls that had been lost at an instant of the past: where they were is
// known by now, and what their callers got only later was not known then.
func lossesAt(past, whole *event.Fold, now time.Duration) []event.LossRow {
	list := slices.Clone(past.Losses)
	for i := range whole.Losses {
		l := whole.Losses[i]
		if l.Began > now || slices.ContainsFunc(list, func(o event.LossRow) bool { return keyOf(&o) == keyOf(&l) }) {
			continue
		}
		if l.At > now {
			l.Waits = picture.CallerOver(&l) > now
			l.Phase, l.Status, l.Reason, l.By, l.After, l.Next = event.LossLikely, 0, "", "", 0, 0
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b event.LossRow) int { return cmp.Compare(a.Began, b.Began) })
	return list
}

// beside is the index of the mishap after an instant, or before it.
func beside(list []mishap, now time.Duration, n int) int {
	if n > 0 {
		return max(0, slices.IndexFunc(list, func(m mishap) bool { return m.at > now }))
	}
	for i, m := range slices.Backward(list) {
		if m.at < now {
			return i
		}
	}
	return len(list) - 1
}

// selected is the selected lost call, or else the newest; nil: none was lost.
func (k *losses) selected(f *event.Fold) *event.LossRow {
	for i := range f.Losses {
		if keyOf(&f.Losses[i]) == k.call {
			return &f.Losses[i]
		}
	}
	if n := len(f.Losses); n > 0 {
		return &f.Losses[n-1]
	}
	return nil
}

// lossWords are how many calls were lost, with whether that is sure; "" if none was.
func lossWords(f *event.Fold, short bool) string {
	likely := 0
	for i := range f.Losses {
		if !f.Losses[i].Certain() {
			likely++
		}
	}
	n, tail := len(f.Losses)-likely, " lost"
	switch {
	case len(f.Losses) == 0:
		return ""
	case n == 0:
		n, tail = likely, " likely lost"
	case likely > 0:
		tail += fmt.Sprintf(", %d likely", likely)
	}
	if short {
		return strconv.Itoa(n) + tail
	}
	return words.Count(n, "call") + tail
}

// unreachable is for how long nothing that the server sends has got to the app; ok is false
// where that is not so, or not known.
func (s scene) unreachable() (since time.Duration, c event.Cut, ok bool) {
	c, ok = s.fold.Cut()
	return max(0, s.now-c.At), c, ok
}

// cutWords say what has cut the phone off.
func cutWords(why string) string {
	switch why {
	case "nat drop", "nat expired":
		return "the NAT forgot us"
	case "handover":
		return "the network has changed"
	case "offline":
		return "there is no network"
	case "server half-open":
		return "the server forgot us"
	case "server stall":
		return "the server hangs"
	case "no push":
		return "no push will come"
	}
	return event.Printable(why)
}

// lossPlace is where a call was lost, in a word or two.
func lossPlace(l *event.LossRow, f *event.Fold) string {
	switch l.Where {
	case event.AtLink:
		if i := slices.IndexFunc(f.Cuts, func(c event.CutRow) bool { return c.Seq == l.Moment }); i >= 0 {
			switch f.Cuts[i].Swallowed.Why {
			case "nat drop", "nat expired", "no mapping":
				return "at the NAT"
			}
		}
		return "on the way"
	case event.AtServer:
		return "before it came"
	case event.AtApp:
		return "before it rang"
	}
	return "after the answer"
}

// lossBytes is how long the INVITE was that was swallowed, for behind a comma; "" if none was.
func lossBytes(l *event.LossRow, f *event.Fold) string {
	i := slices.IndexFunc(f.Cuts, func(c event.CutRow) bool { return c.Seq == l.Moment })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf(", %d B", f.Cuts[i].Swallowed.Bytes)
}

// lossOutcome is what its caller has heard, short: "bob 408".
func lossOutcome(l *event.LossRow) string {
	who := l.From
	if who == "" {
		who = "caller"
	}
	switch {
	case l.Status != 0:
		return fmt.Sprintf("%s got %d", who, l.Status)
	case l.By != "":
		return who + " gave up"
	case l.Waits:
		return who + " still waits"
	}
	return "outcome unknown"
}
