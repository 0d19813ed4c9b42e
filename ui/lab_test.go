package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// labHelp is what can be told to the lab of the tests.
var labHelp = &LabHelp{User: "alice", Misbehaviours: []VerbHelp{
	{"one-way-audio", "", "lose the audio to the phone"},
	{"deaf", "", "lose the audio from the phone"},
	{"late-cancel", "", "pass on a CANCEL 20 s late"},
	{"no-pong", "", "answer no ping"},
	{"close-at-invite", "", "close the connection right behind the INVITE"},
	{"refuse-register", "", "answer 403 to everybody"},
}}

// atLab is a phone whose lab is in the process: what becomes of the registrar, the robots and
// the deeds besides.
func atLab(t *testing.T, recording string, more ...event.Record) *event.Log {
	t.Helper()
	log := new(event.Log)
	add := func(back time.Duration, who string, e event.Event) {
		log.Append(event.Record{Wall: moment(t, recording).Add(-back), Phone: who, Event: e})
	}
	add(30*time.Minute, "lab", event.Server{What: "listening", Peer: "127.0.0.1:33675", Detail: "domain lab.test"})
	for _, robot := range []string{"bob", "carol", "echo", "busy"} {
		add(30*time.Minute, robot, event.Registration{Phase: event.RegistrationActive})
	}
	add(20*time.Minute, "lab", event.Location{Phase: event.LocationBound, User: "alice", Contact: "192.0.2.10:53826", Flow: "192.0.2.10:53826", Expires: event.Seconds(time.Hour)})
	for r := range load(t, recording).From(0) {
		log.Append(r)
	}
	add(2*time.Second, "lab", event.Verb{Line: "misbehave late-cancel", By: "key"})
	add(time.Second, "bob", event.Verb{Line: "bob calls alice", By: "key"})
	add(time.Second, "bob", event.Call{ID: 1, Phase: event.CallCalling, Out: true, Peer: "sip:alice@lab.test"})
	for _, r := range more {
		r.Wall = moment(t, recording)
		log.Append(r)
	}
	return log
}

func labModel(t *testing.T, recording string, more ...event.Record) (*model, *puppet) {
	t.Helper()
	p := &puppet{log: atLab(t, recording, more...)}
	m := newModel(t.Context(), p, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Lab: labHelp})
	m.resize(120, 40)
	m.take()
	m.Update(tickMsg{moment(t, recording)})
	return m, p
}

func TestGoldenLab(t *testing.T) {
	for _, c := range []struct {
		name, log, keys string
		w, h            int
		ascii           bool
	}{
		{"lab-120x40", "woken", "L", 120, 40, false},
		{"lab-200x60", "woken", "L down", 200, 60, false},
		{"lab-80x24", "woken", "L", 80, 24, false},
		{"lab-60x20", "woken", "L", 60, 20, false},
		{"lab-40x10", "woken", "L", 40, 10, false},
		{"lab-ascii", "woken", "L", 120, 40, true},
	} {
		f := Frame{Width: c.w, Height: c.h, Theme: "mono", ASCII: c.ascii, Wall: moment(t, c.log), Verbs: verbs, Keys: strings.Fields(c.keys), Lab: labHelp}
		golden(t, c.name, ansi.Strip(RenderFrame(atLab(t, c.log), f)))
	}
}

// TestDeeds: a letter tells the lab, or its robot, a line; what cannot be done says why.
func TestDeeds(t *testing.T) {
	gone := event.Record{Phone: "lab", Event: event.Location{Phase: event.LocationGone, User: "alice", Contact: "192.0.2.10:53826", Flow: "192.0.2.10:53826"}}
	stopped := event.Record{Phone: "lab", Event: event.Server{What: "stopped"}}
	pushed := event.Record{Phone: "lab", Event: event.Location{Phase: event.LocationAsleep, User: "alice", Contact: "192.0.2.10:53826", Flow: "192.0.2.10:53826", Push: true}}
	ended := event.Record{Phone: "bob", Event: event.Call{ID: 1, Phase: event.CallEnded}}
	for _, c := range []struct {
		keys, said, shown string
		more              []event.Record
	}{
		{"L c", "bob: call alice", "", nil},
		{"L right c", "carol: call alice", "", nil},
		{"L h", "bob: hang up", "", nil},
		{"L right h", "", "carol has no call", nil},
		{"L h", "", "bob has no call", []event.Record{ended}},
		{"L t", "bob: text alice hello", "", nil},
		{"L x", "lab: stop", "", nil},
		{"L x", "lab: start", "", []event.Record{stopped}},
		{"L c", "", "the server is stopped; x starts it", []event.Record{stopped}},
		{"L C", "lab: close alice", "", nil},
		{"L R", "lab: reset alice", "", nil},
		{"L C", "", "alice is not registered", []event.Record{gone}},
		{"L C", "", "alice has no connection: it sleeps", []event.Record{pushed}},
		{"L p", "", "no token of alice", nil},
		{"L p", "lab: push alice", "", []event.Record{pushed}},
		{"L r", "", "the app has no push token", nil},
		{"L space", "lab: misbehave one-way-audio", "", nil},
		{"L down down space", "lab: behave", "", nil},
		{"L down down space", "lab: behave|lab: misbehave deaf", "", []event.Record{{Phone: "lab", Event: event.Verb{Line: "misbehave deaf"}}}},
		{"L a", "answer from notification", "", nil},
		{"L e", "decline", "", nil},
		{"L b", "", "b does nothing here", nil},
	} {
		m, p := labModel(t, "woken", c.more...)
		press(m, strings.Fields(c.keys)...)
		if got := strings.Join(p.said, "|"); got != c.said {
			t.Errorf("%s: said %q, want %q", c.keys, got, c.said)
		}
		if got := ansi.Strip(screen(m)); !strings.Contains(got, c.shown) {
			t.Errorf("%s: no %q in\n%s", c.keys, c.shown, got)
		}
	}
}

// TestBelief: what the server believes stands beside what is true.
func TestBelief(t *testing.T) {
	cut := event.Record{Phone: "alice", Event: event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "192.0.2.10:49512", Why: "nat drop"}}
	m, p := labModel(t, "registered")
	press(m, "L")
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "believes: reachable ✓") {
		t.Error(got)
	}
	socket := m.history.fold.Socket.Local
	cut.Event = event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: socket, Why: "nat drop"}
	cut.Device, cut.Wall = m.history.fold.Device, m.history.fold.Wall
	p.log.Append(cut)
	m.take()
	if got := ansi.Strip(screen(m)); !strings.Contains(got, "believes: reachable ╳ the NAT forgot us") {
		t.Error(got)
	}
}

// TestTruth: it is green only while the app runs and is connected, and red where it is known that
// nothing gets through.
func TestTruth(t *testing.T) {
	for _, c := range []struct {
		strategy string
		life     event.Lifecycle
		want     string
		ink      style
	}{
		{"none", event.Foreground, " ✓", talk},
		{"push", event.Background, " ✓", talk},
		{"none", event.Suspended, " ╳ the app sleeps, and nothing wakes it", fault},
		{"stay-awake", event.Suspended, " ╳ the app sleeps, and nothing wakes it", fault},
		{"voip-socket", event.Suspended, " – the app sleeps, and counts on its socket", dim},
		{"wake-socket", event.Suspended, " – the app sleeps, and counts on its wake line", dim},
		{"push", event.Suspended, " – the app sleeps, and counts on a push", dim},
		{"new", event.Suspended, " – the app sleeps, and counts on what we do not know", dim},
		{"push", event.Dead, " – the app is dead, and counts on a push", dim},
		{"voip-socket", event.Dead, " ╳ the app is dead", fault},
	} {
		m, _ := newTestModel(t, "registered")
		m.history.fold.Start.Strategy, m.history.fold.Life.State = c.strategy, c.life
		if got := (labView{situation: m.situation("")}).truth(); got != (part{c.ink, c.want}) {
			t.Errorf("%s, %s: %+v", c.strategy, c.life, got)
		}
	}
	m, _ := newTestModel(t, "registered")
	m.history.fold.Life.State, m.history.fold.Socket = event.Foreground, event.ControlSocket{}
	if got := (labView{situation: m.situation("")}).truth(); got != (part{dim, " – the app has no connection"}) {
		t.Errorf("without a connection: %+v", got)
	}
}

// TestNoLab: where there is none the panel says so, and of a recording nothing can be told.
func TestNoLab(t *testing.T) {
	m, _ := newTestModel(t, "registered")
	press(m, "L")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "no lab is in this process") {
		t.Error(got)
	}
	m, p := labModel(t, "woken")
	m.verbs = nil
	press(m, "L", "c")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "this is a recording") || len(p.said) > 0 {
		t.Error(got, p.said)
	}
	m, p = labModel(t, "woken")
	m.layers.lab.help = nil
	press(m, "L", "c")
	if got := lastLine(ansi.Strip(screen(m))); !strings.Contains(got, "nobody here can tell the lab of this log anything") || len(p.said) > 0 {
		t.Error(got, p.said)
	}
}

// TestEveryKeyAtTheLab holds each key there to the law: it does something, or says why not.
func TestEveryKeyAtTheLab(t *testing.T) {
	m, _ := labModel(t, "woken")
	for _, k := range everyKey(m) {
		for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 10}} {
			m, p := labModel(t, "woken")
			m.resize(size.w, size.h)
			press(m, "L")
			m.remark = remark{}
			pressed(t, m, p, "lab", k)
		}
	}
	if !slices.ContainsFunc(m.keys, func(b binding) bool { return b.id == "lab space" }) {
		t.Error("no key misbehaves")
	}
}

// TestLabLane: the timeline marks what the lab and its robots were told, with the words where
// there is room, and gives the row to the measure of a lost call.
func TestLabLane(t *testing.T) {
	m, _ := labModel(t, "woken")
	lane := func() string {
		for line := range strings.Lines(ansi.Strip(screen(m))) {
			if strings.Contains(line, "││ lab  ") {
				return line
			}
		}
		return ""
	}
	if got := lane(); !strings.Contains(got, "misbehave late-cancel ●") {
		t.Error(got)
	}
	if got := m.history.line.Orders; len(got) != 2 || got[1].Label != "bob calls alice" || got[0].Kind != "lab" {
		t.Errorf("%+v", got)
	}
	m, _ = newTestModel(t, "registered")
	if got := lane(); got != "" || len(m.history.line.Orders) > 0 {
		t.Error("what a phone is told is none of the lab's deeds", got)
	}
}
