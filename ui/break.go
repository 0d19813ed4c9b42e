package ui

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A breaking is one row of the overlay that breaks the network:
//
//	╭─ break the network ─────────────────── esc ─╮
//	│ n  the NAT forgets what is open             │
//	│ l  5 % of packets lost           since 0:12 │
type breaking struct {
	key, what string
	fault     string                     // the one whose state is shown; "" if it has none
	line      func(f *event.Fold) string // the verb line
}

func breakings() []breaking {
	return []breaking{
		{"n", "the NAT forgets what is open", "nat drop", verb("fault nat drop")},
		{"h", "handover, wi-fi to cellular or back", "handover", handOver},
		{"o", "offline, and back", "", offline},
		{"c", "the server closes the connection (FIN)", "server close", verb("fault server close")},
		{"r", "the server resets it (RST)", "server reset", verb("fault server reset")},
		{"f", "the server forgets it, as after a power cut", "server half-open", verb("fault server half-open")},
		{"s", "the server hangs, and goes on", "server stall", toggle("server stall", "fault server stall", "fault server unstall")},
		{"l", "5 % of the packets lost", "loss", setting("loss", "5%")},
		{"t", "200 ms more, each way", "latency", setting("latency", "200ms")},
		{"j", "up to 60 ms more by chance", "jitter", setting("jitter", "60ms")},
		{"g", "a NAT that forgets TCP after 4 min", "nat", setting("nat", "short")},
		{"x", "all off", "", verb("fault clear")},
	}
}

func verb(line string) func(*event.Fold) string {
	return func(*event.Fold) string { return line }
}

// toggle is one line while a fault is off, and another while it is on.
func toggle(fault, on, off string) func(*event.Fold) string {
	return func(f *event.Fold) string {
		if _, is := f.Fault(fault); is {
			return off
		}
		return on
	}
}

func setting(fault, value string) func(*event.Fold) string {
	return toggle(fault, "fault "+fault+" "+value, "fault "+fault+" off")
}

func handOver(f *event.Fold) string {
	if f.Joined == "cell" {
		return "fault network wifi"
	}
	return "fault network cell"
}

func offline(f *event.Fold) string {
	if f.Network == "offline" {
		return "fault network " + f.Joined
	}
	return "fault network offline"
}

// breakNetwork is the overlay.
type breakNetwork struct{}

// bindings are the letters of the overlay; each closes it.
func (breakNetwork) bindings() []binding {
	var keys []binding
	for _, b := range breakings() {
		keys = append(keys, binding{
			id: "break " + b.key, group: breakGroup, Binding: bind(b.what, b.key), modes: breakMode,
			do: func(s situation) request { return closeReq{sayReq(b.line(s.fold))} },
		})
	}
	return keys
}

// draw lists what can be broken, and what is.
func (breakNetwork) draw(c *canvas, s situation) {
	s = s.asItIs()
	rows := breakings()
	p := s.overlay(c, "break the network", s.keyOf("esc"), 60, len(rows)+4)
	for i, b := range rows {
		if i >= p.h-2 {
			break
		}
		l := p.line(i)
		if state := b.state(s.scene); state != "" {
			l.right(fault, state)
		}
		l.put(keycap, b.key).at(3).put(text, b.what)
	}
	p.line(p.h-1).put(dim, "more: ").put(text, s.keyOf("command")+" fault …").put(dim, "   all: ").put(text, "sleeptalk help faults")
}

// state is since when the fault of a row is on.
func (b *breaking) state(s scene) string {
	if b.key == "o" && s.fold.Network == "offline" {
		return "offline"
	}
	if row, on := s.fold.Fault(b.fault); on {
		return "for " + event.Clock(max(0, s.now-row.At))
	}
	return ""
}
