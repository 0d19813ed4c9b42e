package ui

import "strconv"

// desk records which panel has the focus, and whether it is zoomed.
type desk struct {
	focus panel
	zoom  panel // the one that fills the screen; noPanel: all are shown
}

func (d *desk) bindings() []binding {
	return []binding{
		{id: "focus", group: moveGroup, Binding: bind("focus", panelKeys()...), help: "focus a panel", foot: browsing, do: d.focusByNumber, idle: "it has the focus"},
		{id: "zoom", group: zoomGroup, Binding: bind("zoom", "z"), help: "zoom the panel, and back", foot: either(zoomed, browsing), do: d.zoomPanel},
		{id: "tab", group: zoomGroup, Binding: bind("next panel", "tab"), help: "focus the next panel", foot: zoomed, do: d.focusNext(+1)},
		{id: "backtab", group: zoomGroup, Binding: bind("previous panel", "shift+tab"), do: d.focusNext(-1)},
	}
}

// panelKeys are the numbers of the panels.
func panelKeys() (keys []string) {
	for p := devicePanel; p < panels; p++ {
		keys = append(keys, strconv.Itoa(int(p)))
	}
	return keys
}

func (d *desk) focusByNumber(s situation) request {
	d.focusOn(panel(s.key[0]-'0'), s.layout)
	return nil
}

func (d *desk) focusNext(step int) func(situation) request {
	return func(s situation) request {
		n := int(panels) - 1
		d.focusOn(panel((int(d.focus)-1+step+n)%n+1), s.layout)
		return nil
	}
}

// focusOn focuses a panel; a zoomed screen goes on zoomed. A panel that has no
// place on the screen is zoomed, so that its number always shows it.
func (d *desk) focusOn(p panel, l layout) {
	d.focus = p
	if d.zoom != noPanel || l.at[p].h == 0 {
		d.zoom = p
	}
}

func (d *desk) zoomPanel(situation) request {
	switch {
	case d.zoom != noPanel:
		d.zoom = noPanel
	case d.focus != noPanel:
		d.zoom = d.focus
	default:
		d.zoom, d.focus = timelinePanel, timelinePanel
	}
	return nil
}

// click focuses the panel at a place.
func (d *desk) click(x, y int, l layout) {
	if p := panelAt(x, y, &l); p != noPanel {
		d.focus = p
	}
}
