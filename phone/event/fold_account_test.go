package event

import (
	"testing"
	"time"
)

// TestWorstAccount: how a phone stands is how the account stands that is worst off, and
// As is how one of them does.
func TestWorstAccount(t *testing.T) {
	f := NewFold("alice")
	is := func(account string, e Event) { f.Apply(Record{Phone: "alice", Account: account, Event: e}) }
	is("", Start{Accounts: []Account{{Name: "work"}, {Name: "private"}}})
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
