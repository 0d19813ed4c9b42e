package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// meterWidth is how many snapshots a meter shows: two seconds at ten a second.
const meterWidth = 20

// sound is the audio of the call that is shown.
func (v callView) sound() event.Sound {
	if c := v.call(); c != nil {
		return v.fold.SoundOf(c.ID)
	}
	return v.fold.Sound()
}

// rowMic is what is said. A tick says that it was sent within the last second.
func (v callView) rowMic(l *pen) {
	v.drawMeter(l, "mic", func(e event.Levels) float64 { return e.Mic })
	c, sound, card := v.call(), v.sound(), v.fold.Card.Microphone
	switch src := v.fold.Start.Mic; {
	case c != nil && (c.Held || c.HeldByPeer):
		l.whole(dim, "on hold, nothing is sent")
	case !sound.Counted:
		l.whole(dim, "no media yet")
	case v.cardTrouble(l, card):
	case sound.RTP.DeadOut > 0:
		l.put(fault, "unheard for "+event.Round(sound.RTP.DeadOut.D()))
	case sound.Refuses():
		l.put(fault, "refused by this computer")
	case !sound.Sends():
		l.whole(dim, "nothing is sent")
	case c != nil && c.Muted:
		l.put(woken|strong, "muted")
	case usesCard(src) && card.Phase == "":
		l.whole(dim, "silence, the microphone is not open yet")
	case usesCard(src) && card.Phase == event.SoundOff:
		l.whole(talk, "✓ sent") // what, only the log says
	case src != "" && l.left() > 30:
		l.put(dim, "speaking ").put(text, event.Printable(src))
	default:
		l.whole(talk, "✓ sent")
	}
}

// usesCard reports whether a source is the sound card: device, or device and its name.
func usesCard(src string) bool { return strings.HasPrefix(src, "device") }

// rowEar is what is heard. A tick says that something has come within the last second.
func (v callView) rowEar(l *pen) {
	v.drawMeter(l, "ear", func(e event.Levels) float64 { return e.Ear })
	c, sound := v.call(), v.sound()
	switch {
	case c != nil && (c.Held || c.HeldByPeer && !sound.Hears()):
		l.whole(dim, "on hold")
	case !sound.Counted:
		l.whole(dim, "no media yet")
	case v.cardTrouble(l, v.fold.Card.Speaker):
	case sound.RTP.DeadIn > 0:
		l.put(fault, "nothing for "+event.Round(sound.RTP.DeadIn.D()))
	case sound.RTP.UnknownIn > 0:
		l.put(woken, "silent or dead, unknown for "+event.Round(sound.RTP.UnknownIn.D()))
	case !sound.Hears():
		l.whole(dim, "nothing comes")
	default:
		v.drawHeard(l)
	}
}

// drawHeard is what was recognised last.
func (v callView) drawHeard(l *pen) {
	if n := len(v.fold.Heard); n > 0 {
		what, detail := v.fold.Heard[n-1].Text()
		if words := "✓ " + event.Printable(what); ansi.StringWidth(words) <= l.left() {
			l.put(talk, words).whole(dim, " "+event.Printable(detail))
			return
		}
	}
	l.whole(talk, "✓ heard")
}

// cardTrouble says what is the matter with the sound card in a direction, if anything is.
func (v callView) cardTrouble(l *pen, card event.SoundCard) bool {
	words := "no " + string(card.Way)
	switch {
	case card.Phase == "" || card.Phase == event.SoundOff || card.Works():
		return false
	case card.Phase == event.SoundSilent:
		words = "only zeros"
	}
	l.put(fault, words)
	if card.Why != "" && l.left() > 20 {
		l.put(dim, ": ").put(text, event.Printable(card.Why))
	}
	return true
}

// levels are those of the call under the bar: the phone has one microphone and one ear, for
// the call that the user talks in.
func (v callView) levels() []event.Levels {
	if t := v.talking(); t != nil && t != v.call() {
		return nil
	}
	return v.fold.Levels
}

func (v callView) drawMeter(l *pen, name string, of func(event.Levels) float64) {
	levels := v.levels()
	n := min(meterWidth, max(8, l.left()/3))
	last := -96.0
	l.put(dim, name+" ")
	for i := range n {
		j := len(levels) - n + i
		if j < 0 {
			l.put(faint, v.glyphs.levels()[0])
			continue
		}
		last = of(levels[j])
		ink := talk
		if last <= -60 {
			ink = faint
		}
		l.put(ink, v.glyphs.meter(last))
	}
	l.put(text, fmt.Sprintf("  %7s", decibels(last))).gap(2)
}

func (v callView) rowPackets(l *pen) {
	sound := v.sound()
	if !sound.Counted {
		l.put(dim, "rtp no media yet")
		return
	}
	r := &sound.RTP
	l.put(dim, "tx ").put(text, thousands(r.Sent)).put(dim, "  rx ").put(text, thousands(r.Received))
	l.whole(dim, "  lost ").whole(lossInk(r), fmt.Sprintf("%d (%.1f %%)", r.Lost, r.LossPct))
	l.whole(dim, "  late ").whole(text, fmt.Sprint(r.Late))
	if r.Unplayed > 0 {
		l.whole(dim, "  card late ").whole(text, fmt.Sprint(r.Unplayed))
	}
	if r.Unsent > 0 {
		l.whole(dim, "  refused here ").whole(fault, fmt.Sprint(r.Unsent))
	}
	if r.Foreign > 0 {
		l.whole(dim, "  no audio ").whole(fault, fmt.Sprint(r.Foreign))
	}
	if r.Unopened > 0 {
		l.whole(dim, "  not opened ").whole(fault, fmt.Sprint(r.Unopened))
	}
}

func lossInk(r *event.RTP) style {
	if r.LossPct >= 1 {
		return fault
	}
	return text
}

func (v callView) rowJitter(l *pen) {
	sound := v.sound()
	if !sound.Counted {
		return
	}
	r := &sound.RTP
	l.put(dim, "jitter ").put(text, millis(r.Jitter)).put(dim, " max ").put(text, strings.TrimSuffix(millis(r.JitterMax), " ms"))
	if r.MOS > 0 {
		l.whole(dim, "  MOS ").whole(text, fmt.Sprintf("%.1f", r.MOS))
	}
	if md := sound.Media; md.Codec != "" {
		l.gap(3).whole(text, event.Printable(md.Codec)+" "+span(md.PTime.D()))
	}
	v.ice(l)
}

// ice is how the call stands by ICE, if it has any.
func (v callView) ice(l *pen) {
	switch e := v.sound().ICE; e.Phase {
	case "":
	case event.ICEFailed, event.ICELost:
		l.gap(3).whole(fault, "ice "+string(e.Phase))
	default:
		l.gap(3).whole(dim, "ice "+event.Printable(string(e.Phase)))
	}
}

func millis(d event.Millis) string {
	return fmt.Sprintf("%.1f ms", float64(d.D())/float64(time.Millisecond))
}

// rowPacketsAll is all that RTP says, for a line with room.
func (v callView) rowPacketsAll(l *pen) {
	v.rowPackets(l)
	sound := v.sound()
	if !sound.Counted {
		return
	}
	r := &sound.RTP
	if r.MOS > 0 { // before the rest: it sums it up
		l.whole(dim, fmt.Sprintf("  MOS %.1f", r.MOS))
	}
	l.whole(dim, "  jitter ").whole(text, millis(r.Jitter)).whole(dim, " max "+millis(r.JitterMax))
	if r.FarOf > 0 {
		l.whole(dim, fmt.Sprintf("  far end lost %d (%.1f %%)", r.FarLost, r.FarLossPct))
	}
	if mos := r.FarXR.MOSLQ; mos > 0 {
		l.whole(dim, fmt.Sprintf("  far end MOS %.1f", mos))
	}
}
