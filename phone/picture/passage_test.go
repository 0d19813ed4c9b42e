package picture_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// A said is a record of a phone, so many milliseconds after the beginning.
type said struct {
	at    int
	phone string
	event event.Event
}

// told is the log of what was said.
func told(list ...said) *event.Log {
	log := new(event.Log)
	wall := time.Date(2026, 8, 23, 14, 0, 0, 0, time.UTC)
	log.Append(event.Record{Phone: "alice", Wall: wall, Event: event.Start{AOR: "sip:alice@lab.test"}})
	for _, s := range list {
		d := time.Duration(s.at) * time.Millisecond
		r := event.Record{Phone: s.phone, Wall: wall.Add(d), Device: d, Event: s.event}
		if s.phone != "alice" {
			r.Device = time.Hour // theirs is another clock
		}
		log.Append(r)
	}
	return log
}

// folded is all that is drawn of a log.
func folded(log *event.Log) (*picture.Ladder, *picture.Timeline, *picture.Dialogs, *event.Fold) {
	f, l, t, d := new(event.Fold), new(picture.Ladder), new(picture.Timeline), new(picture.Dialogs)
	for r := range log.From(0) {
		f.Apply(r)
		l.Apply(r, f)
		t.Apply(r, f)
		d.Apply(r, f)
	}
	return l, t, d, f
}

func message(out bool, method string, status int, raw string) event.Message {
	return event.Message{
		Out: out, Method: method, Status: status, CallID: "c1", CSeq: 1, URI: "sip:alice@lab.test", From: "sip:bob@lab.test", Raw: raw, Bytes: len(raw),
	}
}

// placed is the rungs of a ladder with where they go.
func placed(l *picture.Ladder) string {
	names := [picture.Stations]string{"app", "kernel", "link", "server", "far"}
	var list []string
	for _, g := range l.Rungs {
		s := fmt.Sprintf("%s %s>%s", g.Title, names[g.From], names[g.To])
		if g.Far.Who != "" {
			s += fmt.Sprintf(" (%s %d ms)", g.Far.Who, g.Far.At.Milliseconds())
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

// TestPassages: a message is one row where both ends have it and nothing held it up, and two
// where it had to wait; what a proxy does by itself is never joined.
func TestPassages(t *testing.T) {
	for _, c := range []struct {
		name string
		log  *event.Log
		want string
	}{
		{
			"what bob gets of ours",
			told(said{10, "alice", message(true, "INVITE", 180, "")}, said{12, "alice", event.Ping{Out: true}}, said{15, "bob", message(false, "INVITE", 180, "")}),
			"180  app>far (bob 15 ms); ping app>server",
		},
		{
			"what bob has written down before us",
			told(said{10, "bob", message(false, "INVITE", 180, "")}, said{10, "bob", event.Ping{}}, said{10, "alice", message(true, "INVITE", 180, "")}),
			"180  app>far (bob 10 ms)",
		},
		{
			"with a note in between",
			told(said{10, "bob", message(true, "ACK", 0, "")}, said{11, "alice", event.Media{Call: 1, Phase: event.MediaStart, Codec: "PCMU"}}, said{12, "alice", message(false, "ACK", 0, "")}),
			"RTP PCMU app>server; ACK far>app (bob 10 ms)",
		},
		{
			"what bob sends to us",
			told(said{10, "bob", message(true, "BYE", 0, "")}, said{15, "alice", message(false, "BYE", 0, "")}),
			"BYE far>app (bob 10 ms)",
		},
		{
			"with something in between",
			told(said{10, "bob", message(true, "INVITE", 0, "")}, said{11, "bob", message(false, "INVITE", 100, "")}, said{15, "alice", message(false, "INVITE", 0, "")}),
			"INVITE far>server (bob 10 ms); 100  server>far (bob 11 ms); INVITE server>app",
		},
		{
			"another call",
			told(said{10, "alice", message(true, "INVITE", 180, "")}, said{15, "bob", event.Message{Method: "INVITE", Status: 180, CallID: "c2", CSeq: 1}}),
			"180  app>server; 180  server>far (bob 15 ms)",
		},
		{
			"100 Trying is of each hop",
			told(said{10, "alice", message(true, "INVITE", 100, "")}, said{15, "bob", message(false, "INVITE", 100, "")}),
			"100  app>server; 100  server>far (bob 15 ms)",
		},
		{
			"CANCEL is of each hop",
			told(said{10, "bob", message(true, "CANCEL", 0, "")}, said{15, "alice", message(false, "CANCEL", 0, "")}),
			"CANCEL far>server (bob 10 ms); CANCEL server>app",
		},
		{
			"what has woken the app",
			told(
				said{1, "alice", event.State{From: event.Entering, To: event.Suspended}},
				said{10, "bob", message(true, "INVITE", 0, "")},
				said{15, "alice", event.Wake{N: 1, Cause: event.BySocket}}, said{15, "alice", event.Frame{Wake: 1, What: "INVITE", Bytes: 9}},
				said{16, "alice", message(false, "INVITE", 0, "")},
			),
			"suspended app>app; INVITE far>server (bob 10 ms); woken by INVITE app>app; INVITE server>app",
		},
	} {
		l, _, _, _ := folded(c.log)
		if got := placed(l); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

// ways is how far the messages of a ladder came.
func ways(l *picture.Ladder, g *picture.Rung) string {
	names := [picture.Stations]string{"app", "kernel", "link", "server", "far"}
	var list []string
	for _, s := range l.Way(g) {
		reach := [...]string{"?", "+", "x", "-"}[s.Reached]
		list = append(list, names[s.Station]+reach)
	}
	return strings.Join(list, " ")
}

// TestWay: how far a message came is told as far as the log says it, and no further.
func TestWay(t *testing.T) {
	lost := event.Swallowed{Transport: "tcp", What: "INVITE", CallID: "c1", Bytes: 900, Why: "nat expired", Local: "192.0.2.10:49152"}
	lostOut := event.Swallowed{Out: true, Transport: "tcp", What: "INVITE", CallID: "c1", Bytes: 900, Why: "nat expired"}
	for _, c := range []struct {
		name string
		log  *event.Log
		want string // of its last rung
	}{
		{"lost on its way to us", told(said{10, "bob", message(true, "INVITE", 0, "")}, said{11, "alice", lost}), "far+ server+ linkx kernel- app-"},
		{"nobody else is known", told(said{11, "alice", lost}), "server+ linkx kernel- app-"},
		{"bob has sent it, and no more is known", told(said{10, "bob", message(true, "INVITE", 0, "")}), "far+ server? link? kernel- app-"},
		{"it came", told(said{10, "bob", message(true, "BYE", 0, "")}, said{11, "alice", message(false, "BYE", 0, "")}), "far+ server+ link+ kernel+ app+"},
		{"ours, and nothing came back", told(said{10, "alice", message(true, "INVITE", 0, "")}), "app+ kernel+ link? server?"},
		{"ours, and bob has it", told(said{10, "alice", message(true, "INVITE", 180, "")}, said{11, "bob", message(false, "INVITE", 180, "")}), "app+ kernel+ link+ server+ far+"},
		{"ours, lost", told(said{11, "alice", lostOut}), "app+ kernel+ linkx server-"},
		{"a 100 of the server's own", told(said{10, "bob", message(false, "INVITE", 100, "")}), "server+ far+"},
		{"a 487 of the server's own, to a call that was lost", told(said{11, "alice", lost}, said{12, "bob", message(false, "INVITE", 487, "")}), "server+ far+"},
		{"the server's answer to a CANCEL", told(said{12, "bob", message(false, "CANCEL", 200, "")}), "server+ far+"},
		{"our 100, of which bob's says nothing", told(said{9, "bob", message(false, "INVITE", 100, "")}, said{10, "alice", message(true, "INVITE", 100, "")}), "app+ kernel+ link? server?"},
		{"bob's 100, of which ours says nothing", told(said{10, "alice", message(true, "INVITE", 100, "")}, said{11, "bob", message(false, "INVITE", 100, "")}), "server+ far+"},
		{"a CANCEL that was passed on", told(said{10, "bob", message(true, "CANCEL", 0, "")}, said{11, "alice", message(false, "CANCEL", 0, "")}), "far+ server+ link+ kernel+ app+"},
		{"our CANCEL, and one that bob gets", told(said{10, "alice", message(true, "CANCEL", 0, "")}, said{9, "bob", message(false, "CANCEL", 0, "")}, said{11, "alice", message(true, "CANCEL", 0, "")}), "app+ kernel+ link? server?"},
		{"a keepalive is not told from others", told(said{10, "alice", event.Ping{Out: true}}), ""},
	} {
		l, _, _, _ := folded(c.log)
		if got := ways(l, &l.Rungs[len(l.Rungs)-1]); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	l, _, _, _ := folded(told(said{10, "alice", message(true, "INVITE", 0, "")}, said{12, "alice", message(false, "INVITE", 486, "")}))
	if got := ways(l, &l.Rungs[0]); got != "app+ kernel+ link+ server+" {
		t.Errorf("an answer shows that it came: %s", got)
	}
}
