package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// sound is the audio of the call that is shown.
func (v callView) sound() event.Sound {
	if c := v.call(); c != nil {
		return v.fold.SoundOf(c.ID)
	}
	return v.fold.Sound()
}

// micWords say whether what is said is heard, as far as anybody knows.
func (v callView) micWords(l *pen, c *event.CallRow, s soundStrip) {
	sound, card, src := v.sound(), v.fold.Card.Microphone, v.fold.Start.Mic
	loudest, known := s.loudest(micOf)
	switch {
	case c != nil && (c.Held || c.HeldByPeer):
		l.put(dim, "on hold")
	case !sound.Counted:
		l.put(dim, "no media yet")
	case v.cardTrouble(l, card):
	case sound.RTP.DeadOut > 0:
		v.of(l, c, fault|strong, "╳ ", " hears nothing")
	case sound.Refuses():
		l.put(fault, "refused by this computer")
	case !sound.Sends():
		l.put(dim, "nothing is sent")
	case c != nil && c.Muted:
		l.put(woken|strong, "muted")
	case usesCard(src) && card.Phase == "":
		l.put(dim, "no microphone yet")
	case sound.RTP.FarOf == 0:
		l.put(dim, "sent, no report yet")
	case !picture.FarReports(sound, v.now):
		l.put(woken, "no report for "+span(v.farAge(sound)))
	case known && loudest <= inaudible:
		v.of(l, c, woken, "", " gets silence")
	default:
		v.of(l, c, talk, "✓ ", " hears us")
	}
}

// of writes words with the name of the other side of a call, which is cut so that they fit.
func (v callView) of(l *pen, c *event.CallRow, ink style, before, after string) {
	who := "far end"
	if c != nil {
		who = v.scene.name(c)
	}
	l.put(ink, before+middle(who, max(4, l.left()-ansi.StringWidth(before+after)))+after)
}

// farAge is how old the far end's last report is.
func (s scene) farAge(sound event.Sound) time.Duration {
	return (sound.RTP.FarAge.D() + max(0, s.now-sound.CountedAt())).Truncate(time.Second)
}

// usesCard reports whether a source is the sound card: device, or device and its name.
func usesCard(src string) bool { return strings.HasPrefix(src, "device") }

// earWords say whether the far end is heard.
func (v callView) earWords(l *pen, c *event.CallRow, s soundStrip) {
	sound := v.sound()
	loudest, known := s.loudest(earOf)
	switch {
	case c != nil && (c.Held || c.HeldByPeer && !sound.Hears()):
		l.put(dim, "on hold")
	case !sound.Counted:
		l.put(dim, "no media yet")
	case v.cardTrouble(l, v.fold.Card.Speaker):
	case sound.RTP.DeadIn > 0:
		l.put(fault|strong, "╳ we hear nothing")
	case sound.RTP.UnknownIn > 0:
		l.put(woken, "silent or dead, "+span(sound.RTP.UnknownIn.D()))
	case !sound.Hears():
		l.put(dim, "nothing comes")
	case known && loudest <= inaudible:
		l.put(woken, "silence comes")
	case known && s.lately(earOf) <= inaudible:
		l.put(dim, "silent now")
	default:
		v.of(l, c, talk, "✓ we hear ", "")
	}
}

// rowSources are what is said, and what was recognised last of what is heard.
func (v callView) rowSources(l *pen) {
	if src := v.fold.Start.Mic; src != "" && src != "none" {
		l.fact("speaking", text, middle(event.Printable(src), l.left()/2))
	}
	n := len(v.fold.Heard)
	if t := v.talking(); n == 0 || t == nil || t != v.call() {
		return
	}
	what, detail := v.fold.Heard[n-1].Text()
	l.whole(text, event.Printable(what)).whole(dim, " "+event.Printable(detail))
}

// cardTrouble says what is the matter with the sound card in a direction, if anything is.
func (v callView) cardTrouble(l *pen, card event.SoundCard) bool {
	words := troubleOf(card)
	if words != "" {
		l.put(fault, words)
	}
	return words != ""
}

// troubleOf is what is the matter with the sound card in a direction; "" if nothing is.
func troubleOf(card event.SoundCard) string {
	switch {
	case card.Phase == "" || card.Phase == event.SoundOff || card.Works():
		return ""
	case card.Phase == event.SoundSilent:
		return "only zeros"
	}
	return "no " + string(card.Way)
}

// cardWhy is what is the matter with the sound card, and why: as a rule the same in both
// directions.
func (s scene) cardWhy() string {
	mic, ear := s.fold.Card.Microphone, s.fold.Card.Speaker
	words, why := troubleOf(mic), mic.Why
	if other := troubleOf(ear); other != "" {
		words, why = strings.TrimPrefix(words+", "+other, ", "), cmp.Or(why, ear.Why)
	}
	if words == "" || why == "" {
		return ""
	}
	return words + ": " + event.Printable(why)
}

// fact writes a number with its name before it, if there is room for both.
func (l *pen) fact(name string, ink style, value string) *pen {
	if ansi.StringWidth(name)+ansi.StringWidth(value)+3 <= l.left() {
		l.put(dim, name+" ").put(ink, value).gap(2)
	}
	return l
}

// rowNumbers is what RTP says, the most important first.
func (v callView) rowNumbers(l *pen) {
	sound := v.sound()
	if !sound.Counted {
		l.put(dim, "rtp no media yet")
		return
	}
	r := &sound.RTP
	if l.left() > 60 {
		l.put(dim, "we").at(stripLabel)
	}
	l.fact("tx", text, thousands(r.Sent)).fact("rx", text, thousands(r.Received))
	l.fact("lost", lossInk(r), fmt.Sprintf("%d (%.1f %%)", r.Lost, r.LossPct))
	if r.MOS > 0 { // before the rest: it sums it up
		l.fact("MOS", text, fmt.Sprintf("%.1f", r.MOS))
	}
	for _, odd := range []struct {
		name string
		ink  style
		n    uint64
	}{{"not played", text, r.Unplayed}, {"refused here", fault, r.Unsent}, {"no audio", fault, r.Foreign}, {"not opened", fault, r.Unopened}} {
		if odd.n > 0 {
			l.fact(odd.name, odd.ink, fmt.Sprint(odd.n))
		}
	}
	l.fact("late", text, fmt.Sprint(r.Late)).fact("jitter", text, millis(r.Jitter)).fact("max", text, millis(r.JitterMax))
	v.ice(l)
}

func lossInk(r *event.RTP) style {
	if r.LossPct >= 1 {
		return fault
	}
	return text
}

// ice is how the call stands by ICE, if it has any.
func (v callView) ice(l *pen) {
	switch e := v.sound().ICE; e.Phase {
	case "":
	case event.ICEFailed, event.ICELost, event.ICERestarting:
		l.fact("ice", fault, string(e.Phase))
	default:
		l.fact("ice", dim, event.Printable(string(e.Phase)))
	}
}

func millis(d event.Millis) string {
	return fmt.Sprintf("%.1f ms", float64(d.D())/float64(time.Millisecond))
}
