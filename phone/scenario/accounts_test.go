package scenario

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/setup"
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
		"expect registered as work as private":                `"as" stands twice with an account: work is named already`,
		"expect no call incoming as private as work for 1s":   `"as" stands twice with an account: private is named already`,
		"expect call up as work as $peer as private":          `"as" stands twice with an account: work is named already`,
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
		"use phone alice account=work,chat expires=60s max-calls=2 chat.control=xmpp": "",
		"use phone alice min-se=1h session-timer=90s":                                 "2:27 session-timer: 90s is less than min-se, which is 1h: ask for that at least, or say a smaller min-se",
		"use phone alice account=work,chat chat.min-se=1h session-timer=90s":          "2:50 account chat: session-timer: 90s is less than min-se, which is 1h: ask for that at least, or say a smaller min-se",
		"use phone alice account=work,chat chat.min-se=1h chat.session-timer=90s":     "2:50 account chat: session-timer: 90s is less than min-se, which is 1h: ask for that at least, or say a smaller min-se",
		"use phone alice account=work,chat transport=udp chat.control=xmpp":           "2:35 account chat: transport: XMPP goes over tcp or tls",
		"use phone alice account=work,chat chat.expires=60s chat.control=xmpp":        "2:35 account chat: expires: there is one with SIP alone, and this is an account of XMPP; leave it out",
		"use phone alice account=work,chat work.raw=lines work.max-calls=2":           "2:50 account work: max-calls: there is one with SIP and XMPP alone",
		"use phone alice account=work,chat control=xmpp work.expires=60s":             "account work: expires: ",
		"use phone alice account=work,chat control=xmpp expires=60s":                  "2:48 expires: there is one with SIP alone",
		"use phone alice account=work,chat control=xmpp expires=60s chat.control=sip": "",
		"use phone alice control=xmpp expires=60s":                                    "2:30 expires: there is one with SIP alone",
		"use phone alice expires=60s control=xmpp":                                    "2:17 expires: there is one with SIP alone",
		"use phone alice account=work,work.flow1 work.outbound-proxy=a.test,b.test":   "has no dot in its name",
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

// TestNamesOfAccountsAndFlows: an account with flows is named itself, and so is each flow,
// after it.
func TestNamesOfAccountsAndFlows(t *testing.T) {
	for line, want := range map[string]string{
		"expect registered as work":                                 "",
		"expect registered as work.flow2 and registered as private": "",
		"call bob as work":                                          "",
		"call bob as work.flow2":                                    "",
		"expect registered as flow2":                                `unknown account "flow2"`,
		"expect registered as private.flow1":                        `unknown account "private.flow1"`,
		"bob: call work":                                            "",
		"bob: call work.flow1":                                      "unknown phone",
	} {
		_, err := ParseFile("t.talk", []byte("use lab\nuse phone alice account=work,private work.outbound-proxy=a.test,b.test\n== t\n"+line+"\n"), nil)
		wantError(t, line, err, want)
	}
}

// TestNoIsOfNone: what is not to be, of a phone with several accounts or flows, is of none
// of them; a count is of all together.
func TestNoIsOfNone(t *testing.T) {
	flows := []event.Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}
	for _, c := range []struct {
		claim, state string // the state that work is in
		accounts     []event.Account
		holds        bool // of the negation: one has it
	}{
		{"no registered", "registered", nil, true},
		{"no registered", "", nil, false},
		{"no registered as work", "registered", nil, true},
		{"no registered as private", "registered", nil, false},
		{"registered", "registered", nil, false},
		{"registered exactly 0 for 1s", "registered", nil, true},
		{"no socket open", "open", nil, true},
		{"no socket connecting", "connecting", nil, true},
		{"no registered", "registered", flows, true},
		{"no socket open as flow1", "open", flows, true},
		{"no socket open as flow2", "open", flows, false},
		{"no socket connecting", "connecting", flows, true},
	} {
		f := event.NewFold("alice")
		accounts, first := c.accounts, "flow1"
		if accounts == nil {
			accounts, first = []event.Account{{Name: "work"}, {Name: "private"}}, "work"
		}
		known := []string{accounts[0].Name, accounts[1].Name}
		e := &Expect{accounts: known}
		l, _ := lex(c.claim)
		a := args{tokens: l.tokens}
		if e.No = a.skip("no"); e.parse(&a) != nil {
			t.Fatal(c.claim)
		}
		is := func(account string, ev event.Event) event.Record {
			return event.Record{Phone: "alice", Account: account, Event: ev}
		}
		f.Apply(is("", event.Start{Accounts: accounts}))
		f.Apply(is(accounts[1].Name, event.Socket{Name: "control", Phase: event.SocketFailed}))
		states := map[string]event.Event{
			"registered": event.Registration{Phase: event.RegistrationActive},
			"open":       event.Socket{Name: "control", Phase: event.SocketOpen},
			"connecting": event.Socket{Name: "control", Phase: event.SocketConnecting},
		}
		if ev := states[c.state]; ev != nil {
			if got := e.Terms[0].Expectation.MatchRecord(f, is(first, ev)); got != c.holds {
				t.Errorf("%s: the event of %s matches: %t", c.claim, first, got)
			}
			f.Apply(is(first, ev))
		}
		if holds, _ := e.Terms[0].Expectation.Holds(f); holds != c.holds {
			t.Errorf("%s, where one is %q: one has it: %t", c.claim, c.state, holds)
		}
	}
	file, err := ParseFile("t.talk", []byte("use lab\nuse phone alice account=work,private\nnever registered\n== t\n"), nil)
	if err != nil || !file.Invariants[0].Expectation.any {
		t.Errorf("never is not of any: %v", err)
	}
}

// TestUnregisteredIsAll: one account that has signed off is not all; and what is new to
// one account may be known of another.
func TestUnregisteredIsAll(t *testing.T) {
	f := event.NewFold("alice")
	is := func(account string, phase event.RegistrationPhase, contact string) event.Record {
		return event.Record{Phone: "alice", Account: account, Event: event.Registration{Phase: phase, Contact: contact}}
	}
	f.Apply(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{{Name: "work"}, {Name: "private"}}}})
	f.Apply(is("work", event.RegistrationActive, "a"))
	f.Apply(is("private", event.RegistrationActive, "b"))
	moved, err := Parse("registered from a new contact")
	if err != nil {
		t.Fatal(err)
	}
	if moved.MatchRecord(f, is("private", event.RegistrationActive, "b")) || !moved.MatchRecord(f, is("private", event.RegistrationActive, "c")) {
		t.Error("a contact is compared with another account's")
	}
	for _, text := range []string{"unregistered", "registration removed"} {
		all, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if all.MatchRecord(f, is("work", event.RegistrationRemoved, "")) {
			t.Errorf("%s: one of two is all", text)
		}
		after := f.Clone()
		after.Apply(is("work", event.RegistrationRemoved, ""))
		if !all.MatchRecord(after, is("private", event.RegistrationRemoved, "")) {
			t.Errorf("%s: the last of two is not all", text)
		}
		flows := event.NewFold("alice")
		flows.Apply(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{{Name: "work.flow1", Of: "work", Flow: 1}, {Name: "work.flow2", Of: "work", Flow: 2}, {Name: "private"}}}})
		flows.Apply(is("work.flow2", event.RegistrationActive, "a"))
		all.account = "work"
		if all.MatchRecord(flows, is("work.flow1", event.RegistrationRemoved, "")) {
			t.Errorf("%s: one of two flows is all", text)
		}
		flows.Apply(is("private", event.RegistrationActive, "a"))
		if !all.MatchRecord(flows, is("work.flow2", event.RegistrationRemoved, "")) {
			t.Errorf("%s: another account counts", text)
		}
	}
}

// TestSettingsOfOneAccount: of all settings, those that each account has for itself and
// that a scenario may say can stand after the name of an account; any other is refused,
// and why is said.
func TestSettingsOfOneAccount(t *testing.T) {
	const pair = "use lab\nuse phone alice account=work,private private."
	is := func(key, value, want string) {
		t.Helper()
		_, err := ParseFile("t.talk", []byte(pair+key+"="+value+"\n"), nil)
		wantError(t, key, err, want)
	}
	is("account", "z", "account names the accounts of a phone, and is no setting of one of them")
	is("profile", "z", "profile names the accounts of a phone")
	is("account", "a,b", "account names the accounts of a phone")
	is("acount", "z", "unknown setting")
	values := map[string]string{
		"outbound-proxy": "a.test", "password": "x", "transport": "tcp", "accept-from": "any", "redirects": "show", "control": "xmpp",
		"raw": "lines", "display": "A", "expires": "60s", "max-calls": "2", "100rel": "off", "session-timer": "off", "min-se": "90s", "vq-report": "sip:c@example.com",
	}
	for _, s := range setup.Settings() {
		value, allowed := values[s.Key]
		switch {
		case allowed:
			is(s.Key, value, "")
			delete(values, s.Key)
		case s.Of == setup.ThePhone:
			is(s.Key, "x", s.Key+" is the phone's, and no account's")
		default:
			is(s.Key, "x", s.Key+" is not for a scenario to say")
		}
	}
	if len(values) > 0 {
		t.Errorf("no settings: %v", values)
	}
}

// TestHolder: by which of several accounts or flows a phone is as it is not to be, if that
// is a matter of accounts.
func TestHolder(t *testing.T) {
	f := event.NewFold("alice")
	f.Apply(event.Record{Phone: "alice", Event: event.Start{Accounts: []event.Account{
		{Name: "work.flow1", Of: "work", Flow: 1}, {Name: "work.flow2", Of: "work", Flow: 2}, {Name: "private"},
	}}})
	f.Apply(event.Record{Phone: "alice", Account: "work.flow2", Event: event.Registration{Phase: event.RegistrationActive}})
	f.Apply(event.Record{Phone: "alice", Account: "private", Event: event.Socket{Name: "control", Phase: event.SocketOpen}})
	f.Apply(event.Record{Phone: "alice", Event: event.State{From: event.Task, To: event.Suspended}})
	for _, c := range []struct{ text, account, want string }{
		{"registered", "", "work.flow2"},
		{"registered", "work", "work.flow2"},
		{"registered", "private", ""},
		{"socket open", "", "private"},
		{"suspended", "", ""}, // the phone is
		{"wake", "", ""},      // no state
	} {
		e, err := Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.As(c.account).Holder(f); got != c.want {
			t.Errorf("%s as %q: %q, want %q", c.text, c.account, got, c.want)
		}
	}
}
