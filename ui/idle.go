package ui

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A deviceFact is something about the device that a tester must know besides
// the state of the app: how idle it is, what it thinks of the app, what became
// of the last push, what was set.
type deviceFact struct {
	ink   style
	words string
}

// deviceFacts lists the facts that are known, the most important first.
func (v deviceView) deviceFacts() []deviceFact {
	var facts []deviceFact
	add := func(ink style, words string) {
		if words != "" {
			facts = append(facts, deviceFact{ink, words})
		}
	}
	if since, c, cut := v.unreachable(); cut {
		add(fault, "╳ unreachable "+event.Clock(since)+": "+cutWords(c.Why))
	}
	pushFirst := v.fold.Pushes.Blocked() || v.fold.Banner != nil // which it has brought
	if pushFirst {
		add(v.pushWords())
	}
	add(v.idleWords())
	if !pushFirst {
		add(v.pushWords())
	}
	add(v.bucketWords())
	add(v.unwatchedWords())
	return facts
}

// allFacts are the facts where there is room: what is as it should be, too.
func (v deviceView) allFacts() []deviceFact {
	facts := v.deviceFacts()
	if words := v.watchedWords(); words != "" {
		facts = append(facts, deviceFact{dim, words})
	}
	return facts
}

// watchedWords say by which call the app has marked its connection, for the system to
// watch it.
func (v deviceView) watchedWords() string {
	m := &v.fold.Mark
	if m.Phase != event.MarkAccepted {
		return ""
	}
	return "marked by " + event.Printable(m.By.Title())
}

// unwatchedWords say why nothing on the connection wakes a suspended app.
func (v deviceView) unwatchedWords() (style, string) {
	m := &v.fold.Mark
	switch {
	case m.Rule == "":
		return dim, ""
	case m.Phase == event.MarkMissing:
		return fault, "NO SOCKET MARKED: nothing on it wakes the app"
	}
	return fault, "MARK " + strings.ToUpper(event.Printable(string(m.Phase))) + ": " + m.Why
}

// idleLook names a state of the device's idleness and colours it: states that
// hold apps back differ from those that let them run.
func idleLook(state string) (words string, ink style) {
	switch state {
	case "active", "inactive":
		return state, dim
	case "light-pre-idle":
		return "almost light idle", dim
	case "light-idle", "deep-idle":
		return strings.Replace(state, "-", " ", 1), text
	case "light-maintenance", "deep-maintenance":
		return "maintenance", talk
	case "idle-pending", "sensing", "locating":
		return "on its way to deep idle", dim
	}
	return event.Printable(state), dim
}

// idleWords say how idle the device is, and when that changes. They are empty
// for a device that has never dozed.
func (v deviceView) idleWords() (style, string) {
	idle := &v.fold.Idle
	if idle.State == "" {
		return dim, ""
	}
	words, ink := idleLook(idle.State)
	left := event.Clock(max(0, idle.Until-v.now))
	switch {
	case idle.Until == 0:
		return ink, "device " + words
	case words == "maintenance":
		return ink, words + " " + left + " left"
	case strings.HasSuffix(idle.State, "-idle") && ink == text:
		return ink, words + ", window in " + left
	}
	return ink, words + ", " + left + " left"
}

// bucketWords say how freely the system lets the app run off the screen.
func (v deviceView) bucketWords() (style, string) {
	b := &v.fold.Standby
	switch {
	case b.Bucket == "":
		return dim, ""
	case b.Allowlisted:
		return dim, "bucket " + event.Printable(b.Bucket) + ", allowlisted"
	case b.Bucket == "restricted":
		return woken, "bucket restricted"
	}
	return dim, "bucket " + event.Printable(b.Bucket)
}

// pushWords say what became of the last push, and why.
//
//	push 3 s ago, high: woke it
//	push 12 s ago, normal: queued
func (v deviceView) pushWords() (style, string) {
	p := &v.fold.Pushes
	switch {
	case p.Blocked():
		return fault, "PUSHES BLOCKED: " + orElse(event.Printable(p.Last.Why), "none is delivered any more")
	case p.Away != "":
		return fault, "NO PUSH COMES: " + event.Printable(p.Away)
	case p.Last.Phase == "" && p.Token != "" && v.fold.Start.Strategy == event.LocalPush:
		return dim, "local push provider runs"
	case p.Last.Phase == "" && p.Token != "":
		return dim, "push token …" + p.TokenTail()
	case p.Last.Phase == "":
		return dim, ""
	}
	ink, became := pushOutcome(&p.Last)
	words := "push " + ago(v.now-p.Last.At)
	if p.Last.Priority != "" {
		words += ", " + event.Printable(p.Last.Priority)
	}
	return ink, words + ": " + became
}

// pushOutcome is what a push has done, or why it has not.
func pushOutcome(p *event.PushRow) (style, string) {
	why := event.Printable(p.Why)
	switch p.Phase {
	case event.PushDelivered, event.PushHandled:
		if p.Woke {
			return talk, "woke it"
		}
		return talk, joinPhase("delivered", why)
	case event.PushExpired, event.PushDropped, event.PushRefused:
		return fault, joinPhase(string(p.Phase), why)
	}
	return woken, joinPhase(event.Printable(string(p.Phase)), why)
}

func joinPhase(phase, why string) string { return phase + unless(why == "", ", "+why) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// ago says how long ago something was, in a width that does not flicker.
func ago(d time.Duration) string {
	if d < time.Second {
		return "now"
	}
	return span(d.Truncate(time.Second)) + " ago"
}

// drawDeviceFacts writes the facts about the device into the rows of an area; one that
// is too long for a row is broken, if rows are left.
func (p area) drawDeviceFacts(facts []deviceFact) {
	row := 0
	for i, f := range facts {
		lines := wrap(f.words, p.w)
		spare := p.h - row - (len(facts) - i - 1)
		if len(lines) > max(1, spare) {
			lines = []string{f.words} // cut with an ellipsis
		}
		for _, line := range lines {
			p.line(row).put(f.ink, line)
			row++
		}
	}
}

// drawFactLine writes as many facts side by side as fit; the first is cut if it
// must be.
func drawFactLine(l *pen, facts []deviceFact) {
	l.put(facts[0].ink, facts[0].words)
	for _, f := range facts[1:] {
		l.gap(3).whole(f.ink, f.words)
	}
}

// rowsOfFacts is how many rows the facts want.
func rowsOfFacts(facts []deviceFact, w int) (rows int) {
	for _, f := range facts {
		rows += min(2, len(wrap(f.words, w)))
	}
	return rows
}

// factRows is how many rows of the device's panel the facts get: one is free,
// and the handset's screen gives up to spare.
func (v deviceView) factRows(p area, spare int) int {
	return min(rowsOfFacts(v.allFacts(), p.w), 1+max(0, spare))
}
