package event

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A tale is a log that looks for lost calls, of alice at "sip:alice@b" and others.
type tale struct{ log *Log }

func newTale(strategy string) *tale {
	s := &tale{new(Log)}
	s.log.FindLosses()
	s.says(0, "alice", Start{AOR: "sip:alice@b", Strategy: strategy}, Launch{}, Keepalive{Phase: KeepaliveInstalled, Timeout: Seconds(600 * time.Second)},
		Socket{Name: "control", Phase: SocketOpen, Local: "10.0.0.2:5", Remote: "10.0.0.1:5060"}, Registration{Phase: RegistrationActive, Expires: Seconds(time.Hour)})
	return s
}

// says appends what somebody says, so many seconds after the beginning.
func (s *tale) says(at float64, who string, events ...Event) {
	d := time.Duration(at * float64(time.Second))
	for _, e := range events {
		s.log.Append(Record{Wall: wall.Add(d), Device: d, Phone: who, Event: e})
	}
}

// verdicts are the losses of the log: "30.0 lost alice bob link 408 cause 6".
func (s *tale) verdicts() string { return s.tell(func(Loss) []string { return nil }) }

// details are the same with what is known of the caller.
func (s *tale) details() string {
	return s.tell(func(e Loss) []string {
		return []string{unless(!e.Waits, "waits"), unless(e.Phase != LossCertain && e.After == 0, "after %.1f", e.After.D().Seconds())}
	})
}

func (s *tale) tell(more func(Loss) []string) string {
	var list []string
	for r := range s.log.From(0) {
		if e, ok := r.Event.(Loss); ok {
			parts := []string{fmt.Sprintf("%.1f", r.Device.Seconds()), string(e.Phase), r.Phone, e.From, string(e.Where), unless(e.Status == 0, "%d", e.Status), e.By, unless(e.Cause == 0, "cause %d", e.Cause)}
			parts = append(parts, more(e)...)
			list = append(list, strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " "))
		}
	}
	return strings.Join(list, "; ")
}

var (
	forgotten = Mapping{Phase: MappingForgotten, Transport: "tcp", Local: "10.0.0.2:5", Limit: Seconds(240 * time.Second), Why: "nat expired"}
	swallowed = Swallowed{Transport: "tcp", Local: "10.0.0.2:5", What: "INVITE", From: "Bob", CallID: "x", Why: "nat expired"}
	calls     = Call{ID: 1, Phase: CallCalling, Out: true, Peer: "sip:alice@b", CallID: "x"}
	comes     = Call{ID: 9, Phase: CallIncoming, Peer: "sip:bob@b", CallID: "x"}
	gaveUp    = Call{ID: 1, Phase: CallEnded, Out: true, CallID: "x", By: "us"}
	cancels   = Message{Out: true, Method: "CANCEL", CallID: "x"}
	rings     = Message{Out: true, Method: "INVITE", Status: 180, CallID: "x"}
)

// told is the end of bob's call.
func told(status int) Call {
	return Call{ID: 1, Phase: CallEnded, Out: true, CallID: "x", Status: status, By: "peer"}
}

// ends is the end of the call for alice.
func ends9(by string) Call { return Call{ID: 9, Phase: CallEnded, CallID: "x", By: by} }

// TestNoPushWillCome: a phone that waits for pushes of which none will come is out of reach
// from the moment that its last socket is gone; until one comes all the same, or it has a
// socket again.
func TestNoPushWillCome(t *testing.T) {
	gone := Socket{Name: "control", Phase: SocketBroken}
	for name, c := range map[string]struct {
		strategy string
		tale     []Event
		cut      bool
	}{
		"asleep":              {"push", []Event{Warning{Rule: RuleNotWakeable}, gone}, true},
		"killed":              {"push", []Event{Warning{Rule: RuleNotWakeable}, Killed{}}, true},
		"another warning":     {"push", []Event{Warning{Rule: RulePushLost}, gone}, false},
		"with its socket":     {"push", []Event{Warning{Rule: RuleNotWakeable}}, false},
		"and with another":    {"push", []Event{Warning{Rule: RuleNotWakeable}, gone, Socket{Name: "control", Phase: SocketOpen, Local: "10.0.0.2:6"}}, false},
		"pushed all the same": {"push", []Event{Warning{Rule: RuleNotWakeable}, gone, Push{Phase: PushDelivered}}, false},
		"that waits for none": {"voip-socket", []Event{Warning{Rule: RuleNotWakeable}, gone}, false},
	} {
		f := NewFold("alice")
		records := append([]Event{Start{AOR: "sip:alice@b", Strategy: c.strategy}, Socket{Name: "control", Phase: SocketOpen, Local: "10.0.0.2:5"}, Registration{Phase: RegistrationActive}}, c.tale...)
		for i, e := range records {
			f.Apply(Record{Seq: uint64(i + 1), Phone: "alice", Device: time.Duration(i) * time.Second, Event: e})
		}
		cut, is := f.Cut()
		if is != c.cut || is && (cut.Why != "no push" || cut.At != 4*time.Second) {
			t.Errorf("%s: %v %+v, want %v", name, is, cut, c.cut)
		}
	}
}

// TestLosses tells lost calls from others: none is found where there is none, and none is
// passed over.
func TestLosses(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		tell func(s *tale)
	}{
		"swallowed by a NAT": {"30.0 likely alice Bob link cause 6; 62.0 lost alice Bob link 408 cause 6", func(s *tale) {
			s.says(20, "alice", forgotten)
			s.says(30, "bob", calls)
			s.says(30, "alice", swallowed)
			s.says(62, "bob", told(408))
		}},
		"swallowed, and then by another way": {"30.0 likely alice Bob link cause 6; 31.0 reached alice Bob link cause 6", func(s *tale) {
			s.says(20, "alice", forgotten)
			s.says(30, "bob", calls)
			s.says(30, "alice", swallowed)
			s.says(31, "alice", comes, rings)
			s.says(62, "bob", told(408))
		}},
		"swallowed, and answered by another phone": {"30.0 likely alice Bob link cause 6; 33.0 reached alice Bob link cause 6", func(s *tale) {
			s.says(20, "alice", forgotten)
			s.says(30, "bob", calls)
			s.says(30, "alice", swallowed)
			s.says(33, "bob", Call{ID: 1, Phase: CallUp, Out: true, CallID: "x"})
			s.says(62, "bob", told(0))
		}},
		"swallowed, of a caller whom nobody here knows": {"30.0 likely alice Bob link cause 6; 90.0 lost alice Bob link cause 6", func(s *tale) {
			s.says(20, "alice", forgotten)
			s.says(30, "alice", swallowed)
			s.says(61.9, "alice", Lock{})
			s.says(90, "alice", Lock{})
		}},
		"lost over UDP, and sent again": {"", func(s *tale) {
			random := swallowed
			random.Why = "loss"
			s.says(30, "bob", calls)
			s.says(30, "alice", random)
			s.says(30.5, "alice", comes, rings)
			s.says(40, "bob", told(408))
		}},
		"lost over UDP each time": {"62.0 lost alice Bob link 408", func(s *tale) {
			random := swallowed
			random.Why = "loss"
			s.says(30, "bob", calls)
			s.says(30, "alice", random, random)
			s.says(62, "bob", told(408))
		}},
		"over a connection that the phone has left, which has cut nothing off": {"40.0 likely alice Bob link", func(s *tale) {
			s.says(20, "alice", forgotten, Socket{Name: "control", Phase: SocketOpen, Local: "10.0.0.2:6"}, Registration{Phase: RegistrationActive})
			s.says(40, "alice", swallowed)
		}},
		"missed: it rang": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "alice", comes, rings)
			s.says(62, "bob", told(408))
		}},
		"missed: there was a banner": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "alice", comes, Notification{Phase: NotificationPosted})
			s.says(62, "bob", told(480))
		}},
		"cancelled after 180": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "alice", comes, rings)
			s.says(34, "alice", ends9("peer"))
			s.says(34, "bob", gaveUp)
		}},
		"cancelled before it rang": {"30.3 lost alice bob app caller", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30.2, "alice", comes, ends9("peer"))
			s.says(30.3, "bob", gaveUp)
		}},
		"the same of a caller whom nobody here knows": {"30.2 lost alice bob app caller", func(s *tale) {
			s.says(30.2, "alice", comes, ends9("peer"))
		}},
		"given up before it came": {"31.0 lost alice bob server caller", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(31, "bob", gaveUp)
		}},
		"answered elsewhere": {"", func(s *tale) {
			end := ends9("peer")
			end.Elsewhere = "answered elsewhere"
			s.says(30, "alice", comes, end)
		}},
		"refused by us": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "alice", comes, ends9("us"))
			s.says(30, "bob", told(486))
		}},
		"declined by another phone": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(31, "bob", told(603))
		}},
		"answered, and never acknowledged": {"62.0 lost alice bob answer", func(s *tale) {
			s.says(30, "alice", comes, rings, Call{ID: 9, Phase: CallAnswered, CallID: "x"})
			s.says(62, "alice", ends9("timeout"))
		}},
		"answered, and the answer was lost": {"62.0 lost alice bob answer 408", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(31, "alice", comes, rings, Call{ID: 9, Phase: CallAnswered, CallID: "x"})
			s.says(62, "bob", told(408))
			s.says(64, "alice", ends9("timeout"))
		}},
		"answered": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(31, "alice", comes, rings, Call{ID: 9, Phase: CallUp, CallID: "x"})
			s.says(31, "bob", Call{ID: 1, Phase: CallUp, Out: true, CallID: "x"})
			s.says(62, "bob", gaveUp)
			s.says(62, "alice", ends9("peer"))
		}},
		"refused by the server": {"30.1 lost alice bob server 403", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30.1, "bob", told(403))
		}},
		"the caller has no password": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30.1, "bob", told(401))
		}},
		"the caller has no connection": {"", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30.1, "bob", Call{ID: 1, Phase: CallEnded, Out: true, CallID: "x", By: "network"})
		}},
		"somebody else is called": {"", func(s *tale) {
			s.says(30, "bob", Call{ID: 1, Phase: CallCalling, Out: true, Peer: "sip:carol@b", CallID: "x"})
			s.says(30.1, "bob", told(404))
		}},
		"redirected to alice": {"30.1 lost alice bob server 404", func(s *tale) {
			s.says(30, "bob", Call{ID: 1, Phase: CallCalling, Out: true, Peer: "sip:carol@b", CallID: "x"}, Call{ID: 1, Phase: CallRedirected, Out: true, To: "sip:alice@b"})
			s.says(30.1, "bob", told(404))
		}},
		"the phone has unregistered": {"", func(s *tale) {
			s.says(20, "alice", Registration{Phase: RegistrationRemoved})
			s.says(30, "bob", calls)
			s.says(30.1, "bob", told(480))
		}},
		"its password is wrong": {"30.1 lost alice bob server 480 cause 6", func(s *tale) {
			s.says(20, "alice", Registration{Phase: RegistrationFailed, Status: 403}, Registration{Phase: RegistrationFailed, Status: 403})
			s.says(30, "bob", calls)
			s.says(30.1, "bob", told(480))
		}},
		"its registration has lapsed": {"3700.1 lost alice bob server 480 cause 5", func(s *tale) {
			s.says(3700, "bob", calls)
			s.says(3700.1, "bob", told(480))
		}},
		"its process is gone": {"30.1 lost alice bob server 480 cause 6", func(s *tale) {
			s.says(20, "alice", Killed{}, Registration{Phase: RegistrationLost})
			s.says(30, "bob", calls)
			s.says(30.1, "bob", told(480))
		}},
		"it is offline": {"62.0 lost alice bob server 408 cause 6", func(s *tale) {
			s.says(20, "alice", Network{Name: "offline"})
			s.says(30, "bob", calls)
			s.says(62, "bob", told(408))
		}},
		"another Call-ID behind the server": {"", func(s *tale) {
			other := comes
			other.CallID = "y"
			s.says(30, "bob", calls)
			s.says(30, "alice", other, Call{ID: 9, Phase: CallRinging, CallID: "y"})
			s.says(62, "bob", told(408))
		}},
		"the end comes twice": {"30.1 lost alice bob app 408", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "alice", comes)
			s.says(30.1, "bob", told(408))
			s.says(30.2, "alice", ends9("peer"))
		}},
	} {
		s := newTale("voip-socket")
		if c.tell(s); s.verdicts() != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, s.verdicts(), c.want)
		}
	}
}

// TestLossKnowsItsCaller: of a caller in the same log it is said that they wait, until they
// give up; of another nothing is. What comes after all takes back what was told.
func TestLossKnowsItsCaller(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		tell func(s *tale)
	}{
		"swallowed, and the caller gives up long before the server says so": {"30.0 likely alice Bob link cause 6 waits; 41.6 likely alice Bob link caller cause 6 after 11.6; 62.0 lost alice Bob link caller cause 6 after 11.6", func(s *tale) {
			s.says(20, "alice", forgotten)
			s.says(30, "bob", calls)
			s.says(30, "alice", swallowed)
			s.says(41.6, "bob", cancels, cancels)
			s.says(62, "bob", gaveUp)
		}},
		"given up, and then answered with an error": {"62.0 lost alice bob server caller after 11.6", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(41.6, "mallory", cancels)
			s.says(41.6, "bob", cancels)
			s.says(62, "bob", told(408))
		}},
		"given up, and only then swallowed": {"42.0 likely alice Bob link", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(41.6, "bob", cancels)
			s.says(42, "alice", swallowed)
		}},
		"told as lost, and then it rings": {"30.0 lost alice bob server 480 after 0.0; 30.1 reached alice bob server 480", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "bob", told(480))
			s.says(30.1, "alice", comes, rings, Call{ID: 9, Phase: CallRinging, CallID: "x"}, ends9("network"))
		}},
		"told as lost, and then it comes and does not ring": {"30.0 lost alice bob server 480 after 0.0; 30.2 lost alice bob app 480 after 0.0", func(s *tale) {
			s.says(30, "bob", calls)
			s.says(30, "bob", told(480))
			s.says(30.1, "alice", comes)
			s.says(30.2, "alice", ends9("network"))
		}},
		"a caller whom nobody here knows": {"30.0 likely alice Bob link", func(s *tale) {
			s.says(30, "alice", swallowed)
			s.says(31, "bob", cancels)
		}},
	} {
		s := newTale("voip-socket")
		if c.tell(s); s.details() != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, s.details(), c.want)
		}
	}
}

// TestLossSaysSinceWhen: times are of the phone, whose clock may differ from the caller's.
func TestLossSaysSinceWhen(t *testing.T) {
	s := newTale("voip-socket")
	s.says(20, "alice", forgotten)
	s.says(30, "bob", calls)
	s.says(31, "alice", swallowed)
	s.log.Append(Record{Wall: wall.Add(62 * time.Second), Device: time.Hour, Phone: "bob", Event: told(408)})
	f := FoldOf(s.log.From(0), "alice")
	if len(f.Losses) != 1 {
		t.Fatalf("%+v", f.Losses)
	}
	l := f.Losses[0]
	if !l.Certain() || l.At != 62*time.Second || l.Began != 31*time.Second || l.CutAt != 20*time.Second || l.After.D() != 32*time.Second || l.Chance() != 600*time.Second || l.Moment != 8 {
		t.Errorf("%+v", l)
	}
}

// TestLossesAreBounded: a server that calls for ever costs no memory.
func TestLossesAreBounded(t *testing.T) {
	s := newTale("voip-socket")
	for i := range 2000 {
		id := fmt.Sprint(i)
		s.says(float64(i), "bob", Call{ID: i, Phase: CallCalling, Out: true, Peer: "sip:alice@b", CallID: id})
		s.says(float64(i), "alice", Call{ID: i, Phase: CallIncoming, Peer: "sip:mallory@b", CallID: id + "x"},
			Swallowed{What: "INVITE", CallID: id + "y"}, Mapping{Phase: MappingForgotten, Local: id})
	}
	f := s.log.losses
	p := f.phones["alice"]
	if len(f.callers) > maxCallers || len(p.calls) > maxHad || len(p.sweeps) > maxSwept {
		t.Errorf("%d callers, %d calls, %d swallowed", len(f.callers), len(p.calls), len(p.sweeps))
	}
	if fold := FoldOf(s.log.From(0), "alice"); len(fold.Losses) > maxLosses {
		t.Errorf("%d losses", len(fold.Losses))
	}
}
