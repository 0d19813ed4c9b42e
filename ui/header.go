package ui

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drawHeader is the first line: who, registered, connected, how fast the
// clock runs, what time it is.
//
//	▌sleeptalk  alice@pbx.example.test   ● registered 41:18   ● tcp 198.51.100.5:5060   clock ×1   14:32:08
func (m *model) drawHeader(c *canvas) {
	r := rect{0, 0, m.w, 1}
	c.clear(r, onBar)
	l := pane{c, r}.line(0)
	wide := m.w >= 100
	l.put(open|onBar, "▌")
	if wide {
		l.put(keycap|onBar, "sleeptalk").gap(2)
	}
	l.right(text|onBar, " ").right(text|strong|onBar, m.clock(m.now))
	m.headerTags(l)
	m.headerLink(l)
	m.headerRate(l, wide)
	if m.w >= wideWidth && m.fold.Start.Speaker == "none" && !m.recording {
		l.right(dim|onBar, "audio: none   ")
	}
	m.headerSocket(l, wide)
	m.headerRegistration(l, wide)
	l.put(strong|onBar, m.address()).put(onBar, " ")
}

// address is the phone's own, without its scheme.
func (m *model) address() string {
	aor := m.fold.Start.AOR
	if len(aor) > 4 && aor[:4] == "sip:" {
		aor = aor[4:]
	}
	return aor
}

// headerTags are things that a tester must not overlook.
func (m *model) headerTags(l *pen) {
	l.right(onBar, "  ")
	if m.recording {
		l.right(fault|onBar, "● rec").right(onBar, "  ")
	}
	if m.paused {
		l.right(woken|inverted|strong|onBar, fmt.Sprintf(" paused, %d new ", m.behind)).right(onBar, "  ")
	}
	if len(m.fold.Start.Unfaithful) > 0 {
		l.right(fault|onBar, "UNFAITHFUL").right(onBar, "  ")
	}
	if n := m.fold.Counts.Errors; n > 0 {
		l.right(fault|onBar, strconv.Itoa(n)+plural(n, " error")).right(onBar, "  ")
	}
	if n := m.fold.Counts.Failed; n > 0 {
		l.right(fault|onBar, strconv.Itoa(n)+" failed").right(onBar, "  ")
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func (m *model) headerRate(l *pen, wide bool) {
	ink := dim
	if m.w < 60 && m.fold.Rate <= 1 {
		return
	}
	if m.fold.Rate > 1 {
		ink = woken | strong
	}
	rate := max(m.fold.Rate, 0)
	if rate == 0 {
		rate = 1
	}
	l.right(onBar, " ").right(ink|onBar, fmt.Sprintf("×%g", rate))
	switch {
	case wide && m.fold.Warped && m.fold.Rate == 1:
		l.right(dim|onBar, "clock warped, now ")
	case wide:
		l.right(dim|onBar, "clock ")
	}
	l.right(onBar, "  ")
}

func (m *model) headerSocket(l *pen, wide bool) {
	s := m.fold.Socket
	transport := cmp.Or(m.fold.Start.Transport, "tcp")
	if p := m.fold.Start.Protocol; p != "" {
		transport = p + " " + transport
	}
	word, ink := transport, fault
	switch {
	case s.Open():
		ink = talk
	case s.Phase == "connecting", s.Phase == "securing":
		ink = woken
	case s.Phase == "":
		word, ink = "no socket", dim
	case s.ByUs():
		word, ink = transport+" closed", dim
	default:
		word = transport + " " + s.Phase
	}
	if wide && s.Remote != "" {
		l.right(dim|onBar, " "+event.Printable(s.Remote)+"  ")
	} else {
		l.right(onBar, "  ")
	}
	l.right(ink|onBar, "● "+word)
}

func (m *model) headerRegistration(l *pen, wide bool) {
	b := m.fold.Registration
	word, ink, rest := "not registered", fault, ""
	switch {
	case b.Active:
		word, ink = "registered", talk
		if b.Expires > 0 {
			rest = countdown(m.refreshAt() - m.now)
		}
		if !wide {
			word = "reg"
		}
	case b.Phase == "sending" || b.Phase == "challenged":
		word, ink = "registering", woken
	case b.Phase == "":
		ink = dim
	case b.Status != 0:
		word = fmt.Sprintf("%s %d", b.Phase, b.Status)
	}
	if !wide && word == "not registered" {
		word = "not reg"
	}
	l.right(onBar, "  ").right(dim|onBar, rest).right(ink|onBar, "● "+word+" ")
	l.right(onBar, " ")
}
