package picture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

func rungs(l *picture.Ladder) string {
	var list []string
	for _, g := range l.Rungs {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s [%s] %s %d", g.Title, g.Note, g.State, g.Wake)))
	}
	return strings.Join(list, "; ")
}

// TestLadder: what the fold has found out about a message stands in its rung.
func TestLadder(t *testing.T) {
	asleep := event.State{From: event.Awake, To: event.Suspended}
	for _, c := range []struct {
		name   string
		events []event.Event
		want   string
	}{
		{
			"only the bytes that woke the app came while it slept",
			[]event.Event{
				asleep,
				event.Wake{N: 1, Cause: event.BySocket},
				event.State{From: event.Suspended, To: event.Awake},
				event.Frame{Wake: 1, What: "CRLF", Bytes: 4},
				event.Ping{},
				event.Message{Method: "INVITE", SDP: true},
			},
			"suspended [] suspended 0; woken by CRLF [suspended for 0 µs] awake 0; ping [arrived while the app was suspended] awake 1; INVITE (SDP) [] awake 0",
		},
		{
			"a refusal says in how many segments it came",
			[]event.Event{event.Message{Method: "REGISTER", Status: 403, Reason: "Forbidden", Segments: 2}, event.Message{Method: "REGISTER", Status: 401, Reason: "Unauthorized", Segments: 2}},
			"403 Forbidden [refused, in 2 segments]  0; 401 Unauthorized [in 2 segments]  0",
		},
		{
			"the end of the process is where the ribbon ends",
			[]event.Event{event.State{To: event.Foreground}, event.Killed{Reason: "swiped away"}, event.State{From: event.Foreground, To: event.Dead}},
			"foreground [] foreground 0; killed [swiped away] dead 0",
		},
		{
			"media knows what was lost of it",
			[]event.Event{event.Media{Call: 1, Phase: "start", Codec: "PCMU"}, event.RTP{Call: 1, Received: 9, Lost: 1}, event.Media{Call: 2, Phase: "start", Codec: "PCMA"}},
			"RTP PCMU [ ⇄ ]  0; RTP PCMA [ ⇄ ]  0",
		},
	} {
		records := slices.Values(story(c.events...))
		l := picture.LadderOf(picture.FoldFor("alice", records), records, 0)
		if got := rungs(l); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
		if c.name[:5] == "media" && (l.Rungs[0].Losses() != "lost 1/10" || l.Rungs[1].Losses() != "") {
			t.Errorf("lost %q and %q", l.Rungs[0].Losses(), l.Rungs[1].Losses())
		}
	}
}

// TestLadderOfAPart begins where things stood before it.
func TestLadderOfAPart(t *testing.T) {
	records := story(event.State{To: event.Suspended}, event.Socket{Name: "control", Phase: "open", Local: "a:1", Remote: "b:2"}, event.Message{Method: "INVITE"})
	f := picture.FoldFor("alice", slices.Values(records))
	for _, r := range records[:3] {
		f.Apply(r)
	}
	l := picture.LadderOf(f, slices.Values(records[3:]), 0)
	if l.First != event.Suspended || l.Local != "a:1" || l.Remote != "b:2" || len(l.Rungs) != 1 {
		t.Errorf("%+v", l)
	}
}

// A peer that sends long messages makes no limited picture grow.
func TestPicturesOfLongMessages(t *testing.T) {
	line, rungs, f := picture.Timeline{Limit: 8000}, picture.Ladder{Limit: 4000}, event.Fold{Phone: "alice", Started: true}
	for i := range 400 {
		r := event.Record{Phone: "alice", Seq: uint64(i), Event: event.Message{Method: strings.Repeat("M", 1000), Raw: strings.Repeat("x", 60_000)}}
		f.Apply(r)
		line.Apply(r, &f)
		rungs.Apply(r, &f)
	}
	size := 0
	for _, g := range rungs.Rungs {
		size += len(g.Title) + len(g.Raw)
	}
	if n := len(rungs.Rungs); size > 4<<20 || n < 10 || rungs.Rungs[n-1].Seq != 399 {
		t.Errorf("%d rungs of %d bytes", n, size)
	}
	for _, p := range line.Wire {
		if len(p.Label) > 260 {
			t.Fatalf("a label of %d bytes", len(p.Label))
		}
	}
}

// TestCutRungs: what the network has swallowed comes to nobody, and is no message; audio that
// it swallows has no rung.
func TestCutRungs(t *testing.T) {
	log := new(event.Log)
	for i, e := range []event.Event{
		event.Socket{Name: "control", Phase: event.SocketOpen, Local: "192.0.2.10:49152", Remote: "192.0.2.1:5060"},
		event.Swallowed{Transport: "tcp", What: "INVITE", Bytes: 900, Why: "nat expired"},
		event.Swallowed{Out: true, Transport: "tcp", What: "REGISTER", Bytes: 500, Why: "nat expired"},
		event.Swallowed{Transport: "udp", What: "data", Bytes: 172, Why: "nat expired"},
		event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "192.0.2.10:49152"},
		event.Mapping{Phase: event.MappingMade, Transport: "tcp", Local: "192.0.2.10:49152"},
	} {
		log.Append(event.Record{Phone: "alice", Device: time.Duration(i) * time.Second, Event: e})
	}
	var got []picture.Rung
	for _, g := range picture.LadderOf(&event.Fold{Phone: "alice", Started: true}, log.From(0), 0).Rungs {
		if g.Kind == picture.RungCut {
			got = append(got, g)
		}
	}
	if len(got) != 3 || !got[0].Lost() || got[0].Out() || !got[1].Lost() || !got[1].Out() || got[2].Lost() {
		t.Errorf("%+v", got)
	}
}
