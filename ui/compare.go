package ui

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A compareView shows two messages beside each other, or one above the other where the
// window is narrow. A line that the other has not is marked.
//
//	╭─ INVITE ◀ server ────────╮╭─ 200 OK ▶ server ────────╮
//	│ ≠INVITE sip:alice@192.0… ││ ≠SIP/2.0 200 OK          │
//	│  Call-ID: 55ab20d1       ││  Call-ID: 55ab20d1       │
type compareView struct {
	scene
	form messageForm
	pair [2]*picture.Rung
}

// places are those of the two.
func (v compareView) places(r rect) [2]rect {
	if r.w < middleWidth {
		top := rect{r.x, r.y, r.w, r.h / 2}
		return [2]rect{top, {r.x, r.y + top.h, r.w, r.h - top.h}}
	}
	left := rect{r.x, r.y, r.w / 2, r.h}
	return [2]rect{left, {r.x + left.w, r.y, r.w - left.w, r.h}}
}

// lines are those of one of them, with a column for the mark.
func (v compareView) lines(i, w int) (lines []messageLine) {
	other := messageText(v.pair[1-i].Raw)
	for _, s := range messageText(v.pair[i].Raw) {
		differs := !slices.Contains(other, s)
		kind := byte('h')
		switch {
		case len(lines) == 0:
			kind = 's'
		case strings.IndexByte(s, '=') == 1: // of SDP
			kind = 'b'
		case !strings.Contains(s, ":"):
			kind = '+'
		}
		parts := v.form.lines(s, w-1)
		for j := range parts {
			if parts[j].kind == 's' {
				parts[j].kind = kind
			}
			if parts[j].differ = differs && j == 0; !parts[j].differ {
				parts[j].text = " " + parts[j].text
			}
		}
		lines = append(lines, parts...)
	}
	return lines
}

// length is how many lines the longer one has.
func (v compareView) length(r rect) int {
	at := v.places(r)
	return max(len(v.lines(0, at[0].inset().w)), len(v.lines(1, at[1].inset().w)))
}

func (v compareView) draw(c *canvas, r rect, from int) {
	for i, at := range v.places(r) {
		m := messageView{scene: v.scene, rung: v.pair[i]}
		box(c, at, m.name(), v.stamp(v.pair[i].At), keycap, faint)
		in := area{c, at.inset()}
		lines := v.lines(i, in.w)
		for row := 0; row < in.h && from+row < len(lines); row++ {
			drawMessageLine(in.line(row), lines[from+row])
		}
	}
}
