package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The widths of the panel of the settings: at most, of the list of devices, and that from which
// both lists fit side by side.
const (
	settingsWidth = 110
	devicesWidth  = 26
	bothLists     = 72
	leastNote     = 8 // columns that are worth a note on a device
)

// settingsBox is the place of the panel.
func settingsBox(s scene) rect {
	room := s.h - 1 - s.top
	w := min(settingsWidth, s.w)
	if s.w > w {
		w = min(w, s.w-4)
	}
	return rect{(s.w - w) / 2, s.top, w, room}
}

// settingsColumns are where the columns of the list stand, counted from the left end of the
// panel's inside.
type settingsColumns struct {
	devices             int // how wide the list of the devices is; 0: it is not beside the settings
	key, value, from, w int
}

func settingsColumnsOf(w int) settingsColumns {
	c := settingsColumns{w: w}
	if w >= bothLists-4 {
		c.devices = devicesWidth
		c.key = devicesWidth + 2
	}
	rest := w - c.key
	c.value = c.key + min(26, rest*2/5) + 1
	c.from = c.w - min(18, max(11, rest/3))
	return c
}

func (c settingsColumns) valueRoom() int { return max(4, c.from-c.value-1) }

// draw shows the settings that fit what is typed, and what is known of the one under the bar.
//
//	╭─ settings ──────────────────── 9 of 96 · 1 changed · esc ╮
//	│ / keep                  alice on ios-voip-socket@ios7     │
//	│ device ───────── setting ───────── value ──── from ────── │
//	│  ○ ios4          ▌keepalive        600 s      app         │
//	│  ● ios7           keepalive-min    600 s      device    A │
//	│ keepalive ── the interval that the app asks of the device │
//	│ source  Apple, setKeepAliveTimeout [A]                    │
func (p *settings) draw(c *canvas, s situation) { settingsView{p, nil, s}.draw(c) }

func (e *settingEdit) draw(c *canvas, s situation) { settingsView{e.panel, e, s}.draw(c) }

// A settingsView is the panel as it is now.
type settingsView struct {
	*settings
	edit *settingEdit // nil: no value is edited
	situation
}

func (v settingsView) draw(c *canvas) {
	r, found := settingsBox(v.scene), v.found()
	note := fmt.Sprintf("%d of %d", len(found), len(v.rows))
	if n := len(v.changed()); n > 0 {
		note += fmt.Sprintf(" · %d changed", n)
	}
	c.clear(r, text)
	box(c, r, "settings", note+" · "+v.keyOf("esc"), keycap, open)
	in := area{c, r.inset()}
	v.head(in.line(0))
	about := v.about(in.w)
	if most := max(0, in.h-5); len(about) > most {
		about = about[:most]
	}
	cols := settingsColumnsOf(in.w)
	list := area{c, rect{in.x, in.y + 1, in.w, in.h - 1 - len(about)}}
	switch {
	case cols.devices > 0:
		v.listDevices(area{c, rect{list.x, list.y, cols.devices - 1, list.h}})
		for y := range list.h {
			c.fill(list.x+cols.devices, list.y+y, 1, frame.Left, faint)
		}
		v.list(list, cols, found)
	case v.onDevices:
		v.listDevices(list)
	default:
		v.list(list, cols, found)
	}
	for i, line := range about {
		l := in.line(in.h - len(about) + i)
		for _, part := range line {
			l.put(part.ink, part.words)
		}
		if i == 0 {
			c.fill(l.x+1, l.y, l.left()-1, frame.Top, faint)
		}
	}
}

// head is the line of the search, and whose settings they are.
func (v settingsView) head(l *pen) {
	who := event.Printable(v.fold.Start.Profile)
	if name := event.Printable(v.fold.Phone); ansi.StringWidth(name) < 16 {
		l.right(strong, who).right(dim, name+" on ")
	} else {
		l.right(strong, who)
	}
	l.put(keycap, "/ ")
	if v.edit == nil && v.mode == settingsMode {
		drawInput(l, &v.search, strong)
		return
	}
	l.put(strong, v.search.Value())
}

// A heading is the name of a column, and where that begins.
type heading struct {
	at    int
	words string
}

// rule writes the names of columns into a line.
func rule(c *canvas, x, y, w int, names ...heading) {
	c.fill(x, y, w, frame.Top, faint)
	for _, n := range names {
		c.put(n.at-1, y, x+w, " "+n.words+" ", dim)
	}
}

func (v settingsView) listDevices(p area) {
	rule(p.c, p.x, p.y, p.w, heading{p.x + 1, "device"})
	rows := p.h - 1
	top := max(0, min(v.device-rows/2, len(v.table.Devices)-rows))
	for i := 0; i < rows && top+i < len(v.table.Devices); i++ {
		d := &v.table.Devices[top+i]
		l := p.line(1 + i)
		mark := " "
		if v.onDevices && top+i == v.device {
			mark = "▌"
		}
		l.put(open, mark)
		here := d.full() == v.fold.Start.Profile
		glyph, ink := "○", text
		if here {
			glyph, ink = "●", open
		}
		name := d.Name
		if d.Era != "" {
			l.gap(1)
			name = d.Era
		}
		l.put(ink, glyph+" ").put(ink, event.Printable(name))
		if l.gap(2).left() > leastNote {
			l.put(dim, event.Printable(d.Note))
		}
	}
}

func (v settingsView) list(p area, cols settingsColumns, found []*Setting) {
	x := p.x + cols.key
	rule(p.c, x, p.y, p.x+p.w-x, heading{x + 1, "setting"}, heading{p.x + cols.value, "value"}, heading{p.x + cols.from, "from"})
	rows := p.h - 1
	sel := min(v.sel, len(found)-1)
	top := max(0, min(sel-rows/2, len(found)-rows))
	if len(found) == 0 {
		area{p.c, rect{x, p.y, p.w - cols.key, p.h}}.line(1).put(dim, " nothing fits: not by its name, not by its help")
	}
	for i := 0; i < rows && top+i < len(found); i++ {
		v.row(p.line(1+i), cols, found[top+i], top+i == sel && !v.onDevices)
	}
}

// row is a setting, its value, and who says so.
func (v settingsView) row(l *pen, cols settingsColumns, row *Setting, chosen bool) {
	l.gap(cols.key)
	if chosen {
		l.put(open, "▌")
	} else {
		l.gap(1)
	}
	v.key(l, row, cols.value-1)
	l.at(cols.value)
	if chosen && v.edit != nil {
		drawInput(&pen{c: l.c, y: l.y, start: l.x, x: l.x, end: l.start + cols.from - 1}, &v.edit.input, strong)
		l.at(cols.from).put(dim, "typing")
		return
	}
	later, pending := v.laterOf(row)
	from := row.From
	switch {
	case pending:
		l.cut(cols.from-1, woken, event.Printable(later))
		from = "next start"
	case row.Yours:
		l.cut(cols.from-1, woken, event.Printable(row.Value)).cut(cols.from-1, dim, " was "+event.Printable(orElse(row.Usual, "not set")))
		from = "you"
	case row.Value == "":
		l.cut(cols.from-1, faint, "not set")
	default:
		l.cut(cols.from-1, text, event.Printable(row.Value))
	}
	l.right(sureInk(row.Sure), row.Sure)
	l.at(cols.from).cut(cols.w-2, dim, event.Printable(from))
}

// key writes the name of a setting, with what is searched for marked.
func (v settingsView) key(l *pen, row *Setting, end int) {
	key := row.Key
	words := strings.ToLower(strings.TrimSpace(v.search.Value()))
	before, rest, ok := strings.Cut(key, words)
	if !ok || words == "" {
		l.cut(end, text, key)
	} else {
		l.cut(end, text, before).cut(end, woken|strong, words).cut(end, text, rest)
	}
	if twice := func(r Setting) bool { return r.Key == key && !r.OfDevice }; row.OfDevice && slices.ContainsFunc(v.rows, twice) {
		l.cut(end, dim, " (device)")
	}
}

// sureInk colours how sure a source is.
func sureInk(sure string) style {
	if sure == "A" {
		return talk
	}
	return dim
}

// A part is words in an ink.
type part struct {
	ink   style
	words string
}

// about is what is known of the setting under the bar, in lines.
func (v settingsView) about(w int) [][]part {
	if v.onDevices {
		return v.aboutDevice(w)
	}
	row := v.at()
	if v.edit != nil {
		row = &v.edit.row
	}
	if row == nil {
		return nil
	}
	value := row.Value
	var lines [][]part
	say := func(head string, ink style, words string) {
		for i, line := range wrap(event.Printable(words), w-9) {
			if i > 0 {
				head = ""
			}
			lines = append(lines, []part{{dim, fmt.Sprintf("%-9s", head)}, {ink, line}})
		}
	}
	lines = append(lines, []part{{title, row.Key}, {dim, " " + strings.ToLower(row.Takes) + " "}})
	if v.edit != nil {
		value = v.edit.typed()
		warning, err := row.Judge(value)
		switch {
		case value == "":
		case err != nil:
			say("╳", fault, err.Error())
		case warning != "":
			say("╳", fault, warning+"; "+v.keyOf("set it")+" sets it all the same")
		}
	}
	if row.Help != "" {
		say("what", text, row.Help)
	}
	if source := event.Printable(row.Source); source != "" {
		if row.Sure != "" {
			source += " [" + row.Sure + "]"
		}
		say("source", text, source)
	}
	if row.Limit != "" {
		say("real", text, "real systems: "+row.Limit)
	}
	if row.Yours {
		say("was", text, orElse(row.Usual, "not set"))
	}
	say("applies", text, v.applies(row, value))
	return lines
}

// applies says when a value of a setting counts, and what says so.
func (v settingsView) applies(row *Setting, value string) string {
	switch {
	case !row.Live && row.OfDevice:
		return "at the next start: --set " + row.Key + "=" + value
	case !row.Live:
		return "at the next start: --" + row.Key
	case v.edit == nil:
		return "at once; the verb is set " + row.Key + "=…"
	}
	return "at once; the verb is set " + row.Key + "=" + value
}

func (v settingsView) aboutDevice(w int) [][]part {
	if len(v.table.Devices) == 0 {
		return nil
	}
	d := &v.table.Devices[v.device]
	lines := [][]part{{{title, d.full()}, {dim, " "}}}
	for _, line := range wrap(event.Printable(d.Note), w) {
		lines = append(lines, []part{{text, line}})
	}
	return append(lines, []part{{dim, "applies  "}, {text, "at the next start: --device " + d.full()}})
}
