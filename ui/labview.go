package ui

import (
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// labRows is how many rows the panel has at least, its border included.
const labRows = 10

// labBox is the place of the panel: under the timeline.
func (s situation) labBox() rect {
	if s.base == hostMode {
		return hostBox(s)
	}
	t := s.layout.at[timelinePanel]
	r := rect{0, t.y + t.h, s.w, 0}
	if s.layout.wide && s.zoom == noPanel {
		r.x, r.w = t.x, t.w
	}
	if t.h == 0 || s.zoom != noPanel || s.bottom-r.y < labRows {
		r.y = max(s.top, s.bottom-labRows)
	}
	r.h = s.bottom - r.y
	if sip := s.layout.at[sipPanel]; r.x > 0 && sip.y-r.y > labRows { // whose box goes on to the left
		r.h = sip.y - r.y
	}
	return r
}

// draw shows what the server knows, the robots, what can be done, and the misbehaviours.
//
//	╭─ L lab ───────────────────── serves 127.0.0.1:33675 ─╮
//	│ what the server knows          robots                │
//	│ ● alice bound 59:12 to :53826  ▌bob  calls alice     │
//	│ do ──────────────────────────  misbehave, 1 on ───── │
//	│ c bob calls alice              □ one-way-audio       │
//	│ said bob: call alice   14:32:06.911                  │
func (p *labPanel) draw(c *canvas, s situation) { p.view(s).draw(c, p.deeds()) }

func (v labView) draw(c *canvas, deeds []deed) {
	r := v.labBox()
	c.clear(r, text)
	ink, words := talk, "● serves "+event.Printable(v.lab.Serving)
	if v.lab.Serving == "" {
		ink, words = fault, "● stopped"
	}
	if v.base == hostMode {
		box(c, r, "lab", "", keycap, faint)
	} else {
		box(c, r, "L lab", "", keycap, open)
		area{c, rect{r.x + 2, r.y, r.w - 4, 1}}.line(0).right(text, " ").right(ink, words).right(dim, " in this process · ")
	}
	in := area{c, r.inset()}
	left := area{c, rect{in.x, in.y, in.w/2 - 1, in.h - 1}}
	right := area{c, rect{in.x + in.w/2, in.y, in.w - in.w/2, in.h - 1}}
	v.left(left, deeds)
	v.right(right)
	v.said(in.line(in.h - 1))
}

// left is what the server knows, and what it can be told.
func (v labView) left(p area, deeds []deed) {
	known := v.known()
	tight := p.h - (len(deeds)+1)/2 // with two deeds in a row
	if len(known) > tight-1 {
		known = slices.Concat(known[:1], known[belief:belief+1])[:max(1, min(2, tight))]
	}
	y := 0
	if p.h > len(known)+len(deeds)+1 {
		p.line(0).put(strong, "what the server knows")
		y++
	}
	for _, line := range known {
		l := p.line(y)
		for _, part := range line {
			l.put(part.ink, part.words)
		}
		y++
	}
	if len(known) < tight {
		rule(p.c, p.x, p.y+y, p.w, heading{p.x + 1, "do"})
		y++
	}
	rest := area{p.c, rect{p.x, p.y + y, p.w, p.h - y}}
	columns := 1
	if rest.h < len(deeds) {
		columns = 2
	}
	w := rest.w / columns
	for i := range deeds {
		row, col := i/columns, i%columns
		if row < rest.h {
			v.deed(area{p.c, rect{rest.x + col*w, rest.y, w - columns + 1, rest.h}}.line(row), &deeds[i], columns == 1)
		}
	}
}

// deed is a key and what it does; grey, with the reason, where it cannot.
func (v labView) deed(l *pen, d *deed, wide bool) {
	name := keyName(d.key)
	if why := d.whyNot(v); why != "" {
		l.put(faint|strong, name+" ").put(faint, d.name(v))
		if wide {
			l.gap(1).right(faint, middle(why, max(0, l.left()-1)))
		}
		return
	}
	l.put(keycap, name+" ").put(text, d.name(v))
}

// belief is the line that says whether the phone can be reached, among what is known.
const belief = 3

// known is what the registrar believes, line by line, and whether it is true.
func (v labView) known() [][]part {
	lines := [][]part{
		{{faint, "○ "}, {strong, event.Printable(orElse(v.user, "nobody"))}, {dim, " not registered"}},
		{{dim, "  flow "}, {dim, "none"}},
		{{dim, "  push "}, {dim, "none"}},
		nil,
	}
	wall := v.clock
	b, ok := v.place()
	if ok {
		lines[0] = []part{{talk, "● "}, {strong, event.Printable(b.User)}, {dim, " bound "}, {text, countdown(b.Until.Sub(wall))}, {dim, " at "}, {text, event.Printable(b.Contact)}}
		lines[1] = []part{{dim, "  flow "}, {talk, "open"}, {dim, " since " + v.clockOf(b.Since)}}
		lines[2] = []part{{dim, "  push "}, {dim, "none: it cannot be pushed to"}}
	}
	if ok && b.Phase == event.LocationAsleep {
		lines[1] = []part{{dim, "  flow "}, {woken, "none"}, {dim, ": " + event.Printable(b.Why)}}
	}
	if ok && b.Push {
		lines[2] = []part{{dim, "  push "}, {text, "by its token"}}
	}
	lines[belief] = v.belief(ok)
	for _, other := range v.lab.Bounds {
		if other.User != v.user {
			lines = append(lines, []part{{talk, "● "}, {text, event.Printable(other.User)}, {dim, " bound " + countdown(other.Until.Sub(wall)) + " at " + event.Printable(other.Contact)}})
		}
	}
	return lines
}

// belief is whether the server believes that the phone can be reached, beside the truth.
func (v labView) belief(believes bool) []part {
	words := "not reachable"
	if believes {
		words = "reachable"
	}
	line := []part{{dim, "  believes: "}, {text, words}}
	if !believes {
		return line
	}
	if v.base == hostMode {
		return append(line, part{dim, ", unproven here"})
	}
	return append(line, v.truth())
}

// wakers are what an app that sleeps counts on, by its strategy; "": nothing wakes it. Whether
// the others do, only a call tells.
var wakers = map[string]string{"voip-socket": "its socket", "wake-socket": "its wake line", "push": "a push", event.LocalPush: "its local push provider", "stay-awake": "", "none": ""}

// truth is whether what the server sends gets to the app: green and red only where that is
// known.
func (v labView) truth() part {
	f := v.phone.fold
	_, cut, isCut := v.phone.unreachable()
	waker, known := wakers[f.Start.Strategy]
	switch life := f.Life.State; {
	case isCut:
		return part{fault, " ╳ " + cutWords(cut.Why)}
	case f.Start.Strategy == event.LocalPush && f.Pushes.Away != "" && life != event.Foreground:
		return part{fault, " ╳ its local push provider does not run"}
	case life == event.Dead && !f.Start.Pushed():
		return part{fault, " ╳ the app is dead"}
	case life == event.Dead:
		return part{dim, " – the app is dead, and counts on " + waker}
	case life == event.Suspended && known && waker == "":
		return part{fault, " ╳ the app sleeps, and nothing wakes it"}
	case life == event.Suspended:
		return part{dim, " – the app sleeps, and counts on " + orElse(waker, "what we do not know")}
	case !f.Socket.Open():
		return part{dim, " – the app has no connection"}
	}
	return part{talk, " ✓"}
}

// right is the robots, and the misbehaviours.
func (v labView) right(p area) {
	robots := v.lab.Robots
	most := max(1, min(len(robots), p.h-4))
	y := 0
	if p.h > 10 {
		p.line(0).put(strong, "robots")
		y++
	} else {
		most = min(most, 2)
	}
	at := max(0, slices.IndexFunc(robots, func(r event.RobotRow) bool { return r.Name == v.robotName() }))
	top := max(0, min(at-most/2, len(robots)-most))
	for i := top; i < len(robots) && i < top+most; i++ {
		v.robotRow(p.line(y), &robots[i], i == at)
		y++
	}
	on := ""
	if n := len(v.lab.Faults); n > 0 {
		on = fmt.Sprintf(", %d on", n)
	}
	rule(p.c, p.x, p.y+y, p.w, heading{p.x + 1, "misbehave" + on})
	y++
	rows := p.h - y
	top = max(0, min(v.fault-rows/2, len(v.faults)-rows))
	for i := 0; i < rows && top+i < len(v.faults); i++ {
		v.faultRow(p.line(y+i), &v.faults[top+i], top+i == v.fault)
	}
}

func (v labView) robotRow(l *pen, r *event.RobotRow, chosen bool) {
	l.put(open, unless(!chosen, "▌")).at(1).put(strong, event.Printable(r.Name)).at(9)
	c := &r.Call
	if c.ID == 0 {
		l.put(dim, "idle")
		return
	}
	word, ink := "talks with", talk
	switch {
	case c.Phase == event.CallCalling && c.Out:
		word, ink = "calls", woken
	case c.Phase == event.CallIncoming, c.Phase == event.CallRinging, c.Phase == event.CallEarly, c.Phase == event.CallWaiting:
		word, ink = "rings for", woken
		if c.Out {
			word = "hears ringing at"
		}
	case c.Phase == event.CallHeld:
		word, ink = "holds", woken
	}
	l.right(dim, " "+event.Clock(max(0, v.clock.Sub(r.Since))))
	l.put(ink, word+" ").put(text, event.Printable(c.Who()))
}

func (v labView) faultRow(l *pen, f *VerbHelp, chosen bool) {
	l.put(open, unless(!chosen, "▌")).at(1)
	if slices.Contains(v.lab.Faults, f.Name) {
		l.put(woken|strong, "■ "+event.Printable(f.Name))
	} else {
		l.put(text, "□ "+event.Printable(f.Name))
	}
	if l.gap(1).left() > leastNote {
		l.put(dim, event.Printable(f.Help))
	}
}

// said is the line that was said last, as a scenario has it.
func (v labView) said(l *pen) {
	if len(v.commands) == 0 {
		l.put(dim, nobodySpoke)
		return
	}
	c := &v.commands[len(v.commands)-1]
	words := event.Printable(commandsView{scene: v.scene}.words(c))
	when := v.clockOf(c.wall)
	if ansi.StringWidth("said "+words+"   "+when+"  y copies it") <= l.left() {
		l.right(dim, " copies it").right(keycap, "y").right(dim, when+"  ")
	}
	l.put(dim, "said ").middle(strong, words)
}

// wall is the time on the wall that the screen shows.
func (s scene) wall() time.Time {
	rate := s.fold.Rate
	if rate <= 0 {
		rate = 1
	}
	return s.fold.Wall.Add(time.Duration(float64(s.now-s.fold.Device) / rate))
}

// clockOf is a time on the wall, to the second.
func (s scene) clockOf(t time.Time) string {
	if s.place != nil {
		t = t.In(s.place)
	}
	return t.Format("15:04:05")
}
