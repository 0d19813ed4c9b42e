package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A timersView is the panel of the timers.
type timersView struct{ scene }

func (v timersView) name() string    { return "timers" }
func (v timersView) note(int) string { return "" }

// draw shows the keepalive and the refresh of the registration, as bars that
// drain to zero.
//
//	keepalive  600 s       07:51
//	━━━━━━━━━━━━━━━━━━━━━━──────
//	last 14:29:59 pong 41 ms ok
func (v timersView) draw(p area) {
	full := p.h >= 7
	row := 0
	step := 2
	if full {
		step = 4
	}
	v.drawKeepalive(area{p.c, rect{p.x, p.y, p.w, min(p.h, step)}}, full)
	row += step
	if p.h > row {
		v.drawRegistration(area{p.c, rect{p.x, p.y + row, p.w, min(p.h-row, step)}}, full)
	}
	switch c := v.ringing(); {
	case full && c != nil && c.Until > 0:
		v.drawRinging(area{p.c, rect{p.x, p.y + p.h - 2, p.w, 2}}, c)
	case full:
		v.drawCounts(p.line(p.h - 1))
	}
}

// drawRinging is for how long a call may ring yet, as its caller has set.
func (v timersView) drawRinging(p area, c *event.CallRow) {
	whole := c.Until - c.At
	l := p.line(0).right(strong, countdown(c.Until-v.now))
	may := " may ring " + seconds(whole)
	l.put(text, middle(v.scene.name(c), l.left()-len(may)-1)).put(dim, may)
	p.drawThread(1, talk, c.Until-v.now, whole)
}

func (v timersView) drawKeepalive(p area, full bool) {
	k := &v.fold.Keepalive
	l := p.line(0).put(text, "keepalive").gap(2)
	switch {
	case k.Installed:
		if full {
			l.put(dim, seconds(k.Timeout))
		}
		l.right(strong, countdown(k.Due-v.now))
		p.drawThread(1, open, k.Due-v.now, k.Timeout)
	case k.Refused != "":
		l.put(fault, "refused")
		p.line(1).put(dim, event.Printable(k.Refused))
	default:
		l.right(dim, "off")
		p.drawThread(1, faint, 0, 1)
	}
	if !full || k.Ticks == 0 {
		return
	}
	l = p.line(2).put(dim, "last "+v.clock(k.LastTick)+" ")
	switch {
	case k.Cut && !k.Ponged:
		l.put(fault, "cut, no pong")
	case k.Ponged:
		l.put(text, "pong "+span(k.RTT)).whole(talk, " ok")
	case v.now-k.LastTick > 10*time.Second: // RFC 5626 §4.4.1: a pong takes at most 10 s
		l.put(fault, "no pong")
	default:
		l.put(dim, "no pong yet")
	}
}

// seconds writes a timer's length as SIP and the platform do.
func seconds(d time.Duration) string { return strconv.Itoa(int(d/time.Second)) + " s" }

func (v timersView) drawRegistration(p area, full bool) {
	b := &v.fold.Registration
	l := v.worst(p.line(0).put(text, "register"))
	switch {
	case b.Active && b.Expires == 0: // for as long as the connection stands
		p.drawThread(1, open, 1, 1)
	case b.Active && v.now > b.Until:
		l.gap(3).right(fault, "expired")
		p.drawThread(1, faint, 0, 1)
	case b.Active:
		// A long name leaves no room for the length: what is left of it counts more.
		l.gap(1).at(len("keepalive  ")).right(strong, countdown(v.refreshAt()-v.now))
		if s := seconds(b.Expires); full && l.left() > len(s) {
			l.put(dim, s)
		}
		p.drawThread(1, open, v.refreshAt()-v.now, v.refreshAt()-(b.Until-b.Expires))
	case b.Phase == "":
		l.gap(3).right(dim, "not yet")
		p.drawThread(1, faint, 0, 1)
	default:
		if retry := retryIn(&v.fold.Online, v.now); !full && retry != "" {
			l.right(woken, retry).right(fault, " ")
		}
		l.gap(1).right(fault, string(b.Phase))
		p.drawThread(1, faint, 0, 1)
	}
	if full && b.Phase != "" {
		v.registrationWords(p.line(2), p.line(3))
	}
}

func (v timersView) registrationWords(l, second *pen) {
	b := &v.fold.Registration
	l.put(dim, "last "+v.clock(b.At)+" ")
	switch {
	case b.Phase == event.RegistrationSending:
		l.put(woken, "sent, no answer")
	case b.Active && b.Status != 0:
		l.put(text, fmt.Sprintf("%d %s", b.Status, b.Reason)).whole(talk, " ok")
	case b.Active:
		l.put(text, string(b.Phase)).whole(talk, " ok")
	case b.Status != 0:
		l.put(fault, fmt.Sprintf("%d %s", b.Status, b.Reason))
	default:
		l.put(fault, b.Reason)
	}
	if retry := retryIn(&v.fold.Online, v.now); retry != "" {
		second.put(woken, "next "+retry)
	}
}

// drawThread is a thin bar that is filled as left is of whole.
func (p area) drawThread(row int, ink style, left, whole time.Duration) {
	if row >= p.h || whole <= 0 {
		return
	}
	n := max(0, min(p.w, int((left*time.Duration(p.w)+whole/2)/whole)))
	p.c.fill(p.x, p.y+row, n, "━", ink)
	p.c.fill(p.x+n, p.y+row, p.w-n, "─", faint)
}

func (v timersView) drawCounts(l *pen) {
	c := v.fold.Counts
	l.put(dim, "wakes ").put(strong, strconv.Itoa(c.Wakes))
	l.put(dim, "  late ").put(badIf(c.Late), strconv.Itoa(c.Late))
	l.put(dim, "  no cause ").put(badIf(c.Unexplained), strconv.Itoa(c.Unexplained))
}

func badIf(n int) style {
	if n > 0 {
		return fault
	}
	return talk
}

// gist names the two deadlines.
func (v timersView) gist(l *pen) {
	if k := &v.fold.Keepalive; k.Installed {
		l.put(dim, "keepalive ").put(text, countdown(k.Due-v.now)+"  ")
	}
	if b := &v.fold.Registration; b.Active {
		l.whole(dim, "register ").whole(text, countdown(v.refreshAt()-v.now))
	}
}
