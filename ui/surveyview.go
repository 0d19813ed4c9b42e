package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// header is the first line: what is worked on, and how it stands.
//
//	▌compare  48 calls in 24 hours, seed 1                        ✓ 12  ✗ 1  ? 3   00:21
func (v *survey) header(c *canvas, s situation) {
	r := rect{0, 0, s.w, 1}
	c.clear(r, onBar)
	l := area{c, r}.line(0)
	l.put(open|onBar, "▌").put(keycap|onBar, v.state.Name).gap(2)
	l.right(onBar, " ").right(text|strong|onBar, event.Clock(v.took())).right(onBar, "  ")
	v.counts(l)
	l.put(strong|onBar, event.Printable(v.state.About))
}

// counts are the verdicts so far; there are none where the cases have numbers only.
func (v *survey) counts(l *pen) {
	count := map[Verdict]int{}
	for i := range v.state.Cases {
		count[v.state.Cases[i].Verdict]++
	}
	if count[Passed]+count[Failed]+count[Skipped] == 0 {
		return
	}
	bad := dim
	if count[Failed] > 0 {
		bad = fault
	}
	l.right(dim|onBar, fmt.Sprintf("? %d", count[Skipped])).right(onBar, "  ")
	l.right(bad|onBar, fmt.Sprintf("✗ %d", count[Failed])).right(onBar, "  ")
	l.right(talk|onBar, fmt.Sprintf("✓ %d", count[Passed])).right(onBar, "  ")
}

// surveyLayout is where the parts are.
type surveyLayout struct {
	progress, task, table, facts rect
	boxed                        bool
}

// layout puts what is known of the case below the table, in a wide window beside it.
func (v *survey) layout(s situation) surveyLayout {
	l := surveyLayout{boxed: s.w >= 60 && s.h >= 16, progress: rect{0, s.top, s.w, 1}}
	y := s.top + 1
	if v.state.Task != "" && v.state.Over == "" {
		l.task = rect{0, y, s.w, 1}
		y++
	}
	l.table = rect{0, y, s.w, s.bottom - y}
	switch {
	case s.w >= 150 && l.boxed:
		l.table.w = s.w * 3 / 5
		l.facts = rect{l.table.w, y, s.w - l.table.w, l.table.h}
	case s.h >= 20:
		n := max(7, s.h/4)
		l.table.h -= n
		l.facts = rect{0, y + l.table.h, s.w, n}
	case s.h >= 14:
		const n = 4
		l.table.h -= n
		l.facts = rect{0, y + l.table.h, s.w, n}
	}
	return l
}

// draw is the table of the cases, and what is known of the one under the cursor.
//
//	 ━━━━━━━━────────  7 of 20 over, about 6 s left
//	 you: answer the call, within 30 s                                  00:22 left
//	╭─ cases ──────────────────────────────────────────────── by rung, falling ─╮
//	│    profile          strategy      rung    ring                            │
//	│▌ ✓ desktop          voip-socket  48/48   22 ms                            │
func (v *survey) draw(c *canvas, s situation) {
	l := v.layout(s)
	v.drawProgress(area{c, l.progress}.line(0).gap(1), s)
	if l.task.h > 0 {
		v.drawTask(area{c, l.task}.line(0).gap(1))
	}
	v.drawTable(v.frame(c, l.table, l.boxed, "cases", v.sorting(), keycap))
	if l.facts.h > 0 {
		name := "what is known"
		if i := v.selected(); i >= 0 {
			name = event.Printable(v.state.Cases[i].Name)
		}
		v.drawFacts(v.frame(c, l.facts, l.boxed, name, "", title))
	}
}

// frame draws a border, or in a small window a title, and gives what is inside.
func (v *survey) frame(c *canvas, r rect, boxed bool, name, note string, head style) area {
	if boxed {
		box(c, r, middle(name, max(4, r.w-len(note)-10)), note, head, faint)
		return area{c, r.inset()}
	}
	l := area{c, rect{r.x, r.y, r.w, 1}}.line(0)
	l.put(faint, "─").put(head, " "+middle(name, max(4, r.w-len(note)-8))+" ").right(faint, "─")
	if note != "" {
		l.right(dim, " "+note+" ")
	}
	c.fill(l.x, r.y, l.left(), "─", faint)
	return area{c, rect{r.x + 2, r.y + 1, max(0, r.w-3), max(0, r.h-1)}}
}

// sorting says how the cases are sorted.
func (v *survey) sorting() string {
	switch {
	case v.by == unsorted:
		return ""
	case v.falling:
		return "by " + v.state.Columns[v.by].Name + ", falling"
	}
	return "by " + v.state.Columns[v.by].Name
}

// drawProgress says how much is over and what is left, and in the end the outcome.
func (v *survey) drawProgress(l *pen, s situation) {
	done, all := v.done(), len(v.state.Cases)
	if v.state.Over != "" {
		ink := talk
		if v.failed() || done < all {
			ink = fault
		}
		l.put(ink|strong, event.Printable(v.state.Over)).gap(2).middle(dim, event.Printable(v.state.Note))
		return
	}
	words := fmt.Sprintf("%d of %d over", done, all)
	if d, ok := v.remaining(); ok {
		words += ", about " + event.Clock(d) + " left"
	} else if d := v.state.Limit.Sub(v.clock); !v.state.Limit.IsZero() && !v.clock.IsZero() {
		words += ", " + countdown(d) + " left at most"
	}
	l.right(text, " ").right(text, words).right(text, "  ")
	n := l.left()
	full := 0
	if all > 0 {
		full = n * done / all
	}
	l.put(open, strings.Repeat("━", full)).put(faint, strings.Repeat("─", n-full))
}

// drawTask says what a person is asked to do, and how long there is for it.
func (v *survey) drawTask(l *pen) {
	if !v.state.Until.IsZero() && !v.clock.IsZero() {
		l.right(text, " ").right(woken, countdown(v.state.Until.Sub(v.clock))+" left").right(text, "  ")
	}
	l.put(woken|strong, "you: ").middle(text|strong, event.Printable(v.state.Task))
}

// columns are those that there is room for, and how wide each is.
func (v *survey) columns(w int) (shown []int, widths []int) {
	cols := v.state.Columns
	left := w
	byNeed := make([]int, len(cols))
	for i := range byNeed {
		byNeed[i] = i
	}
	slices.SortStableFunc(byNeed, func(a, b int) int { return cols[a].Spare - cols[b].Spare })
	for _, i := range byNeed {
		if cols[i].Width <= left {
			shown = append(shown, i)
			left -= cols[i].Width + 1
		} else if cols[i].Spare > 0 {
			break
		}
	}
	slices.Sort(shown)
	for _, i := range shown {
		n := cols[i].Width
		if cols[i].Rest {
			n += max(0, left)
		}
		widths = append(widths, n)
	}
	return shown, widths
}

// markRoom is how many columns the mark of a case takes.
const markRoom = 2

// drawTable draws the rows around the cursor.
func (v *survey) drawTable(p area) {
	shown, widths := v.columns(p.w - markRoom)
	head := p.line(0).at(markRoom)
	for n, i := range shown {
		v.drawCell(head, n, widths, v.state.Columns[i].Right, dim, v.state.Columns[i].Name)
	}
	rows := p.h - 1
	at := v.row()
	top := max(0, min(at-rows*2/3, len(v.order)-rows))
	for y := 0; y < rows && top+y < len(v.order); y++ {
		c := &v.state.Cases[v.order[top+y]]
		l := p.line(1 + y)
		if top+y == at {
			p.c.put(p.x-1, l.y, p.x, "▌", open)
		}
		mark, ink := surveyMark(c)
		l.put(ink, mark).at(markRoom)
		for n, i := range shown {
			cell := c.Cells[i]
			ink := cellInk(c, cell.Mood)
			if top+y == at {
				ink |= strong
			}
			v.drawCell(l, n, widths, v.state.Columns[i].Right, ink, event.Printable(cell.Text))
		}
	}
}

// drawCell writes a value into the n-th column of those that are shown.
func (v *survey) drawCell(l *pen, n int, widths []int, right bool, ink style, words string) {
	at := markRoom
	for _, w := range widths[:n] {
		at += w + 1
	}
	words = middle(words, widths[n])
	if right {
		at += widths[n] - ansi.StringWidth(words)
	}
	l.at(at).put(ink, words)
}

// surveyMark is the sign of a case: its verdict, or how far it is.
func surveyMark(c *SurveyCase) (mark string, ink style) {
	switch {
	case c.Playing:
		mark = "▶"
	case !c.Done:
		return "·", faint
	case c.Verdict == Skipped:
		return "?", woken
	default:
		mark = verdictMark(c.Verdict)
	}
	return mark, markInk(mark)
}

// cellInk is the ink of a value.
func cellInk(c *SurveyCase, mood Verdict) style {
	switch {
	case mood == Passed:
		return talk
	case mood == Failed:
		return fault
	case mood == Errored:
		return woken
	case c.Done || c.Playing:
		return text
	}
	return dim
}

// drawFacts lists what is known of the case under the cursor.
func (v *survey) drawFacts(p area) {
	i := v.selected()
	if i < 0 {
		p.line(0).put(dim, "no case has begun")
		return
	}
	const subject = 10
	y := 0
	c := &v.state.Cases[i]
	switch {
	case len(c.Facts) > 0:
	case c.Playing:
		p.line(0).put(dim, "it goes on")
	case !c.Done:
		p.line(0).put(dim, "it has not begun")
	default:
		p.line(0).put(dim, "nothing more is known")
	}
	for _, f := range c.Facts {
		for n, words := range wrap(event.Printable(f.Text), max(1, p.w-subject)) {
			if y == p.h {
				return
			}
			l := p.line(y)
			if n == 0 {
				l.put(dim, middle(event.Printable(f.Subject), subject-1))
			}
			l.at(subject).put(text, words)
			y++
		}
	}
}
