package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A lockCard lies on the lock screen: a call that was missed, or one that the user knows nothing
// of.
type lockCard struct {
	at     time.Duration
	missed *event.Banner
	lost   *event.LossRow
}

// cards are those on the lock screen, the newest first.
func (s scene) cards() (list []lockCard) {
	for i := range s.fold.Unanswered {
		list = append(list, lockCard{at: s.fold.Unanswered[i].At, missed: &s.fold.Unanswered[i]})
	}
	for i := range s.fold.Losses {
		if l := &s.fold.Losses[i]; s.unknown(l) {
			list = append(list, lockCard{at: l.Began, lost: l})
		}
	}
	slices.SortStableFunc(list, func(a, b lockCard) int { return cmp.Compare(b.at, a.at) })
	return list
}

// unknown reports whether the user knows nothing of a call that was lost: it never rang here,
// and no notification has told of it since.
func (s scene) unknown(l *event.LossRow) bool {
	told := func(b event.Banner) bool { return b.At >= l.Began && b.At <= l.At }
	return l.Certain() && l.Where != event.AtAnswer && !slices.ContainsFunc(s.fold.Unanswered, told)
}

// drawCards shows the cards, the newest first, and returns the rows it used.
func (v deviceView) drawCards(p area) int {
	rows := 0
	for _, one := range v.cards() {
		r := rect{p.x - 1, p.y + rows, p.w + 2, 3}
		if one.lost != nil {
			r.h = 5
		}
		if rows+r.h > p.h-2 {
			break
		}
		if one.lost != nil {
			v.drawNoBanner(p.c, r, one.lost)
			rows += r.h
			continue
		}
		p.c.clear(rect{r.x, r.y, r.w, 2}, onCard)
		p.line(rows).put(banner|onCard, "◇ ").put(strong|onCard, "Missed call").right(dim|onCard, v.clock(one.at))
		p.line(rows+1).gap(2).middle(onCard, join(one.missed.Title, bannerBody(one.missed)))
		rows += r.h
	}
	return rows
}

// drawNoBanner draws what should be there and is not: the notification of a call that was
// lost.
//
//	╭╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╮
//	┊ ◆ no banner       14:24:41 ┊
//	┊ Bob called for 32.0 s      ┊
//	┊ the user knows of nothing  ┊
//	╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╯
func (v deviceView) drawNoBanner(c *canvas, r rect, l *event.LossRow) {
	box(c, r, "", "", dim, dim)
	c.fill(r.x+1, r.y, r.w-2, "╌", dim)
	c.fill(r.x+1, r.y+r.h-1, r.w-2, "╌", dim)
	for y := r.y + 1; y < r.y+r.h-1; y++ {
		c.fill(r.x, y, 1, "┊", dim)
		c.fill(r.x+r.w-1, y, 1, "┊", dim)
	}
	in := area{c, r.inset()}
	in.line(0).put(dim, "◆ no banner").right(dim, v.clock(l.Began))
	called := " called"
	if l.After > 0 {
		called += " for " + span(l.After.D())
	}
	in.line(1).put(dim, middle(orCaller(l.From), in.w-ansi.StringWidth(called))+called)
	in.line(2).put(dim, "the user knows of nothing")
}

// behind is the call that goes on while the app is not on the screen; nil if none does.
func (s scene) behind() *event.CallRow {
	if c := s.fold.Call(); c != nil && c.Connected() && s.fold.Life.State != event.Foreground {
		return c
	}
	return nil
}

// drawReturn is the line that leads back to a call, as iOS had it.
func (v deviceView) drawReturn(p area, c *event.CallRow) {
	r := rect{p.x - 1, p.y, p.w + 2, 1}
	ink, words := v.returning(c)
	p.c.clear(r, ink)
	words += " touch to return"
	if long := words + " to call"; ansi.StringWidth(long) <= r.w {
		words = long
	}
	centre(area{p.c, r}.line(0), ink|strong, words)
}

// returning is how long that call has lasted, or that nothing is heard in it.
func (s scene) returning(c *event.CallRow) (style, string) {
	if w := s.oneWay(c); w.Dead() {
		return text | onLate, w.Tag()
	}
	return talk | inverted, event.Clock(s.now - c.Up)
}

// waiting is the call that rings beside one that is up; nil if none does.
func (s scene) waiting() *event.CallRow {
	c := s.ringing()
	if c == nil || s.newest(false) == nil && s.newest(true) == nil {
		return nil
	}
	return c
}

// drawWaiting is the card of a call that waits, over the app's own screen.
func (v deviceView) drawWaiting(r rect, c *canvas, call *event.CallRow) {
	c.clear(r, onCard)
	box(c, r, "", "", text, banner|onCard)
	in := area{c, r.inset()}
	since := event.Clock(v.now - call.At)
	if call.Until > 0 {
		since += " of " + event.Clock(call.Until-call.At)
	}
	in.line(0).put(banner|strong|onCard, "◆ CALL WAITING").right(dim|onCard, since)
	in.line(1).middle(strong|onCard, call.Who())
	in.line(2).middle(dim|onCard, strings.TrimPrefix(call.Peer, "sip:"))
	l := in.line(3).put(keycap|onCard, v.keyOf("answer")).put(onCard, " answer").right(onCard, " decline").right(keycap|onCard, v.keyOf("end"))
	if v.current() != call {
		l.right(keycap|onCard, v.keyOf("next call")+" ") // which puts the bar on it
	}
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "  " + b
}

// bannerBody names the caller, without the scheme of the address.
func bannerBody(b *event.Banner) string { return strings.Replace(b.Body, "sip:", "", 1) }

// bannerWords are a notification in so many columns: who calls before that somebody does.
func bannerWords(b *event.Banner, w int) string {
	words := join(b.Title, bannerBody(b))
	if !b.Screen && b.Body != "" && ansi.StringWidth(words) > w {
		return bannerBody(b)
	}
	return words
}

// drawBanner draws the card of a notification, or the system's call screen.
func (s scene) drawBanner(c *canvas, r rect, b *event.Banner, age time.Duration) {
	if b.Screen {
		s.drawCallScreen(c, r, b, age)
		return
	}
	c.clear(r, onCard)
	box(c, r, "", "", text, banner|onCard)
	in := area{c, r.inset()}
	in.line(0).put(banner|strong|onCard, "◆ SLEEPTALK").right(dim|onCard, cardAge(age))
	in.line(1).middle(strong|onCard, b.Title)
	in.line(2).middle(onCard, bannerBody(b))
	in.line(3).put(keycap|onCard, s.keyOf("answer")).put(onCard, " answer").right(onCard, " decline").right(keycap|onCard, s.keyOf("end"))
}

// drawCallScreen draws the system's own screen for a call: the caller, and two
// named buttons.
//
//	╭────────────────────────────╮
//	│ ◆ INCOMING CALL        now │
//	│ Bob                        │
//	│ bob@lab.test               │
//	│  a accept      e decline   │
//	╰────────────────────────────╯
func (s scene) drawCallScreen(c *canvas, r rect, b *event.Banner, age time.Duration) {
	c.clear(r, onCard)
	box(c, r, "", "", text, talk|onCard)
	in := area{c, r.inset()}
	in.line(0).put(talk|strong|onCard, "◆ INCOMING CALL").right(dim|onCard, cardAge(age))
	in.line(1).middle(strong|onCard, b.Title)
	in.line(2).middle(onCard, bannerBody(b))
	s.drawButtons(in.line(3), (in.w-1)/2)
}

// drawButtons draws the buttons of a call screen, each w wide: green and red,
// and named for people who cannot tell these apart.
func (s scene) drawButtons(l *pen, w int) {
	button(l, talk, s.keyOf("answer"), " accept", w)
	l.gap(l.left() - w)
	button(l, fault, s.keyOf("end"), " decline", w)
}

func button(l *pen, ink style, k, name string, w int) {
	left := (w - ansi.StringWidth(k+name)) / 2
	l.put(ink|inverted|onCard, strings.Repeat(" ", max(0, left))+k+name)
	l.put(ink|inverted|onCard, strings.Repeat(" ", max(0, w-left-ansi.StringWidth(k+name))))
}

// cardAge says how long a card has been shown.
func cardAge(age time.Duration) string {
	if age < 2*time.Second {
		return "now"
	}
	return span(age.Truncate(time.Second))
}

// bannerWidth is the width of a notification over the panels.
const bannerWidth = 36

// A bannerView is the notification where there is no phone to draw it on: at
// the top right, over the device's panel, so that it hides no wake.
//
//	╭──────────────────────────────╮
//	│ ◆ Incoming call  Bob     now │
//	│ a answer  f open   e decline │
//	╰──────────────────────────────╯
type bannerView struct{ scene }

func (v bannerView) draw(c *canvas) {
	b := v.fold.Banner
	if v.w < middleWidth || v.h < 16 { // a box would hide the state of the app
		c.clear(rect{0, 1, v.w, 1}, onCard)
		l := area{c, rect{1, 1, v.w - 2, 1}}.line(0)
		l.right(onCard, " decline").right(keycap|onCard, v.keyOf("end")).right(onCard, " "+acceptWord(b)+" ").right(keycap|onCard, " "+v.keyOf("answer"))
		l.put(banner|strong|onCard, "◆ ").middle(strong|onCard, bannerWords(b, l.left()))
		return
	}
	w := min(bannerWidth, v.w)
	r := rect{v.w - w, 1, w, 4}
	c.clear(r, onCard)
	edge := banner
	if b.Screen {
		edge = talk
	}
	box(c, r, "", "", text, edge|onCard)
	in := area{c, r.inset()}
	in.line(0).put(edge|strong|onCard, "◆ ").put(strong|onCard, middle(b.Title, in.w/2)).put(onCard, "  ").middle(onCard, bannerBody(b))
	if b.Screen {
		v.drawButtons(in.line(1), 14)
		return
	}
	in.line(1).put(keycap|onCard, v.keyOf("answer")).put(onCard, " answer   ").put(keycap|onCard, v.keyOf("open")).put(onCard, " open").right(onCard, " decline").right(keycap|onCard, v.keyOf("end"))
}

// acceptWord is the label of the button: a call screen accepts, a banner answers.
func acceptWord(b *event.Banner) string {
	if b.Screen {
		return "accept"
	}
	return "answer"
}
