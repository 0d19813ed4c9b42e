package ui

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// drawCards shows the missed calls that stay on the lock screen, the newest
// first, and returns the rows it used.
func (v deviceView) drawCards(p area) int {
	rows := 0
	for i := len(v.fold.Unanswered) - 1; i >= 0 && rows+2 <= p.h-3; i-- {
		card := &v.fold.Unanswered[i]
		p.c.clear(rect{p.x - 1, p.y + rows, p.w + 2, 2}, onCard)
		p.line(rows).put(banner|onCard, "◇ ").put(strong|onCard, "Missed call").right(dim|onCard, v.clock(card.At))
		p.line(rows+1).gap(2).middle(onCard, join(card.Title, bannerBody(card)))
		rows += 3
	}
	return rows
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
func drawBanner(c *canvas, r rect, b *event.Banner, age time.Duration) {
	if b.Screen {
		drawCallScreen(c, r, b, age)
		return
	}
	c.clear(r, onCard)
	box(c, r, "", "", text, banner|onCard)
	in := area{c, r.inset()}
	in.line(0).put(banner|strong|onCard, "◆ SLEEPTALK").right(dim|onCard, cardAge(age))
	in.line(1).middle(strong|onCard, b.Title)
	in.line(2).middle(onCard, bannerBody(b))
	in.line(3).put(keycap|onCard, "a").put(onCard, " answer").right(onCard, " decline").right(keycap|onCard, "e")
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
func drawCallScreen(c *canvas, r rect, b *event.Banner, age time.Duration) {
	c.clear(r, onCard)
	box(c, r, "", "", text, talk|onCard)
	in := area{c, r.inset()}
	in.line(0).put(talk|strong|onCard, "◆ INCOMING CALL").right(dim|onCard, cardAge(age))
	in.line(1).middle(strong|onCard, b.Title)
	in.line(2).middle(onCard, bannerBody(b))
	drawButtons(in.line(3), (in.w-1)/2)
}

// drawButtons draws the buttons of a call screen, each w wide: green and red,
// and named for people who cannot tell these apart.
func drawButtons(l *pen, w int) {
	button(l, talk, "a", " accept", w)
	l.gap(l.left() - w)
	button(l, fault, "e", " decline", w)
}

func button(l *pen, ink style, k, name string, w int) {
	left := (w - len(k+name)) / 2
	l.put(ink|inverted|onCard, strings.Repeat(" ", max(0, left))+k+name)
	l.put(ink|inverted|onCard, strings.Repeat(" ", max(0, w-left-len(k+name))))
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
		l.right(onCard, " decline").right(keycap|onCard, "e").right(onCard, " "+acceptWord(b)+" ").right(keycap|onCard, " a")
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
		drawButtons(in.line(1), 14)
		return
	}
	in.line(1).put(keycap|onCard, "a").put(onCard, " answer   ").put(keycap|onCard, "f").put(onCard, " open").right(onCard, " decline").right(keycap|onCard, "e")
}

// acceptWord is the label of the button: a call screen accepts, a banner answers.
func acceptWord(b *event.Banner) string {
	if b.Screen {
		return "accept"
	}
	return "answer"
}
