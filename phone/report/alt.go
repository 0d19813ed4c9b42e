package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// mostTold is how many things of a kind are told of a drawing; how many more there are is
// said.
const mostTold = 6

// A telling is a drawing in words, for those who do not see it.
type telling struct{ sentences []string }

func (t *telling) say(format string, args ...any) {
	t.sentences = append(t.sentences, fmt.Sprintf(format, args...))
}

// list says several things of one kind; nothing, if there are none.
func (t *telling) list(head string, things []string) {
	if len(things) == 0 {
		return
	}
	more := ""
	if n := len(things) - mostTold; n > 0 {
		things, more = things[:mostTold], fmt.Sprintf("; and %d more", n)
	}
	t.say("%s: %s%s.", head, strings.Join(things, "; "), more)
}

func (t *telling) String() string { return strings.Join(t.sentences, " ") }

// lanesInWords tells what the lanes show in a part of the time: the lost calls first.
func lanesInWords(t *picture.Timeline, v laneView) string {
	s := new(telling)
	s.say("Device time %s to %s.", event.Stamp(max(0, v.shown.from)), event.Stamp(max(0, v.shown.to)))
	for _, l := range v.shaded {
		s.say("Shaded from %s to %s: %s.", event.Stamp(l.from), event.Stamp(l.to), strings.TrimSuffix(l.label, "."))
	}
	var lost []string
	for _, l := range lostIn(t, v.shown) {
		lost = append(lost, lossInWords(l))
	}
	s.list("LOST", lost)
	s.list("App", runsIn(t.App, v.shown, func(r picture.Run[event.Lifecycle]) string { return picture.LookOf(r.State).Word }))
	s.list("Device", runsIn(t.Idle, v.shown, func(r picture.Run[picture.Idleness]) string { return string(r.State) }))
	var wakes []string
	for _, w := range picture.Between(t.Wakes, v.shown.from, v.shown.to+1) {
		wakes = append(wakes, wakeInWords(w))
	}
	s.list("Woken "+words.Count(len(wakes), "time"), wakes)
	s.list("Notifications", pinsIn(t.Posts, v.shown))
	s.list("Pushes", pinsIn(t.Pushes, v.shown))
	s.list("Control socket", runsIn(t.Socket, v.shown, func(picture.Run[picture.SocketState]) string { return "open" }))
	s.list("Cut off from the server", runsIn(t.Cut, v.shown, func(r picture.Run[picture.CutState]) string { return picture.CutWord(r.Label) }))
	s.list("Network", runsIn(t.Joined, v.shown, func(r picture.Run[picture.NetworkName]) string { return string(r.State) }))
	broken := picture.Lane[picture.FaultName]{Runs: slices.DeleteFunc(slices.Clone(t.Broken.Runs), func(r picture.Run[picture.FaultName]) bool { return r.State == picture.NATSetting })}
	s.list("Faults", runsIn(broken, v.shown, func(r picture.Run[picture.FaultName]) string { return string(r.State) }))
	s.list("Broken", pinsIn(t.Faults, v.shown))
	s.list("Registration", pinsIn(t.Bindings, v.shown))
	s.list("Call", runsIn(t.Call, v.shown, func(r picture.Run[picture.CallState]) string { return callWord(r.State) + " " + r.Label }))
	s.list("Audio", runsIn(t.Audio, v.shown, func(r picture.Run[picture.AudioState]) string { return cmp.Or(r.Label, "flowing") }))
	if t.Soundless() {
		s.say("Microphone and ear: %s.", picture.NoSound)
	}
	dead := func(picture.Run[picture.Fate]) string { return "nothing" }
	s.list("Heard", runsIn(picture.Lane[picture.Fate]{Runs: t.DeadIn(v.shown.from, v.shown.to)}, v.shown, dead))
	s.list("Arrived at the far end", runsIn(picture.Lane[picture.Fate]{Runs: t.DeadOut(v.shown.from, v.shown.to)}, v.shown, dead))
	if n := len(picture.Between(t.Wire, v.shown.from, v.shown.to+1)); n > 0 {
		s.say("%s.", words.Count(n, "message"))
	}
	return s.String()
}

// lossInWords tells of a lost call: where, since when it could not come, and what the caller
// got.
func lossInWords(l picture.LossPin) string {
	text := fmt.Sprintf("call from %s at %s, %s", cmp.Or(l.Label, "somebody"), event.Stamp(l.At), placeWord(l.Where))
	if !l.Certain() {
		text = "likely, " + text
	}
	if l.CutAt > 0 {
		text += fmt.Sprintf(", unreachable since %s", event.Stamp(l.CutAt))
		if l.Idle > 0 {
			text += fmt.Sprintf(" after %.0f s of silence", l.Idle.Seconds())
		}
	}
	if l.Outcome != "" {
		text += ", the caller got " + l.Outcome
		if l.Outcome == gaveUp {
			text = strings.TrimSuffix(text, "got "+l.Outcome) + l.Outcome
		}
	}
	return text
}

// gaveUp is the outcome of a call that its caller ended.
const gaveUp = "gave up"

// placeWord is where a call was lost.
func placeWord(p event.Place) string {
	switch p {
	case event.AtServer:
		return "before it left the server"
	case event.AtLink:
		return "on the link"
	case event.AtApp:
		return "in the app, before it rang"
	}
	return "after it was answered"
}

func wakeInWords(w picture.WakePin) string {
	text := fmt.Sprintf("%s at %s", w.Label, event.Stamp(w.At))
	if w.Wrong() {
		text += ", late or unexplained"
	}
	return text
}

// callWord is the word on a run of the call lane.
func callWord(s picture.CallState) string {
	switch s {
	case picture.Up:
		return "up"
	case picture.Frozen:
		return "up, the app suspended"
	}
	return "ringing"
}

// runsIn tells of the runs in a part of the time.
func runsIn[S comparable](l picture.Lane[S], s stretch, name func(picture.Run[S]) string) (list []string) {
	for _, r := range l.Runs {
		if r.To < s.from || r.From > s.to {
			continue
		}
		if from, to := event.Stamp(max(r.From, s.from, 0)), event.Stamp(min(r.To, s.to)); from != to {
			list = append(list, fmt.Sprintf("%s from %s to %s", strings.TrimSpace(name(r)), from, to))
		} else {
			list = append(list, fmt.Sprintf("%s at %s", strings.TrimSpace(name(r)), from))
		}
	}
	return list
}

// pinsIn tells of the pins in a part of the time.
func pinsIn[K ~string](pins []picture.Pin[K], s stretch) (list []string) {
	for _, p := range picture.Between(pins, s.from, s.to+1) {
		text := string(p.Kind)
		if p.Label != "" {
			text += " (" + p.Label + ")"
		}
		list = append(list, text+" at "+event.Stamp(p.At))
	}
	return list
}

// ladderInWords tells what the ladder shows. The messages are on the page as text, too.
func ladderInWords(v ladderView) string {
	var out, in, pings int
	lists := map[string][]string{}
	note := func(list, text string) { lists[list] = append(lists[list], text) }
	for i := range v.rows {
		r := &v.rows[i]
		if r.Rung == nil {
			if r.Asleep > 0 {
				note("Asleep while nothing passed", fmt.Sprintf("%s from %s", delta(r.Asleep), stamp(r.Before)))
			}
			continue
		}
		pings += r.Folded
		switch {
		case r.Kind == picture.RungMessage && r.Out():
			out++
		case r.Kind == picture.RungMessage:
			in++
		}
		if list, text := rowInWords(r); text != "" {
			note(list, text)
		}
		if r.Wake != 0 && r.Kind == picture.RungMessage {
			note("Arrived while the app was suspended, and woke it", r.Title+" at "+stamp(r.At))
		}
	}
	s := new(telling)
	s.say("%s between %s and %s: %d sent, %d received.", words.Count(out+in, "message"), lifeline(v.Ladder), cmp.Or(v.Remote, "the server"), out, in)
	for _, head := range []string{
		"LOST HERE", "LOST HERE?", "Never arrived", "Forgotten by the network", "Held in the kernel", "Arrived while the app was suspended, and woke it", "Asleep while nothing passed",
		"Connections", "Notifications", "Audio", "Faults", "Problems", "Of others",
	} {
		s.list(head, lists[head])
	}
	if pings > 0 {
		s.say("%s.", words.Count(pings, "keepalive"))
	}
	if v.Over > 0 {
		s.say("%d more are in events.jsonl.", v.Over)
	}
	return s.String()
}

// rowInWords is what there is to tell of a row of the ladder, and the list that it belongs to;
// "": nothing.
func rowInWords(r *picture.Row) (list, text string) {
	f, at := r.Figure(), " at "+stamp(r.At)
	switch {
	case r.Lost():
		list, text = "Never arrived", f.Label.Text+at+", cut at the link ("+event.Printable(r.Why)+")"
	case r.Kind == picture.RungCut:
		list, text = "Forgotten by the network", r.PortWord()+at
		if f.Left.Text != "" {
			text += ", " + f.Left.Text
		}
	case r.Kind == picture.RungHeld:
		list, text = "Held in the kernel", f.Label.Text+at+", "+r.HeldWords()
	case r.Kind == picture.RungSocket:
		list, text = "Connections", strings.TrimSpace(f.Label.Text+joined(f.Right))+at
		if f.Connected != "" {
			text += " from " + f.Connected
		}
	case r.Kind == picture.RungCard:
		list, text = "Notifications", r.Title+at
	case r.Kind == picture.RungMedia:
		list, text = "Audio", f.Label.Text+at
	case r.Kind == picture.RungFault:
		list, text = "Faults", joined(f.Right)+at
	case r.Kind == picture.RungProblem:
		list, text = "Problems", strings.TrimPrefix(joined(f.Right), "╳ ")+at
	case r.Kind == picture.RungFar:
		way := " from "
		if r.To == picture.Far {
			way = " to "
		}
		list, text = "Of others", r.Title+way+r.Far.Who+at
	}
	if f.LostHere {
		list, text = f.Lost(), cmp.Or(text, r.Title+at)
	}
	return list, text
}

// joined is words as text.
func joined(list []picture.Word) string {
	var b strings.Builder
	for _, w := range list {
		b.WriteString(w.Text)
	}
	return b.String()
}
