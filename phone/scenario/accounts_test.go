package scenario

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

func TestAccountsOfAPhone(t *testing.T) {
	const use = "use lab\nuse phone alice account=work,private private.password=wrong\n== t\n"
	for line, want := range map[string]string{
		"expect registered as private within 5s":              "",
		"expect registered as work and registered as private": "",
		"expect call up as work as $peer":                     "",
		"expect no registered as work for 1s":                 "",
		"call bob as private":                                 "",
		"bob: call private":                                   "",
		"expect registered as wrok":                           `unknown account "wrok"`,
		"bob: expect call up as work":                         `"work" is no variable`,
		"bob: call nobody":                                    "unknown phone",
	} {
		_, err := ParseFile("t.talk", []byte(use+line+"\n"), nil)
		wantError(t, line, err, want)
	}
	for line, want := range map[string]string{
		"use phone alice account=work,private work.transport=tls private.expires=60s": "",
		"use phone alice account=work,private work.transprt=tls":                      "unknown setting",
		"use phone alice account=work,private work.device=desktop":                    "device is the phone's, and no account's",
		"use phone alice account=work,private club.transport=tls":                     "unknown setting",
		"use phone alice account=work,work":                                           "twice",
		"use phone alice account=work,a/b":                                            "no name for an account",
	} {
		_, err := ParseFile("t.talk", []byte("use lab\n"+line+"\n"), nil)
		wantError(t, line, err, want)
	}
}

// TestRegisteredIsAll: without a name, "registered" is of all accounts, and any of them
// can fail.
func TestRegisteredIsAll(t *testing.T) {
	f := event.NewFold("alice")
	f.Apply(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{{Name: "work"}, {Name: "private"}}}})
	active := func(account string) event.Record {
		return event.Record{Phone: "alice", Account: account, Event: event.Registration{Phase: event.RegistrationActive}}
	}
	all, err := Parse("registered")
	if err != nil {
		t.Fatal(err)
	}
	private := all
	private.account = "private"
	if all.MatchRecord(f, active("work")) {
		t.Error("one of two is not all")
	}
	f.Apply(active("work"))
	if holds, _ := all.Holds(f); holds {
		t.Error("one of two holds for all")
	}
	if holds, _ := private.Holds(f); holds || private.MatchRecord(f, active("work")) {
		t.Error("another's is taken for it")
	}
	if !all.MatchRecord(f, active("private")) || !private.MatchRecord(f, active("private")) {
		t.Error("the last of all is not all")
	}
	f.Apply(active("private"))
	if holds, _ := all.Holds(f); !holds {
		t.Error("all are not all")
	}
	if holds, _ := private.Holds(f); !holds || private.String() != "registered as private" {
		t.Error(private)
	}
}

// TestFlowsOfAPhone: flows are named in claims and verbs as accounts are, and nobody can
// call one.
func TestFlowsOfAPhone(t *testing.T) {
	for line, want := range map[string]string{
		"expect registered as flow2": "",
		"call bob as flow1":          "",
		"lab: close alice flow2":     "",
		"expect registered as flow3": `unknown account "flow3"`,
		"bob: call flow1":            "unknown phone",
		"lab: close alice flow9":     `unknown flow "flow9"`,
	} {
		_, err := ParseFile("t.talk", []byte("use lab\nuse phone alice outbound-proxy=a.test,b.test\n== t\n"+line+"\n"), nil)
		wantError(t, line, err, want)
	}
	e, err := Parse("registered")
	if err != nil {
		t.Fatal(err)
	}
	for flow, want := range map[int]bool{0: false, 1: true} {
		f := event.NewFold("alice")
		f.Apply(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{{Name: "one", Flow: flow}, {Name: "two", Flow: 2 * flow}}}})
		if got := e.MatchRecord(f, event.Record{Phone: "alice", Account: "two", Event: event.Registration{Phase: event.RegistrationActive}}); got != want {
			t.Errorf("flow %d: one of two is registered: %t", flow, got)
		}
	}
}
