package ui

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A headerView is the first line of a phone's screen.
type headerView struct {
	scene
	recording bool   // whether what is done is recorded as a scenario
	loading   string // how much of a recording is there; "": all of it
	paused    bool
	behind    int    // records that a paused screen does not show
	private   bool   // whether names are stand-ins
	past      string // which instant is shown; "": now
}

// draw is the first line: who, registered, connected, how fast the
// clock runs, what time it is.
//
//	▌sleeptalk  alice@pbx.example.test   ● registered 41:18   ● tcp 198.51.100.5:5060   clock ×1   14:32:08
func (v headerView) draw(c *canvas) {
	r := rect{0, 0, v.w, 1}
	c.clear(r, onBar)
	l := area{c, r}.line(0)
	wide := v.w >= 100
	l.put(open|onBar, "▌")
	if wide {
		l.put(keycap|onBar, "sleeptalk").gap(2)
	}
	if v.past != "" {
		defer c.restyle(r, func(s style) style { return s&^onBar | onPast })
	}
	l.right(text|onBar, " ").right(text|strong|onBar, cmp.Or(v.past, v.clock(v.now)))
	v.tags(l)
	cut := v.reach(l)
	if !cut { // what has cut it off is said by that
		v.link(l)
	}
	if v.past == "" || v.fold.Rate > 1 {
		v.rate(l, wide)
	}
	if v.fold.Several() {
		v.connections(l)
		v.accounts(l, wide)
	} else {
		if !cut || v.w >= wideWidth {
			v.socket(l, wide)
		}
		v.registration(l, wide)
	}
	const soundless = "audio: none   "
	if v.w >= wideWidth && v.fold.Start.Speaker == "none" && !v.recording && l.left() > len(soundless)+ansi.StringWidth(v.title(wide)) {
		l.right(dim|onBar, soundless)
	}
	if l.left() > leastTitle {
		l.middle(strong|onBar, v.title(wide)).put(onBar, " ")
		return
	}
	l.put(strong|onBar, v.title(wide)) // the user before the domain
}

// tags are things that a tester must not overlook.
func (v headerView) tags(l *pen) {
	l.right(onBar, "  ")
	if v.recording {
		l.right(fault|onBar, "● rec").right(onBar, "  ")
	}
	if v.private {
		words := "private"
		if v.w < 60 {
			words = "priv"
		}
		l.right(open|onBar, words).right(onBar, "  ")
	}
	if v.loading != "" {
		l.right(woken|strong|onBar, v.loading).right(onBar, "  ")
	}
	if v.paused {
		l.right(woken|inverted|strong|onBar, fmt.Sprintf(" paused, %d new ", v.behind)).right(onBar, "  ")
	}
	if len(v.fold.Start.Unfaithful) > 0 {
		l.right(fault|onBar, "UNFAITHFUL").right(onBar, "  ")
	}
	if lost := lossWords(v.fold, v.w < wideWidth); lost != "" {
		l.right(text|strong|onLate, " "+lost+" ").right(onBar, "  ")
	}
	if c, w := v.deaf(); c != nil {
		l.right(text|strong|onLate, " "+w.Tag()+" "+v.name(c)+" ").right(onBar, "  ")
	}
	if words := v.stood(); words != "" {
		l.right(woken|strong|onBar, words).right(onBar, "  ")
	}
	if n := len(v.fold.Calls); n > 1 {
		l.right(woken|strong|onBar, words.Count(n, "call")).right(onBar, "  ")
	}
	if n := v.fold.Counts.Errors; n > 0 {
		l.right(fault|onBar, words.Count(n, "error")).right(onBar, "  ")
	}
	if m := v.fold.Mailbox; m.Waiting {
		l.right(woken|onBar, strings.TrimSuffix(strings.ToLower(m.Title())+": "+m.Counts(), ": ")).right(onBar, "  ")
	}
	if n := v.fold.Counts.Failed; n > 0 {
		l.right(fault|onBar, strconv.Itoa(n)+" failed").right(onBar, "  ")
	}
}

// stood says that this program, or its computer, has not run for a while until just now: what
// is amiss may have come of that. "" if that is not so.
func (v headerView) stood() string {
	s := v.fold.Stood
	if !s.Matters(v.now) {
		return ""
	}
	words := "stood still "
	if s.Asleep {
		words = "slept "
	}
	words += event.Round(s.For.D())
	if v.w < middleWidth {
		return words
	}
	return words + " from " + v.clock(s.Began())
}

// reach says that nothing gets to the app, while the phone itself believes that it does, and
// reports whether that is so.
func (v headerView) reach(l *pen) bool {
	since, _, cut := v.unreachable()
	if !cut {
		return false
	}
	word := "╳ unreachable "
	if v.w < middleWidth {
		word = "╳ unreach. "
	}
	l.right(fault|strong|onBar, word+event.Clock(since)).right(onBar, "  ")
	return true
}

func (v headerView) rate(l *pen, wide bool) {
	ink := dim
	if d := v.ahead(); d >= time.Second || d <= -time.Second {
		l.right(onBar, " ").right(woken|onBar, signed(d))
	} else if v.w < 60 && v.fold.Rate <= 1 {
		return
	}
	if v.fold.Rate > 1 {
		ink = woken | strong
	}
	rate := max(v.fold.Rate, 0)
	if rate == 0 {
		rate = 1
	}
	l.right(onBar, " ").right(ink|onBar, fmt.Sprintf("×%g", rate))
	if wide {
		l.right(dim|onBar, "clock ")
	}
	l.right(onBar, "  ")
}

func (v headerView) socket(l *pen, wide bool) {
	s := v.fold.Socket
	transport := cmp.Or(v.fold.Start.Transport, "tcp")
	if p := v.fold.Start.Protocol; p != "" {
		transport = p + " " + transport
	}
	word, ink := transport, fault
	switch {
	case s.Open():
		ink = talk
	case s.Phase == event.SocketConnecting, s.Phase == event.SocketSecuring:
		ink = woken
	case s.Phase == "":
		word, ink = "no socket", dim
	case s.ByUs:
		word, ink = transport+" closed", dim
	default:
		word = transport + " " + string(s.Phase)
	}
	_, _, cut := v.unreachable()
	if wide && s.Remote != "" && v.past == "" && !cut && len(v.fold.Losses) == 0 {
		l.right(dim|onBar, " "+event.Printable(s.Remote)+"  ")
	} else {
		l.right(onBar, "  ")
	}
	dot := "● "
	if cut && s.Open() { // half-open: only one end knows of it
		dot, ink = "○ ", woken
	}
	l.right(ink|onBar, dot+word)
}

func (v headerView) registration(l *pen, wide bool) {
	b := v.fold.Registration
	word, ink, rest := "not registered", fault, ""
	switch {
	case b.Active:
		word, ink = "registered", talk
		if b.Expires > 0 {
			rest = countdown(v.refreshAt() - v.now)
		}
		if !wide {
			word = "reg"
		}
	case b.Pending():
		word, ink = "registering", woken
	case b.Phase == "":
		ink = dim
	case b.Status != 0:
		word = fmt.Sprintf("%s %d", b.Phase, b.Status)
	}
	dot := "● "
	if _, _, cut := v.unreachable(); cut && b.Active { // claimed, and known to be in vain
		dot, ink = "○ ", woken
	}
	if retry := retryIn(&v.fold.Online, v.now); l.left() > len("● ")+len(word)+len(retry)+leastTitle {
		rest += retry
	}
	if !wide && word == "not registered" {
		word = "not reg"
	}
	if b.Active && l.left()-ansi.StringWidth(dot+word+rest)-len("    ") < min(leastTitle, ansi.StringWidth(v.me())+1) {
		rest = "" // whose phone it is counts more
	}
	l.right(onBar, "  ").right(dim|onBar, rest).right(ink|onBar, dot+word+" ")
	l.right(onBar, " ")
}

// leastTitle is how many columns are left for whose phone it is.
const leastTitle = 12

// retryIn says when the phone will try again to come online; "" if that is not known.
func retryIn(o *event.Online, now time.Duration) string {
	left := o.RecoveryAt + o.Recovery.Wait.D() - now
	if o.Registration.Active || o.Recovery.Wait == 0 || left <= 0 {
		return ""
	}
	return "retry " + countdown(left)
}

// link says what a tester must not overlook of the network: that it is
// another than at the start, and what is broken.
func (v headerView) link(l *pen) {
	var parts []string
	ink := woken
	if n := v.fold.Network; n != "" && n != "wifi" {
		parts = append(parts, n)
	}
	if n := len(v.fold.Faults); n > 0 {
		parts = append(parts, v.fold.Faults[n-1].Name)
		if n > 1 {
			parts = append(parts, fmt.Sprintf("+%d", n-1))
		}
		ink = fault
	}
	if v.fold.Network == "offline" {
		ink = fault
	}
	if len(parts) > 0 {
		l.right(ink|onBar, event.Printable(strings.Join(parts, " "))).right(onBar, "  ")
	}
}
