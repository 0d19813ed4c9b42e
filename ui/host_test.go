package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// hostVerbs are those of a lab and its robots.
var hostVerbs = []VerbHelp{{"misbehave", "NAME", "break a rule"}, {"bob: call", "USER", "call somebody"}}

// labAlone is the log of a lab at which so many phones are registered, that are elsewhere.
func labAlone(t testing.TB, users ...string) *event.Log {
	t.Helper()
	log := new(event.Log)
	at := moment(t, "woken")
	add := func(back time.Duration, who string, e event.Event) {
		log.Append(event.Record{Wall: at.Add(-back), Device: 10*time.Minute - back, Phone: who, Event: e})
	}
	add(10*time.Minute, "lab", event.Server{What: "listening", Peer: "127.0.0.1:5070", Detail: "domain lab.test"})
	for _, robot := range []string{"bob", "echo"} {
		add(10*time.Minute, robot, event.Registration{Phase: event.RegistrationActive})
	}
	for _, user := range users {
		add(5*time.Minute, "lab", event.Location{Phase: event.LocationBound, User: user, Contact: "192.0.2.10:53826", Flow: user, Expires: event.Seconds(time.Hour)})
	}
	return log
}

func hostModel(t testing.TB, users ...string) (*model, *puppet) {
	t.Helper()
	p := &puppet{log: labAlone(t, users...)}
	help := &LabHelp{Misbehaviours: labHelp.Misbehaviours, Doors: []string{"listening on 127.0.0.1:5070 (tcp, tls, udp, ws, wss)"}}
	m := newHostModel(t.Context(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Lab: help})
	m.verbs = hostVerbs
	m.resize(80, 24)
	m.take()
	m.Update(tickMsg{moment(t, "woken")})
	return m, p
}

func TestGoldenHosts(t *testing.T) {
	help := &LabHelp{Misbehaviours: labHelp.Misbehaviours, Doors: []string{"listening on 127.0.0.1:5070 (tcp, tls, udp, ws, wss)"}}
	for _, size := range []struct {
		name string
		w, h int
	}{{"200x60", 200, 60}, {"120x40", 120, 40}, {"80x24", 80, 24}, {"60x20", 60, 20}, {"40x10", 40, 10}} {
		f := Frame{Width: size.w, Height: size.h, Theme: "mono", Wall: moment(t, "woken"), Verbs: hostVerbs, Lab: help}
		golden(t, "host-"+size.name, ansi.Strip(RenderHost(labAlone(t, "alice", "carol"), f)))
	}
	f := Frame{Width: 80, Height: 24, ASCII: true, Wall: moment(t, "woken"), Verbs: hostVerbs, Lab: help}
	golden(t, "host-empty-ascii", ansi.Strip(RenderHost(labAlone(t), f)))
	f.ASCII, f.Keys = false, []string{"q"}
	golden(t, "host-dark", RenderHost(labAlone(t, "alice"), f))
}

// TestHostTells: a letter is a line to the lab or its robot, about the phone that is chosen.
func TestHostTells(t *testing.T) {
	for keys, want := range map[string]string{
		"c":             "bob: call alice",
		"tab c":         "bob: call carol",
		"tab tab c":     "bob: call alice",
		"right c":       "echo: call alice",
		"C":             "lab: close alice",
		"x":             "lab: stop",
		"down space":    "lab: misbehave deaf",
		": b o b enter": "bob",
		"q n":           "",
		"q y":           "quit",
		"r":             "",
		"h":             "",
	} {
		m, p := hostModel(t, "alice", "carol")
		press(m, strings.Fields(keys)...)
		if got := strings.Join(p.said, "|"); got != want {
			t.Errorf("%q says %q, want %q", keys, got, want)
		}
	}
	m, p := hostModel(t)
	press(m, "q")
	if len(p.said) != 1 {
		t.Error("it asks, though nobody is registered")
	}
}

// TestHostBelief: what is true of a phone that is elsewhere, nobody here knows.
func TestHostBelief(t *testing.T) {
	m, _ := hostModel(t, "alice")
	if text := ansi.Strip(screen(m)); !strings.Contains(text, "believes: reachable, unproven here") || strings.Contains(text, "reachable ✓") {
		t.Error(text)
	}
	if text := ansi.Strip(screen(m)); !strings.Contains(text, "bound 55:00") {
		t.Errorf("the registration does not run down\n%s", text)
	}
}

// TestEveryKeyAtAHost presses every key: it does something that is seen, or says why not.
func TestEveryKeyAtAHost(t *testing.T) {
	empty, _ := hostModel(t)
	keys := everyKey(empty)
	for _, users := range [][]string{nil, {"alice", "carol"}} {
		for _, k := range keys {
			m, p := hostModel(t, users...)
			m.remark = remark{}
			before := m.draw()
			_, cmd := m.Update(keyPress(k))
			if cmd == nil && len(p.said) == 0 && len(m.queue) == 0 && m.draw().equal(before) {
				t.Errorf("%q: nothing happens, and nothing is said\n%s", k, ansi.Strip(screen(m)))
			}
		}
	}
}

func TestHostFitsAnySize(t *testing.T) {
	m, _ := hostModel(t, "alice", strings.Repeat("wide界", 40), "\x1b]0;x\a\u202e")
	for w := 1; w <= 200; w += 9 {
		for h := 1; h <= 60; h += 4 {
			m.Update(tea.WindowSizeMsg{Width: w, Height: h})
			fits(t, screen(m), w, h)
		}
	}
}
