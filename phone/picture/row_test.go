package picture_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// drawnRows is the rows of a ladder in words.
func drawnRows(l *picture.Ladder, t *picture.Timeline, show picture.Show) string {
	var list []string
	for _, r := range picture.Rows(l, t, show) {
		s := fmt.Sprintf("pause %v asleep %v", r.Lasted, r.Asleep)
		if r.Rung != nil {
			s = r.Title
		}
		if r.Folded > 0 {
			s += fmt.Sprintf(" x%d", r.Folded)
		}
		if r.Letter+r.Hand != "" {
			s += " " + r.Letter + r.Hand
		}
		if r.LostSince {
			s += " cut"
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

// TestRows: keepalives that follow each other are one row, with their wakes; a wake is a row
// only if nothing came of it; where nothing passed is a row that says how long the app slept.
func TestRows(t *testing.T) {
	messages := func(g *picture.Rung) bool { return g.Kind != picture.RungNote }
	tick := func(at, n int) []said {
		return []said{
			{at, "alice", event.Wake{N: n, Cause: event.ByKeepalive}},
			{at, "alice", event.State{From: event.Suspended, To: event.Awake}},
			{at, "alice", event.Ping{Out: true}},
			{at + 41, "alice", event.Pong{RTT: event.Millis(41 * time.Millisecond)}},
			{at + 50, "alice", event.State{From: event.Awake, To: event.Suspended}},
		}
	}
	asleep := said{1000, "alice", event.State{From: event.Entering, To: event.Suspended}}
	var pings []said
	for n := range 3 {
		pings = append(pings, tick(10_000*(n+1), n+1)...)
	}
	for _, c := range []struct {
		name string
		log  []said
		show picture.Show
		want string
	}{
		{"folded", append([]said{asleep}, pings...), picture.Show{Rung: messages}, "pong x3 K"},
		{
			"each",
			append([]said{asleep}, pings[:10]...),
			picture.Show{Rung: messages, Pings: true},
			"ping K; pong; pause 9.959s asleep 9.95s; ping K; pong",
		},
		{
			"a pause after a message",
			append([]said{{0, "alice", message(true, "REGISTER", 0, "")}, asleep}, pings[:5]...),
			picture.Show{Rung: messages},
			"REGISTER; pause 10s asleep 9s; pong x1 K",
		},
		{
			"a wake with nothing after it",
			[]said{asleep, {5000, "alice", event.Wake{N: 1, Cause: event.BySocket}}, {9000, "alice", message(false, "OPTIONS", 0, "")}},
			picture.Show{Rung: messages},
			"woken by socket ?; pause 4s asleep 4s; OPTIONS",
		},
		{
			"a fault that the flow says, at the end",
			[]said{
				{0, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "a:1"}},
				{1, "alice", event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "a:1"}},
				{1, "alice", event.Fault{Name: "nat drop", On: true}},
				{2, "alice", event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "a:1"}},
				{3, "alice", event.Fault{Name: "delay", On: true}},
				{4, "alice", event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "a:1"}},
				{4, "alice", event.Fault{Name: "nat drop", On: true}},
			},
			picture.Show{},
			"control socket open; mapping forgotten cut; mapping forgotten cut; fault: delay cut; mapping forgotten cut",
		},
		{
			"cut until it connects",
			[]said{
				{0, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "a:1"}},
				{1, "alice", event.Mapping{Phase: event.MappingForgotten, Transport: "tcp", Local: "a:1"}},
				{1, "alice", event.Fault{Name: "nat drop", On: true}},
				{2, "alice", event.Swallowed{Transport: "tcp", What: "INVITE", CallID: "c", Local: "a:1"}},
				{3, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: "a:2"}},
			},
			picture.Show{},
			"control socket open; mapping forgotten cut; swallowed INVITE cut; control socket open",
		},
	} {
		l, line, _, _ := folded(told(c.log...))
		if got := drawnRows(l, line, c.show); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
		var last *picture.Rung
		for _, r := range picture.Rows(l, line, c.show) {
			if r.Rung != nil && (c.show.Pings || r.Kind != picture.RungPing) {
				last = r.Rung
			}
		}
		if got := picture.Newest(l, c.show, func(*picture.Rung) bool { return true }); got != last {
			t.Errorf("%s: the newest is %+v, the last row %+v", c.name, got, last)
		}
	}
}
