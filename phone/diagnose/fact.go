package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxOthers and maxSignals keep the facts short.
const (
	maxOthers  = 2
	maxSignals = 4
)

// A Fact is something that did happen, of one subject: "socket", "wake", or
// somebody's name.
type Fact struct{ Subject, Text string }

// Facts says what did happen.
func (ev *Evidence) Facts() []Fact {
	var list []Fact
	add := func(subject, text string) {
		if text != "" {
			list = append(list, Fact{subject, event.Printable(text)})
		}
	}
	for i, who := range ev.others() {
		if i < maxOthers {
			add(who, ev.signals(who))
		}
	}
	if f, lost := ev.lostCall(); lost {
		add("lost", f.Lost)
		add("why", f.Why)
		add("mend", f.Mend)
	}
	add("link", ev.linkFact())
	add("socket", ev.socketFact())
	add("binding", ev.registrationFact())
	add("state", ev.stateFact())
	add("wake", ev.wakeFact())
	if ev.fold.Banner != nil {
		add("banner", fmt.Sprintf("%q since %s", ev.fold.Banner.Title, ev.stamp(ev.fold.Banner.At)))
	}
	add("call", ev.callFact())
	if ev.aboutAudio() {
		add("audio", ev.audioFact(ev.phone))
		for _, who := range ev.listeners() {
			add("audio", who+" "+ev.audioFact(who))
		}
	}
	if n := len(ev.fold.Problems); n > 0 {
		p := ev.fold.Problems[n-1]
		add("error", fmt.Sprintf("%s: %s", p.What, p.Detail))
	}
	return list
}

// lostCall is the finding of the last call that was lost since the last action.
func (ev *Evidence) lostCall() (f Finding, lost bool) {
	for r := range ev.effects(ev.phone) {
		if e, is := r.Event.(event.Loss); is {
			f, lost = Finding{Seq: r.Seq}, e.Phase != event.LossOver
		}
	}
	if !lost {
		return f, false
	}
	return FindingOf(ev.log, f.Seq, ev.stamp)
}

// signals is what somebody sent and received since the last action: the first
// message with the time, the others with how long after it.
func (ev *Evidence) signals(who string) string {
	var parts []string
	var first time.Duration
	for r := range ev.effects(who) {
		m, ok := r.Event.(event.Message)
		if !ok {
			continue
		}
		what := m.Method
		if m.Status != 0 {
			what = fmt.Sprintf("%d %s", m.Status, m.Reason)
		}
		way := "received"
		if m.Out {
			way = "sent"
		}
		when := "at " + ev.stamp(r.Device)
		if len(parts) > 0 {
			when = fmt.Sprintf("at +%.2f s", (r.Device - first).Seconds())
		} else {
			first = r.Device
		}
		parts = append(parts, fmt.Sprintf("%s %s %s", what, way, when))
	}
	if more := len(parts) - maxSignals; more > 0 {
		parts = append(parts[:maxSignals:maxSignals], fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

func (ev *Evidence) socketFact() string {
	s := ev.fold.Socket
	if s.Phase == "" {
		return "never opened"
	}
	text := string(s.Phase) + " since " + ev.stamp(s.At)
	if s.Error != "" {
		text += ": " + s.Error
	}
	if last := ev.lastBytes(); last != "" {
		text += ", " + last
	}
	return text
}

// lastBytes is what came last over the control socket.
func (ev *Evidence) lastBytes() string {
	for _, row := range slices.Backward(ev.fold.SIP) {
		if row.Message.Out {
			continue
		}
		what := row.Message.Method
		if row.Message.Status != 0 {
			what = fmt.Sprintf("%d to %s", row.Message.Status, row.Message.Method)
		}
		return fmt.Sprintf("last bytes %s (%s)", ev.stamp(row.At), what)
	}
	return ""
}

// registrationFact is how the phone stands with its server, or with all of them.
func (ev *Evidence) registrationFact() string {
	if !ev.fold.Several() {
		return ev.bindingFact(ev.fold.Registration)
	}
	var list []string
	for _, a := range ev.fold.Accounts {
		list = append(list, a.Name+": "+ev.bindingFact(a.Registration))
	}
	return strings.Join(list, "; ")
}

func (ev *Evidence) bindingFact(b event.Binding) string {
	switch {
	case b.Phase == "":
		return "never tried"
	case b.Active:
		if b.Expires == 0 {
			return fmt.Sprintf("registered at %s, as %s, while the connection stands", ev.stamp(b.At), bare(b.Contact))
		}
		return fmt.Sprintf("registered at %s, as %s, until %s", ev.stamp(b.At), bare(b.Contact), ev.stamp(b.Until))
	case b.Status != 0:
		return fmt.Sprintf("%s at %s, %d %s", b.Phase, ev.stamp(b.At), b.Status, b.Reason)
	}
	return strings.TrimSuffix(fmt.Sprintf("%s at %s, %s", b.Phase, ev.stamp(b.At), b.Reason), ", ")
}

// bare is a contact without the angle brackets and the parameters.
func bare(contact string) string {
	uri, _, _ := strings.Cut(strings.TrimPrefix(contact, "<"), ">")
	uri, _, _ = strings.Cut(uri, ";")
	return uri
}

func (ev *Evidence) stateFact() string {
	l := ev.fold.Life
	if l.State == "" {
		return ""
	}
	text := fmt.Sprintf("%s since %s", l.State, ev.stamp(l.Since))
	if l.State == event.Dead && l.Killed.Reason != "" {
		text += fmt.Sprintf(": %s %s", l.Killed.Reason, l.Killed.Code)
	}
	return strings.TrimSpace(text)
}

func (ev *Evidence) wakeFact() string {
	var text string
	w, k := ev.fold.LastWake(), ev.fold.Keepalive
	switch {
	case w == nil:
		text = "none"
	case ev.acted && w.At < ev.at:
		text = fmt.Sprintf("none since; the last by %s at %s", w.Cause, ev.stamp(w.At))
	default:
		text = fmt.Sprintf("by %s at %s", strings.TrimSpace(string(w.Cause)+" "+w.What), ev.stamp(w.At))
		if w.Result != event.ResultNone {
			text += ", " + string(w.Result)
		}
	}
	switch {
	case k.Refused != "":
		text += "; keepalive refused: " + k.Refused
	case k.Installed && k.Due > ev.now:
		text += fmt.Sprintf("; the next is keepalive, in %.0f s at most", (k.Due - ev.now).Round(time.Second).Seconds())
	}
	return text
}

func (ev *Evidence) callFact() string {
	c := ev.fold.Call()
	if c == nil && len(ev.fold.Recent) > 0 {
		c = &ev.fold.Recent[len(ev.fold.Recent)-1]
	}
	if c == nil {
		return "none"
	}
	text := fmt.Sprintf("%s, %s since %s", c.Who(), c.Phase, ev.stamp(c.At))
	if c.Ended != 0 {
		text = fmt.Sprintf("%s, ended at %s", c.Who(), ev.stamp(c.Ended))
	}
	if c.Status != 0 {
		text += fmt.Sprintf(", %d %s", c.Status, c.Reason)
	}
	if c.By != "" {
		text += " by " + c.By
	}
	return text
}

// aboutAudio reports whether audio is what failed.
func (ev *Evidence) aboutAudio() bool {
	return slices.Contains([]string{"audio", "rtp", "heard"}, ev.head)
}

// listeners are the others who have had audio.
func (ev *Evidence) listeners() []string {
	var list []string
	for r := range ev.from(0) {
		_, rtp := r.Event.(event.RTP)
		if rtp && r.Phone != ev.phone && !slices.Contains(list, r.Phone) {
			list = append(list, r.Phone)
		}
	}
	return list[:min(len(list), maxOthers)]
}

// audioFact is what somebody's audio was like.
func (ev *Evidence) audioFact(who string) string {
	a := ev.audio(who)
	text := fmt.Sprintf("sent %d packets, received %d", a.rtp.Sent, a.rtp.Received)
	if a.rtp.Lost > 0 {
		text += fmt.Sprintf(", lost %d", a.rtp.Lost)
	}
	if a.rtp.Refused > 0 {
		text += fmt.Sprintf(", refused %d", a.rtp.Refused)
	}
	if a.heard != nil {
		what, detail := a.heard.Text()
		return strings.TrimSuffix(fmt.Sprintf("%s, %s (%s)", text, what, detail), " ()")
	}
	return text + ", heard nothing that is known"
}

// An earful is what somebody has received in the call that was last.
type earful struct {
	rtp   event.RTP
	heard *event.Heard
}

func (ev *Evidence) audio(who string) earful {
	var a earful
	for r := range ev.of(who, 0) {
		switch e := r.Event.(type) {
		case event.Media:
			if e.Phase == event.MediaStart && e.Call != a.rtp.Call {
				a = earful{rtp: event.RTP{Call: e.Call}}
			}
		case event.RTP:
			a.rtp = e
		case event.Heard:
			a.heard = &e
		}
	}
	return a
}
