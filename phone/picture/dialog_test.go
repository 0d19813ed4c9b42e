package picture_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/picture"
)

// listed is the dialogs of a phone in words.
func listed(l *picture.Dialogs) string {
	var list []string
	for _, d := range l.List {
		ring := "never"
		if t, ok := d.ToRinging(); ok {
			ring = t.String()
		}
		s := fmt.Sprintf("%d %s %s with %s, %d, %s, rang %s, %d messages on %s", d.N, d.Method, d.ID, d.With, d.Code, d.State, ring, d.Messages, strings.Join(d.Ports, "+"))
		if d.Up != 0 {
			s += ", talked " + (d.Over - d.Up).String()
		}
		if d.Accepted > 0 {
			s += fmt.Sprintf(", accepted %d", d.Accepted)
		}
		if d.Cut {
			s += ", cut"
		}
		if d.Other {
			s += ", several"
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

func TestDialogs(t *testing.T) {
	open := func(at int, local string) said {
		return said{at, "alice", event.Socket{Name: "control", Phase: event.SocketOpen, Local: local}}
	}
	register := func(out bool, status int) event.Message {
		return event.Message{Out: out, Method: "REGISTER", Status: status, CallID: "r", URI: "sip:lab.test", From: "sip:alice@lab.test"}
	}
	call := func(at int, phase event.CallPhase) said {
		return said{at, "alice", event.Call{ID: 1, Phase: phase, Peer: "sip:bob@lab.test", Name: "Bob", CallID: "c1"}}
	}
	asleep := said{1, "alice", event.State{From: event.Entering, To: event.Suspended}}
	for _, c := range []struct {
		name string
		log  []said
		want string
	}{
		{
			"a call that wakes the app counts from the wake on",
			[]said{
				open(0, "192.0.2.10:49152"), asleep,
				{10, "bob", message(true, "INVITE", 0, "")},
				{20, "alice", event.Wake{N: 1, Cause: event.BySocket}},
				{20, "alice", event.State{From: event.Suspended, To: event.Awake}},
				{25, "alice", event.Frame{Wake: 1, What: "INVITE", Bytes: 9}},
				{25, "alice", message(false, "INVITE", 0, "")},
				call(25, event.CallIncoming),
				{30, "alice", message(true, "INVITE", 100, "")},
				{50, "alice", message(true, "INVITE", 180, "")},
				{60, "alice", message(true, "INVITE", 180, "")},
				{1000, "alice", message(true, "INVITE", 200, "")},
				call(1010, event.CallUp),
				{3010, "alice", message(false, "BYE", 0, "")},
				{3010, "alice", message(true, "BYE", 200, "")},
				call(3010, event.CallEnded),
			},
			"1 INVITE c1 with Bob, 200, suspended, rang 30ms, 8 messages on 49152, talked 2s",
		},
		{
			"a call that never comes",
			[]said{
				open(0, "192.0.2.10:49152"), asleep,
				{10, "bob", message(true, "INVITE", 0, "")},
				{11, "bob", message(false, "INVITE", 100, "")},
				{12, "alice", event.Swallowed{Transport: "tcp", What: "INVITE", CallID: "c1", From: "Bob", Local: "192.0.2.10:49152"}},
				{32000, "bob", message(false, "INVITE", 408, "")},
			},
			"1 INVITE c1 with bob, 408, suspended, rang never, 4 messages on 49152, cut",
		},
		{
			"of others only what is about us",
			[]said{
				{10, "bob", event.Message{Out: true, Method: "INVITE", CallID: "x", URI: "sip:carol@lab.test"}},
				{20, "bob", event.Message{Method: "INVITE", CallID: "y", URI: "sip:alice@lab.test"}},
				{30, "bob", event.Message{Out: true, Method: "REGISTER", CallID: "z", URI: "sip:lab.test"}},
			},
			"",
		},
		{
			"a registration outlives its connection",
			[]said{
				open(0, "192.0.2.10:49152"),
				{1, "alice", register(true, 0)},
				{2, "alice", register(false, 401)},
				{3, "alice", register(true, 0)},
				{4, "alice", register(false, 200)},
				{5, "alice", event.State{From: event.Entering, To: event.Awake}},
				open(6, "192.0.2.10:49153"),
				{7, "alice", register(true, 0)},
				{8, "alice", register(false, 200)},
			},
			"1 REGISTER r with registrar, 200, , rang never, 6 messages on 49152+49153, accepted 2, several",
		},
		{"an answer to nothing", []said{{1, "alice", message(false, "INVITE", 486, "")}}, ""},
	} {
		_, _, d, _ := folded(told(c.log...))
		if got := listed(d); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

// TestDialogsAreBounded: a peer that calls for ever makes no list grow, and the newest stay.
func TestDialogsAreBounded(t *testing.T) {
	d, f := &picture.Dialogs{Limit: 1000}, &event.Fold{Phone: "alice", Started: true}
	for i := range 5000 {
		r := event.Record{Phone: "alice", Event: event.Message{Method: "INVITE", CallID: fmt.Sprint(i) + strings.Repeat("x", 1000)}}
		f.Apply(r)
		d.Apply(r, f)
	}
	n := len(d.List)
	if last := d.List[n-1]; n > 1000 || n < 800 || last.N != 5000 || d.Of(last.ID) != last || len(last.ID) > 300 {
		t.Errorf("%d dialogs, the last %+v", n, d.List[n-1])
	}
	if d.Of("0"+strings.Repeat("x", 1000)) != nil {
		t.Error("the first is still known")
	}
}
