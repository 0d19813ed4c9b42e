package event

import (
	"testing"
	"time"
)

// TestCut: what the emulator knows of whether the server gets through, while the phone
// believes that it does.
func TestCut(t *testing.T) {
	registered := Registration{Phase: RegistrationActive}
	reopened := Socket{Name: "control", Phase: SocketOpen, Local: "10.0.0.2:6"}
	for name, c := range map[string]struct {
		want   string
		events []Event
	}{
		"registered":                      {"", nil},
		"the NAT forgets":                 {"nat expired", []Event{forgotten}},
		"of another flow":                 {"", []Event{Mapping{Phase: MappingForgotten, Transport: "tcp", Local: "10.0.0.2:7"}}},
		"of a flow over UDP on its port":  {"", []Event{Mapping{Phase: MappingForgotten, Transport: "udp", Local: "10.0.0.2:5"}}},
		"a new mapping mends nothing":     {"nat expired", []Event{forgotten, Mapping{Phase: MappingMade, Transport: "tcp", Local: "10.0.0.2:5"}}},
		"registered anew":                 {"", []Event{forgotten, registered}},
		"the app has noticed":             {"", []Event{forgotten, Socket{Name: "control", Phase: SocketBroken}}},
		"another connection":              {"", []Event{forgotten, reopened}},
		"offline":                         {"offline", []Event{Network{Name: "offline"}}},
		"back":                            {"", []Event{Network{Name: "offline"}, Network{Name: "wifi"}}},
		"offline with a dead flow":        {"offline", []Event{forgotten, Network{Name: "offline"}}},
		"the server hangs":                {"server stall", []Event{Fault{Name: "server stall", On: true}}},
		"and goes on":                     {"", []Event{Fault{Name: "server stall", On: true}, Fault{Name: "server stall"}}},
		"another fault":                   {"", []Event{Fault{Name: "loss", On: true}}},
		"dead, and its process gone":      {"", []Event{forgotten, Killed{}}},
		"the line that wakes it is dead":  {"nat expired", []Event{Socket{Name: "wake", Phase: SocketOpen, Local: "10.0.0.2:8"}, Mapping{Phase: MappingForgotten, Transport: "tcp", Local: "10.0.0.2:8", Why: "nat expired"}}},
		"a socket of a call, on its port": {"", []Event{Socket{Name: "rtp", Phase: SocketOpen, Local: "10.0.0.2:9"}, Mapping{Phase: MappingForgotten, Transport: "tcp", Local: "10.0.0.2:9"}}},
	} {
		s := newTale("voip-socket")
		s.says(10, "alice", c.events...)
		got, is := FoldOf(s.log.From(0), "alice").Cut()
		if got.Why != c.want || is != (c.want != "") || is && got.At != 10*time.Second {
			t.Errorf("%s: %+v, %v", name, got, is)
		}
	}
	s := newTale("push")
	s.says(10, "alice", forgotten)
	if got, is := FoldOf(s.log.From(0), "alice").Cut(); is {
		t.Errorf("a phone that is pushed to: %+v", got)
	}
}

// TestCutOfSeveral: one flow of an account is enough, and each of several accounts counts.
func TestCutOfSeveral(t *testing.T) {
	for name, c := range map[string]struct {
		accounts []Account
		dead     []string
		want     bool
	}{
		"one of two flows":    {[]Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}, []string{"a:1"}, false},
		"both flows":          {[]Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}, []string{"a:1", "a:2"}, true},
		"one of two accounts": {[]Account{{Name: "flow1"}, {Name: "flow2"}}, []string{"a:2"}, true},
	} {
		log := new(Log)
		add := func(account string, e Event) { log.Append(Record{Phone: "alice", Account: account, Event: e}) }
		add("", Start{AOR: "sip:alice@b", Accounts: c.accounts})
		add("flow1", Socket{Name: "control", Phase: SocketOpen, Local: "a:1"})
		add("flow2", Socket{Name: "control", Phase: SocketOpen, Local: "a:2"})
		for _, local := range c.dead {
			add("", Mapping{Phase: MappingForgotten, Transport: "tcp", Local: local})
		}
		f := FoldOf(log.From(0), "alice")
		before := f.Clone()
		if _, is := f.Cut(); is != c.want {
			t.Errorf("%s: %v", name, is)
		}
		f.Apply(Record{Phone: "alice", Account: "flow2", Event: Registration{Phase: RegistrationActive}})
		f.Apply(Record{Phone: "alice", Event: Network{Name: "offline"}})
		if _, is := before.Cut(); is != c.want {
			t.Errorf("%s: the copy went along", name)
		}
	}
}
