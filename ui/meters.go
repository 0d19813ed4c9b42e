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

func (m *model) rowMic(l *pen) {
	m.drawMeter(l, "mic", func(e event.Levels) float64 { return e.Mic })
	if c := m.fold.Call(); c != nil && c.Muted {
		l.put(woken|strong, "muted")
		return
	}
	if src := m.fold.Start.Mic; src != "" && l.left() > 30 {
		l.put(dim, "speaking ").put(text, event.Printable(src))
	} else if m.fold.RTPSeen && m.fold.RTP.Sent > 0 {
		l.whole(talk, "✓ sent")
	}
}

func (m *model) rowEar(l *pen) {
	m.drawMeter(l, "ear", func(e event.Levels) float64 { return e.Ear })
	switch n := len(m.fold.Heard); {
	case n > 0:
		what, detail := m.fold.Heard[n-1].Text()
		if words := "✓ " + event.Printable(what); ansi.StringWidth(words) <= l.left() {
			l.put(talk, words).whole(dim, " "+event.Printable(detail))
			return
		}
		l.whole(talk, "✓ heard")
	case m.fold.RTPSeen && m.fold.RTP.Received > 0:
		l.whole(talk, "✓ heard")
	default:
		l.whole(dim, "no media yet")
	}
}

func (m *model) drawMeter(l *pen, name string, of func(event.Levels) float64) {
	levels := m.fold.Levels
	n := min(meterWidth, max(8, l.left()/3))
	last := -96.0
	l.put(dim, name+" ")
	for i := range n {
		j := len(levels) - n + i
		if j < 0 {
			l.put(faint, m.glyphs.levels()[0])
			continue
		}
		last = of(levels[j])
		ink := talk
		if last <= -60 {
			ink = faint
		}
		l.put(ink, m.meter(last))
	}
	l.put(text, fmt.Sprintf("  %7s", decibels(last))).gap(2)
}

func (m *model) rowPackets(l *pen) {
	if !m.fold.RTPSeen {
		l.put(dim, "rtp no media yet")
		return
	}
	r := &m.fold.RTP
	l.put(dim, "tx ").put(text, thousands(r.Sent)).put(dim, "  rx ").put(text, thousands(r.Received))
	l.whole(dim, "  lost ").whole(lossInk(r), fmt.Sprintf("%d (%.1f %%)", r.Lost, r.LossPct))
	l.whole(dim, "  late ").whole(text, fmt.Sprint(r.Late))
}

func lossInk(r *event.RTP) style {
	if r.LossPct >= 1 {
		return fault
	}
	return text
}

func (m *model) rowJitter(l *pen) {
	if !m.fold.RTPSeen {
		return
	}
	r := &m.fold.RTP
	l.put(dim, "jitter ").put(text, millis(r.Jitter)).put(dim, " max ").put(text, strings.TrimSuffix(millis(r.JitterMax), " ms"))
	if r.MOS > 0 {
		l.whole(dim, "  MOS ").whole(text, fmt.Sprintf("%.1f", r.MOS))
	}
	if md := m.fold.Media; md.Codec != "" {
		l.gap(3).whole(text, event.Printable(md.Codec)+" "+span(md.PTime.D()))
	}
}

func millis(d event.Millis) string {
	return fmt.Sprintf("%.1f ms", float64(d.D())/float64(time.Millisecond))
}

// rowPacketsAll is all that RTP says, for a line with room.
func (m *model) rowPacketsAll(l *pen) {
	m.rowPackets(l)
	if !m.fold.RTPSeen {
		return
	}
	r := &m.fold.RTP
	l.whole(dim, "  jitter ").whole(text, millis(r.Jitter)).whole(dim, " max "+millis(r.JitterMax))
	if r.MOS > 0 {
		l.whole(dim, "  MOS ").whole(text, fmt.Sprintf("%.1f", r.MOS))
	}
}
