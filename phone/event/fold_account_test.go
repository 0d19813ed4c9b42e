package event

import (
	"slices"
	"testing"
	"time"
)

// several is a phone with the accounts work and private.
type several struct{ *Fold }

func newSeveral() several {
	s := several{NewFold("alice")}
	s.is("", Start{Accounts: []Account{{Name: "work"}, {Name: "private"}}})
	return s
}

func (s several) is(account string, e Event) {
	s.Apply(Record{Phone: "alice", Account: account, Event: e})
}

// TestWorstAccount: how a phone stands is how the account stands that is worst off, and
// As is how one of them does.
func TestWorstAccount(t *testing.T) {
	s := newSeveral()
	f, is := s.Fold, s.is
	is("work", Socket{Name: "control", Phase: SocketOpen})
	is("work", Registration{Phase: RegistrationActive, Expires: Seconds(time.Hour), Contact: "w"})
	want := func(what string, active bool, worst string, open bool) {
		t.Helper()
		if f.Registration.Active != active || f.Worst() != worst || f.Socket.Open() != open {
			t.Errorf("%s: active %v, worst %q, open %v", what, f.Registration.Active, f.Worst(), f.Socket.Open())
		}
	}
	want("private was never tried", false, "private", false)
	is("private", Socket{Name: "control", Phase: SocketOpen})
	is("private", Registration{Phase: RegistrationFailed, Status: 403})
	want("private is refused", false, "private", true)
	is("private", Registration{Phase: RegistrationActive, Expires: Seconds(time.Minute), Contact: "p"})
	want("private lapses first", true, "private", true)
	is("work", Registration{Phase: RegistrationSending})
	is("work", Socket{Name: "control", Phase: SocketBroken})
	is("private", Socket{Name: "control", Phase: SocketBroken})
	is("work", Registration{Phase: RegistrationLost})
	want("work is lost", false, "work", false)
	if f.Socket.Losses != 2 || f.As("private").Socket.Losses != 1 {
		t.Errorf("losses %d, of private %d", f.Socket.Losses, f.As("private").Socket.Losses)
	}
	is("private", Call{ID: 2, Phase: CallIncoming, Peer: "sip:bob@lab.test"})
	is("work", Message{Method: "OPTIONS"})
	if one := f.As("private"); one.Registration.Contact != "p" || len(one.Calls) != 1 || len(f.As("work").Calls) != 0 || f.Calls[0].Account != "private" || f.SIP[0].Account != "work" {
		t.Errorf("%+v, %+v", f.Calls, f.SIP)
	}
	if f.As("nobody").Registration.Active || f.By("") != f {
		t.Error("nobody is registered")
	}
	c := f.Clone()
	is("private", Registration{Phase: RegistrationRemoved})
	if !c.Accounts[1].Registration.Active {
		t.Error("a copy goes on by itself")
	}
}

// TestCallOfAnAccountEnds: a call is an account's for as long as it lasts, and over when it
// has ended, as that of a phone with one.
func TestCallOfAnAccountEnds(t *testing.T) {
	s := newSeveral()
	s.is("private", Call{ID: 2, Phase: CallIncoming, Peer: "sip:bob@lab.test"})
	s.is("private", Heard{})
	s.is("private", Call{ID: 2, Phase: CallUp})
	s.is("", Call{ID: 2, Phase: CallHeld, By: "us"})
	if len(s.Calls) != 1 || s.Calls[0].Account != "private" {
		t.Errorf("%+v", s.Calls)
	}
	s.is("private", Call{ID: 2, Phase: CallEnded})
	if len(s.Calls) != 0 || len(s.Heard) != 1 {
		t.Errorf("after its end: %+v, %d heard", s.Calls, len(s.Heard))
	}
	if len(s.Recent) != 1 || s.Recent[0].Account != "private" {
		t.Errorf("recent: %+v", s.Recent)
	}
	s.is("", Call{ID: 3, Phase: CallIncoming})
	if s.Calls[0].Account != "" {
		t.Errorf("one that nobody has named is of %q", s.Calls[0].Account)
	}
}

// TestAllAccountsDie: no account of a process that was killed is registered, nor is a
// phone with one.
func TestAllAccountsDie(t *testing.T) {
	s := newSeveral()
	for _, account := range []string{"work", "private"} {
		s.is(account, Socket{Name: "control", Phase: SocketOpen})
		s.is(account, Registration{Phase: RegistrationActive, Expires: Seconds(time.Hour)})
	}
	s.is("private", Socket{Name: "control", Phase: SocketBroken})
	s.is("", Killed{})
	for _, account := range []string{"", "work", "private"} {
		if b := s.By(account).Registration; b.Active || b.Phase != RegistrationLost {
			t.Errorf("%q: %+v", account, b)
		}
	}
	if work, private := s.As("work").Socket, s.As("private").Socket; work.Phase != SocketClosed || private.Phase != SocketBroken || s.Socket.Losses != 1 {
		t.Errorf("%+v, %+v, %d losses", work, private, s.Socket.Losses)
	}
	s.is("private", Registration{Phase: RegistrationActive, Expires: Seconds(time.Hour)})
	if s.Registration.Active || s.Worst() != "work" {
		t.Errorf("%+v, worst %q", s.Registration, s.Worst())
	}
}

// TestRecordOfAnAccount: a record says in a line and in JSON whose it is, also when it
// was packed.
func TestRecordOfAnAccount(t *testing.T) {
	r := Record{Phone: "alice", Account: "work", Event: Ping{Out: true}}
	line, err := AppendJSON(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseJSON(line)
	if err != nil || again.Account != "work" || again.Who() != "alice/work" {
		t.Errorf("%s: %+v, %v", line, again, err)
	}
	var p packer
	packed, err := p.pack([]Record{r})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := unpack(packed, block{first: 1, n: 1}); err != nil || list[0].Account != "work" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestFlows: of several flows of one account, a phone stands as by the best of them.
func TestFlows(t *testing.T) {
	f := NewFold("alice")
	is := func(flow string, e Event) { f.Apply(Record{Phone: "alice", Account: flow, Event: e}) }
	is("", Start{Accounts: []Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}})
	want := func(what string, active, open bool) {
		t.Helper()
		if !f.Flows() || f.Registration.Active != active || f.Socket.Open() != open {
			t.Errorf("%s: active %v, open %v", what, f.Registration.Active, f.Socket.Open())
		}
	}
	is("flow2", Socket{Name: "control", Phase: SocketOpen})
	is("flow2", Registration{Phase: RegistrationActive, Contact: "b"})
	want("the second stands", true, true)
	is("flow1", Socket{Name: "control", Phase: SocketFailed})
	is("flow1", Registration{Phase: RegistrationFailed, Status: 403})
	want("the first is refused", true, true)
	if f.As("flow1").Registration.Active || !f.As("flow2").Registration.Active {
		t.Error("each is as it is")
	}
	is("flow2", Registration{Phase: RegistrationLost})
	is("flow2", Socket{Name: "control", Phase: SocketClosed})
	want("none stands", false, false)
	f = NewFold("bob")
	if f.Apply(Record{Phone: "bob", Event: Start{Accounts: []Account{{Name: "work"}, {Name: "private"}}}}); f.Flows() {
		t.Error("accounts are no flows")
	}
}

// TestFlowsBesideAccounts: of a phone with several accounts, an account with flows stands
// as the best of them, and the phone as the worst account.
func TestFlowsBesideAccounts(t *testing.T) {
	f := NewFold("alice")
	is := func(account string, e Event) { f.Apply(Record{Phone: "alice", Account: account, Event: e}) }
	is("", Start{Accounts: []Account{{Name: "work.flow1", Flow: 1, Of: "work"}, {Name: "work.flow2", Flow: 2, Of: "work"}, {Name: "private"}}})
	active := func(f *Fold) bool { return f.Registration.Active }
	want := func(what string, work, all, others, any bool) {
		t.Helper()
		got := []bool{f.As("work").Registration.Active, f.Registration.Active, f.Others("work.flow1", active), f.Any("", "", active)}
		if !slices.Equal(got, []bool{work, all, others, any}) || f.Flows() || !f.SeveralUsers() {
			t.Errorf("%s: work, all, others, any are %v", what, got)
		}
	}
	want("none is", false, false, false, false)
	is("work.flow2", Registration{Phase: RegistrationActive})
	want("one flow is", true, false, false, true)
	is("private", Registration{Phase: RegistrationActive})
	want("the other account, too", true, true, true, true)
	is("work.flow2", Registration{Phase: RegistrationLost})
	want("the flow is lost", false, false, true, true)
	if f.Any("work", "", active) || f.Any("", "private", active) || !f.Any("private", "", active) {
		t.Error("who is registered?")
	}
	if f.As("work.flow1").Registration.Active || !f.Has("work", "work.flow1") || f.Has("work", "private") || f.Has("", "private") {
		t.Error("whose is it?")
	}
	is("work.flow1", Call{ID: 1, Phase: CallRinging})
	if len(f.As("work").Calls) != 1 || len(f.As("private").Calls) != 0 || len(f.As("work.flow2").Calls) != 0 {
		t.Error("a call is of its flow, and of the account")
	}
}
