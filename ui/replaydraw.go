package ui

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A verdictView is the panel of the verdict: what failed, and the finding.
//
//	✗ no wake by INVITE within 2 s                  lost.talk:10
//	lost  INVITE of 00:08.181, 913 B, was swallowed at the NAT
//	why   …
//	mend  …
type verdictView struct {
	situation
	card findingMsg
}

func (v verdictView) note() string {
	bad := v.script.Bad()
	if len(bad) == 0 {
		return ""
	}
	line, n := v.failure(), 0
	for i, one := range bad {
		if one == line {
			n = i + 1
		}
	}
	note := fmt.Sprintf("%d of %d", n, len(bad))
	if v.card.ok && v.card.of.Rule != "" {
		note += " · " + string(v.card.of.Rule)
	}
	return note + " · x why"
}

func (v verdictView) draw(p area) {
	line := v.failure()
	if line == nil {
		v.drawGood(p)
		return
	}
	l := p.line(0).put(fault|strong, "✗ ")
	where := fmt.Sprintf(" %s:%d", path.Base(event.Printable(line.File)), line.Line)
	if ansi.StringWidth(where) < l.left()/2 {
		l.right(dim, where)
	}
	l.middle(fault|strong, event.Printable(line.Detail))
	if !v.card.ok {
		p.line(1).put(dim, unless(v.card.seq != 0, "looking for the cause"))
		return
	}
	for i, row := range v.rows(p.w, p.h-1) {
		p.line(1+i).put(fault|strong, row.head).at(cardHead).put(text, row.words)
	}
}

// rows are the finding in at most n rows: the longest parts are cut off.
func (v verdictView) rows(w, n int) []findingRow {
	f := &v.card.of
	parts := [][]findingRow{findingRows(f.Head, f.Lost, w), findingRows("why", f.Why, w), findingRows("mend", f.Mend, w)}
	if f.Head == "what" { // the first line says it
		parts = parts[1:]
	}
	for len(slices.Concat(parts...)) > n {
		long := 0
		for i := range parts {
			if len(parts[i]) >= len(parts[long]) {
				long = i
			}
		}
		last := len(parts[long]) - 1
		if parts[long] = parts[long][:last]; last > 0 {
			row := &parts[long][last-1]
			row.words = ansi.Truncate(row.words, w-cardHead-1, "") + "…"
		}
	}
	return slices.Concat(parts...)
}

// drawGood is the verdict of a scenario of which no line has failed.
func (v verdictView) drawGood(p area) {
	switch s := v.script; {
	case s.Phase != event.ScenarioEnded:
		p.line(0).put(woken, "the recording ends before the scenario does: there is no verdict")
	case s.Verdict == event.StepPassed:
		p.line(0).put(talk|strong, "✓ PASSED").put(dim, ", "+countsOf(s))
	default:
		p.line(0).put(woken, event.Printable(string(s.Verdict)))
	}
}

// A sideView lists what somebody else did, sent and got, with the cursor among it; what comes
// after that is grey.
//
//	00:08.181  ──▶ INVITE sip:alice@lab.test
//	00:08.181  ◀── 100 Trying
//	00:10.181  ▶   you are here
type sideView struct {
	situation
	who string
}

// note says what their app did then, if they have one.
func (v sideView) note() string {
	list, past := v.deeds()
	for _, d := range slices.Backward(list[:past]) {
		if d.State != "" {
			return strings.ToLower(picture.LookOf(d.State).Title) + ", as it was · " + v.keyOf("tab") + " for the next"
		}
	}
	return "as it was · " + v.keyOf("tab") + " for the next"
}

// deeds are those of the side, and what happened on the way.
func (v sideView) deeds() (list []*picture.Deed, past int) {
	for i := range v.others.List {
		if d := &v.others.List[i]; d.Who == v.who || d.Who == "" {
			if list = append(list, d); d.Seq <= v.seen {
				past = len(list)
			}
		}
	}
	return list, past
}

func (v sideView) draw(p area) {
	list, past := v.deeds()
	first := max(0, min(past-p.h*2/3, len(list)+1-p.h))
	for row := range p.h {
		switch i := first + row; {
		case i < past:
			v.row(p.line(row), list[i], false)
		case i == past:
			v.here(p, row)
		case i <= len(list):
			v.row(p.line(row), list[i-1], true)
		}
	}
}

// row is a deed.
func (v sideView) row(l *pen, d *picture.Deed, future bool) {
	ink := func(s style) style {
		if future {
			return faint
		}
		return s
	}
	l.put(ink(dim), since(d.At)).gap(2)
	arrow, way := "   ", dim
	switch {
	case d.Lost && d.Way == picture.Out:
		arrow, way = "──╳", fault
	case d.Lost:
		arrow, way = "╳──", fault
	case d.Way == picture.Out:
		arrow, way = "──▶", talk
	case d.Way == picture.In:
		arrow, way = "◀──", open
	}
	l.put(ink(way), arrow).gap(1).put(ink(inkOf(d.Ink)|strong), d.Title)
	if d.Note != "" && l.left() > 8 {
		l.gap(1).put(ink(dim), middle(d.Note, l.left()))
	}
}

// here is the cursor.
func (v sideView) here(p area, row int) {
	l := p.line(row).put(strong, since(v.now)).gap(2).put(strong, "▶   ")
	if v.past {
		l.put(strong, "you are here")
	} else {
		l.put(dim, "the end")
	}
	p.c.restyle(rect{p.x - 1, p.y + row, p.w + 2, 1}, func(s style) style { return s | onPast })
}

// since is a time since the handset was switched on, to the millisecond.
func since(d time.Duration) string {
	return event.Clock(d) + fmt.Sprintf(".%03d", d.Milliseconds()%1000)
}

// A replayHeader is the first line of a recording.
//
//	▌REPLAY  lost.talk   ✗ FAILED at line 10   virtual, seed 7, 23 Aug 14:32   cursor 00:10.181 of 00:41.022   ■ held
type replayHeader struct {
	situation
	name    string
	loading string
	moves   string // whether the cursor does; "": there is none
}

func (v replayHeader) draw(c *canvas) {
	r := rect{0, 0, v.w, 1}
	c.clear(r, onPast)
	l := area{c, r}.line(0)
	l.put(open|onPast, "▌").put(strong|onPast, "REPLAY").gap(1)
	l.right(onPast, " ")
	v.position(l)
	if v.loading != "" {
		l.right(woken|strong|onPast, v.loading).right(onPast, "  ")
	}
	name := event.Printable(v.name)
	if v.script.Known() {
		name = path.Base(event.Printable(v.script.File))
	}
	verdict, ink := v.verdict()
	l.gap(1).put(strong|onPast, middle(name, max(8, l.left()-ansi.StringWidth(verdict)-3))).gap(2)
	l.whole(ink, verdict).gap(2)
	l.whole(text|onPast, v.run()).gap(2)
	if !v.script.Known() {
		l.gap(2).whole(text|onPast, v.address())
	}
}

// position is where the cursor is, of how much.
func (v replayHeader) position(l *pen) {
	if v.moves == "" {
		l.right(text|onPast, "the end, "+since(v.whole.now))
		return
	}
	l.right(strong|onPast, v.moves).right(onPast, "  ")
	if v.w >= middleWidth {
		l.right(text|onPast, " of "+since(v.whole.now))
	}
	l.right(strong|onPast, since(v.now))
	if v.w >= wideWidth {
		l.right(text|onPast, "cursor ")
	}
	l.right(onPast, "  ")
}

// verdict is that on the scenario, or how many calls were lost.
func (v replayHeader) verdict() (string, style) {
	bad := v.script.Bad()
	switch {
	case len(bad) > 0 && v.w < middleWidth:
		return fmt.Sprintf(" ✗ line %d ", bad[0].Line), text | strong | onLate
	case len(bad) > 1:
		return fmt.Sprintf(" ✗ FAILED at line %d, and %d more ", bad[0].Line, len(bad)-1), text | strong | onLate
	case len(bad) > 0:
		return fmt.Sprintf(" ✗ FAILED at line %d ", bad[0].Line), text | strong | onLate
	case v.script.Phase == event.ScenarioEnded && v.script.Verdict == event.StepPassed:
		return "✓ PASSED", talk | strong | onPast
	case v.script.Known():
		return "no verdict", woken | strong | onPast
	}
	if lost := lossWords(v.whole.fold, v.w < wideWidth); lost != "" {
		return " " + lost + " ", text | strong | onLate
	}
	return "", text
}

// run says how and when it was recorded.
func (v replayHeader) run() string {
	at := v.whole.fold.Epoch
	if v.script.Known() {
		at = v.script.Began
	}
	if v.place != nil {
		at = at.In(v.place)
	}
	when := at.Format("2 Jan 15:04")
	switch {
	case v.script.Virtual:
		return fmt.Sprintf("virtual, seed %d, %s", v.script.Seed, when)
	case v.script.Known():
		return "live, " + when
	}
	return when
}
