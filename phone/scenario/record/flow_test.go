package record

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// TestOfOneFlow: a word that is a flow's name is one only where the verb names an account
// or a flow; a text may say it, and a user may be called so.
func TestOfOneFlow(t *testing.T) {
	one := []event.Account{{Name: "flow1", AOR: "sip:alice@lab.test", Flow: 1}, {Name: "flow2", AOR: "sip:alice@lab.test", Flow: 2}}
	several := []event.Account{
		{Name: "work.flow1", Of: "work", AOR: "sip:w@lab.test", Flow: 1},
		{Name: "work.flow2", Of: "work", AOR: "sip:w@lab.test", Flow: 2},
		{Name: "club", AOR: "sip:c@lab.test"},
	}
	o := owners{"alice": one, "carol": several}
	for _, tc := range []struct {
		who, line, want string
		notOurs         bool
	}{
		{who: "alice", line: "text echo flow1 is down", want: "text echo flow1 is down"},
		{who: "alice", line: "text echo is flow2 down", want: "text echo is flow2 down"},
		{who: "alice", line: "text echo down as flow2", want: "text echo down as flow2"},
		{who: "alice", line: "text echo as flow1 is flow2 down", want: "text echo is flow2 down"},
		{who: "alice", line: "text echo as flow2 hello", want: "text echo hello", notOurs: true},
		{who: "alice", line: "call flow1", want: "call flow1"},
		{who: "alice", line: "call flow2 as flow1", want: "call flow2"},
		{who: "alice", line: "speak flow1", want: "speak flow1"},
		{who: "alice", line: "unregister as flow2", want: "unregister", notOurs: true},
		{who: "alice", line: "no verb as flow2", want: "no verb as flow2"},
		{who: "carol", line: "call bob as work.flow1", want: "call bob as work"},
		{who: "carol", line: "call bob as work.flow2", want: "call bob as work", notOurs: true},
		{who: "carol", line: "call bob as club", want: "call bob as club"},
		{who: "carol", line: "text bob as club work.flow2", want: "text bob as club work.flow2"},
		{who: "carol", line: "text bob as work the meeting is off", want: "text bob as work the meeting is off"},
		{who: "bob", line: "call alice as flow2", want: "call alice as flow2"},
		{who: scenario.LabActor, line: "close alice flow1", want: "close alice"},
		{who: scenario.LabActor, line: "close alice flow2", want: "close alice", notOurs: true},
		{who: scenario.LabActor, line: "stall w flow2", want: "stall w", notOurs: true},
		{who: scenario.LabActor, line: "close c flow2", want: "close c flow2"},
		{who: scenario.LabActor, line: "password alice flow2", want: "password alice flow2"},
		{who: scenario.LabActor, line: "ask alice OPTIONS Subject=x flow2", want: "ask alice OPTIONS Subject=x flow2"},
		{who: scenario.LabActor, line: "bob texts alice flow2 is down", want: "bob texts alice flow2 is down"},
	} {
		words, ours := o.ofOneFlow(tc.who, tc.line)
		if got := strings.Join(words, " "); got != tc.want || ours == tc.notOurs {
			t.Errorf("%s: %s: %q, ours: %t", tc.who, tc.line, got, ours)
		}
	}
}

// TestRecordTextAboutAFlow: what a text says is recorded as it was said.
func TestRecordTextAboutAFlow(t *testing.T) {
	log := new(event.Log)
	log.Append(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:alice@lab.test", Accounts: []event.Account{{Name: "flow1", AOR: "sip:alice@lab.test", Flow: 1}, {Name: "flow2", AOR: "sip:alice@lab.test", Flow: 2}}}})
	lines := []string{"text echo flow1 is down", "text echo is flow2 down"}
	for _, line := range lines {
		log.Append(event.Record{Phone: "alice", Event: event.Verb{Line: line}})
	}
	for _, line := range lines {
		if src := string(Record(log)); !strings.Contains(src, "\n"+line+"\n") {
			t.Errorf("%q is missing:\n%s", line, src)
		}
	}
}

// TestRecordAgainAsAnAccount: what was true of an account at the last step is expected
// again, however the others stand.
func TestRecordAgainAsAnAccount(t *testing.T) {
	log := new(event.Log)
	is := func(account string, e event.Event) {
		log.Append(event.Record{Phone: "alice", Account: account, Event: e})
	}
	is("", event.Start{AOR: "sip:w@lab.test", Accounts: []event.Account{{Name: "work", AOR: "sip:w@lab.test"}, {Name: "club", AOR: "sip:c@lab.test"}}})
	is("work", event.Registration{Phase: event.RegistrationActive})
	is("", event.Verb{Line: "background"})
	is("work", event.Registration{Phase: event.RegistrationLost})
	is("work", event.Registration{Phase: event.RegistrationActive})
	is("club", event.Registration{Phase: event.RegistrationActive})
	src := string(Record(log))
	for _, want := range []string{"expect registered as work within", "expect registered again as work within", "expect registered as club within"} {
		if !strings.Contains(src, "\n"+want) {
			t.Errorf("%q is missing:\n%s", want, src)
		}
	}
}

// TestRecordUnregisteredOnce: an account is unregistered once, however many flows it had.
func TestRecordUnregisteredOnce(t *testing.T) {
	log := new(event.Log)
	is := func(account string, e event.Event) {
		log.Append(event.Record{Phone: "alice", Account: account, Event: e})
	}
	is("", event.Start{AOR: "sip:alice@lab.test", Accounts: []event.Account{{Name: "flow1", Flow: 1}, {Name: "flow2", Flow: 2}}})
	is("flow1", event.Registration{Phase: event.RegistrationActive})
	is("flow2", event.Registration{Phase: event.RegistrationFailed, Status: 503})
	is("", event.Verb{Line: "unregister"})
	is("flow1", event.Registration{Phase: event.RegistrationRemoved})
	is("flow2", event.Registration{Phase: event.RegistrationRemoved})
	if src := string(Record(log)); strings.Count(src, "expect unregistered") != 1 {
		t.Errorf("%s", src)
	}
}
