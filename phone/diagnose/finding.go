package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A Finding is what went wrong in three lines, with the numbers of the case: what is lost,
// why, and what mends it. The screen, a failed run and the reports say the same.
type Finding struct {
	Rule event.Rule // "" where none fits
	Loss bool       // a call was lost; else it is another anomaly
	// Seq is the record that the finding is of, Moment that which shows it, such as the INVITE
	// that was lost, and Cause that of what has led to it; 0: none. At and CauseAt are when.
	Seq, Moment, Cause uint64
	At, CauseAt        time.Duration

	Lost, Why, Mend string
}

// Head is the word before the first line: what was lost, or what was wrong.
func (f *Finding) Head() string {
	if f.Loss {
		return "lost"
	}
	return "what"
}

// A Stamp writes a device time, as where the finding is shown does.
type Stamp func(time.Duration) string

// after is how long after a loss what is told still belongs to it: the phone itself finds
// out from its own timers, of the same 32 s as the caller's (RFC 3261 §17.1.1.2).
const after = 2 * time.Second

// FindingOf is the finding of a record, by its number; ok is false where it tells of none. It
// looks at the log up to then, and a little further.
func FindingOf(log *event.Log, seq uint64, stamp Stamp) (f Finding, ok bool) {
	r, ok := recordOf(log, seq)
	if !ok {
		return f, false
	}
	if loss, is := r.Event.(event.Loss); is {
		if loss.Phase == event.LossOver {
			return f, false
		}
		return findLoss(log, r, loss, stamp), true
	}
	if step, is := r.Event.(event.Step); is {
		return findStep(log, r, step, stamp)
	}
	return findAnomaly(log, r, stamp)
}

// recordOf is one record of a log.
func recordOf(log *event.Log, seq uint64) (r event.Record, ok bool) {
	if seq == 0 {
		return r, false
	}
	for r := range log.From(seq - 1) {
		return r, r.Seq == seq
	}
	return r, false
}

// evidenceOf is what the log knew when a record was written, and shortly after. since is what
// came before the case.
func evidenceOf(log *event.Log, r event.Record, head string, since uint64, stamp Stamp) *Evidence {
	q := Question{Phone: r.Phone, Actor: r.Phone, Head: head, Now: r.Device, Acted: true, Since: since, Until: r.Seq, Stamp: stamp}
	for next := range log.From(r.Seq) {
		if c, is := next.Event.(event.Call); is && (c.Phase == event.CallCalling || c.Phase == event.CallIncoming) || next.Wall.Sub(r.Wall) > after {
			break
		}
		q.Until = next.Seq
	}
	return Examine(log, q)
}

// findAnomaly is the finding of anything but a lost call.
func findAnomaly(log *event.Log, r event.Record, stamp Stamp) (f Finding, ok bool) {
	rule := Of(r.Event)
	if c, is := r.Event.(event.Call); is && rule == "" && refused(c) {
		rule = event.RuleCallFailed
	}
	if rule == "" {
		return f, false
	}
	f = Finding{Rule: rule, Seq: r.Seq, Moment: r.Seq, At: r.Device}
	what, detail := r.Event.Text()
	f.Lost = said(strings.TrimSuffix(what+": "+detail, ": "))
	page := pageOf(rule)
	f.Why, f.Mend = first(page.Law), first(page.Try)
	switch e := r.Event.(type) {
	case event.Killed:
		if rule == event.RuleWakeBudget {
			f.budget(log, r, stamp)
		}
	case event.Warning:
		f.Lost, f.Mend = said(page.Title+": "+e.Note), cmp.Or(said(e.Hint), f.Mend)
		if e.Call != 0 || e.Rule == event.RuleAudioAsleep {
			f.audio(log, r, e, stamp)
		}
	case event.Call:
		switch {
		case refused(e):
			f.refusal(e)
		case e.By == "network":
			f.broken(log, r, e, stamp)
		}
	case event.Notification:
		if e.Phase == event.NotificationMissed {
			f.missed(log, r, stamp)
		}
	}
	return f, true
}

// missed says for how long a call rang that nobody answered, and who gave it up.
func (f *Finding) missed(log *event.Log, r event.Record, stamp Stamp) {
	fold := event.FoldOf(log.Span(0, r.Seq), r.Phone)
	if len(fold.Recent) == 0 {
		return
	}
	c := fold.Recent[len(fold.Recent)-1]
	if c.Out || c.Up != 0 {
		return
	}
	rang := c.Ended - c.At
	f.Lost = said(fmt.Sprintf("%s rang for %s, and was missed", c.Who(), event.Round(rang)))
	switch c.By {
	case "network":
		f.broken(log, r, c.Call, stamp)
		return
	case "peer":
		f.Why = "the caller cancelled"
		if rang < tooSoon {
			f.Why += " sooner than anybody can answer: a person, or a server between that gave up"
			f.Mend = "see in the caller's log who sent the CANCEL, and why so soon"
		}
	}
	f.Why = said(strings.TrimSuffix(f.Why+": "+unlessZero(c.Status, c.Reason), ": "))
}

// tooSoon is within which nobody answers a call (our own number).
const tooSoon = 3 * time.Second

func unlessZero(status int, reason string) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", status, reason)
}

// audio says why audio does not get through, with what both ends have counted, if both are known.
func (f *Finding) audio(log *event.Log, r event.Record, w event.Warning, stamp Stamp) {
	ev := evidenceOf(log, r, "audio", r.Seq-1, stamp)
	if why, mend, cut := ev.unlinked(); cut {
		f.Why, f.Mend = said(why), mend
		return
	}
	c := ev.callOf(w.Call)
	if w.Call == 0 { // a system knows no calls
		c = ev.lastCall()
	}
	if cut := ev.cut(c); cut.Words != "" {
		f.Rule, f.Why = cut.Rule, said(cut.Words)
		if cut.Rule != w.Rule {
			f.Mend = first(pageOf(cut.Rule).Try)
		}
	}
}

// refused reports whether a call of the phone's own was turned down.
func refused(c event.Call) bool {
	return c.Phase == event.CallEnded && c.Out && c.By == "peer" && c.Status >= 300
}

// refusal says what the answer to a call of the phone's own means.
func (f *Finding) refusal(c event.Call) {
	f.Lost = said(fmt.Sprintf("our call to %s: %d %s", c.Who(), c.Status, c.Reason))
	if said := c.Said(); said != "" {
		f.Lost += ", " + event.Printable(said)
	}
	m := meaningOf(c.Status)
	f.Why, f.Mend = m.why, cmp.Or(m.mend, f.Mend)
	if c.Wait != nil && c.RetryAfter > 0 {
		f.Mend = "wait " + seconds(c.RetryAfter.D()) + ", as the answer asks; " + f.Mend
	}
}

// A meaning is what an answer to an INVITE says.
type meaning struct{ why, mend string }

// meaningOf is what a status says of a call (RFC 3261 §21, §13.2.1).
func meaningOf(status int) meaning {
	switch status {
	case 401, 407:
		return meaning{"the server wants a password that it did not get (RFC 3261 §22)", "see that user and password of the account are those of the server"}
	case 403:
		return meaning{"the server has understood the call and forbids it; trying again is no use (RFC 3261 §21.4.4)", "see what this account may call, and whether the server takes it for who it is"}
	case 404, 604:
		return meaning{"the server knows nobody of that name (RFC 3261 §21.4.5)", "see the name that was dialled, and whether the other has registered"}
	case 408:
		return meaning{"the server has not found the other in time: nothing answered it (RFC 3261 §21.4.9)", "look at the other's connection: its binding may point to one that is dead"}
	case 480:
		return meaning{"the other is known and cannot be reached now: it has not registered, or nobody answered (RFC 3261 §21.4.18)", "see whether the other has registered"}
	case 486, 600:
		return meaning{"the other is busy: that is the answer of a person or of their phone, and nothing is broken (RFC 3261 §21.4.24)", "call again later"}
	case 487:
		return meaning{"the call was cancelled before it was answered (RFC 3261 §21.4.25)", ""}
	case 488, 606:
		return meaning{"the two have no common session: a codec, or how audio is protected (RFC 3261 §21.4.26)", "compare the session descriptions of both"}
	case 503:
		return meaning{"the server is overloaded, or out of service (RFC 3261 §21.5.4)", "another server of the domain may serve; else call again later"}
	case 603:
		return meaning{"a person has declined the call, and nothing is broken (RFC 3261 §21.6.2)", "call again later"}
	}
	return meaning{[...]string{
		3: "the call is to go elsewhere, and was not followed there (RFC 3261 §21.3)", 4: "the call was refused as it was made (RFC 3261 §21.4)",
		5: "the server has failed at the call (RFC 3261 §21.5)", 6: "nobody will take the call, wherever it goes (RFC 3261 §21.6)",
	}[min(6, max(3, status/100))], ""}
}

// pageOf is the page of a rule.
func pageOf(rule event.Rule) Rule {
	i := slices.IndexFunc(load(), func(r Rule) bool { return r.ID == rule })
	if i < 0 {
		return Rule{}
	}
	return load()[i].clone()
}

// first is the first sentence of a text, without its full stop.
func first(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, ".")
}

// said is a text of a finding: on one line, and no longer than one can be read.
func said(text string) string { return event.Brief(event.Printable(text), maxSaid) }

// maxSaid bounds a line of a finding, in bytes (our own number).
const maxSaid = 400
