package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestGoldenAccounts: of three accounts one is refused, and is not hidden behind the
// others; a call says for which it is.
func TestGoldenAccounts(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 9, 0, time.UTC)
	for name, f := range map[string]Frame{
		"accounts-120x40": {Width: 120, Height: 40}, "accounts-80x24": {Width: 80, Height: 24}, "accounts-60x20": {Width: 60, Height: 20},
		"accounts-sip-120x40": {Width: 120, Height: 40, Keys: []string{"6", "z"}},
	} {
		f.Theme, f.Wall, f.Verbs = "mono", at, verbs
		golden(t, name, ansi.Strip(RenderFrame(load(t, "accounts"), f)))
	}
}

// TestCallAgain: whoever is called again is called by the account of the last call with
// them, and where another phone may call is where this one is registered.
func TestCallAgain(t *testing.T) {
	f := event.NewFold("alice")
	s := scene{fold: f, w: 80, h: 24}
	is := func(account string, e event.Event) {
		f.Apply(event.Record{Phone: "alice", Account: account, Event: e})
	}
	where := func(want string) {
		t.Helper()
		got := firstLine(80, 1, func(p area) { s.reachable(p.line(0)) })
		if strings.TrimSpace(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	is("", event.Start{AOR: "sip:a@lab.test", Accounts: []event.Account{{Name: "work", AOR: "sip:a@lab.test"}, {Name: "club", AOR: "sip:b@lab.test"}, {Name: "home", AOR: "sip:c@lab.test"}}})
	where("no account is registered")
	is("club", event.Registration{Phase: event.RegistrationActive})
	where("another phone may call b@lab.test")
	is("home", event.Registration{Phase: event.RegistrationActive})
	where("another phone may call b@lab.test or c@lab.test")
	one := s
	one.fold = event.NewFold("alice")
	one.fold.Apply(event.Record{Phone: "alice", Event: event.Start{AOR: "sip:a@lab.test", Accounts: []event.Account{{Name: "flow1", AOR: "sip:a@lab.test", Flow: 1}, {Name: "flow2", AOR: "sip:a@lab.test", Flow: 2}}}})
	for _, flow := range []string{"flow1", "flow2"} {
		one.fold.Apply(event.Record{Phone: "alice", Account: flow, Event: event.Registration{Phase: event.RegistrationActive}})
	}
	if got := strings.TrimSpace(firstLine(80, 1, func(p area) { one.reachable(p.line(0)) })); got != "another phone may call a@lab.test" {
		t.Errorf("with two flows: %q", got)
	}
	for i, account := range []string{"", "work", "club", "club", "work"} {
		is(account, event.Call{ID: i + 1, Phase: event.CallIncoming, Peer: "sip:bob@lab.test"})
		is(account, event.Call{ID: i + 1, Phase: event.CallEnded})
	}
	var again []string
	for _, c := range recentCalls(f) {
		again = append(again, s.again(&c))
	}
	if got := strings.Join(again, ", "); got != "sip:bob@lab.test, sip:bob@lab.test as club, sip:bob@lab.test" {
		t.Error(got)
	}
}

// firstLine is what stands in the first line of an area.
func firstLine(w, h int, draw func(area)) string {
	c := newCanvas(w, h, false)
	draw(area{c, rect{0, 0, w, h}})
	var line strings.Builder
	for x := range w {
		line.WriteString(c.at(x, 0))
	}
	return line.String()
}

// TestTimersOfAccount: a blank stands between the length of a registration and what is
// left of it, however long the name is whose registration it is.
func TestTimersOfAccount(t *testing.T) {
	for name, want := range map[string]string{
		"":        "register   3600 s      59:00",
		"flow1":   "register flow1 3600 s  59:00",
		"club-2":  "register club-2 3600 s 59:00",
		"private": "register private       59:00",
	} {
		f := event.NewFold("alice")
		f.Registration = event.Binding{Phase: event.RegistrationActive, Active: true, Expires: time.Hour, Until: 59 * time.Minute}
		if name != "" {
			f.Accounts = []event.AccountRow{{Account: event.Account{Name: name}, Online: f.Online}, {Account: event.Account{Name: "other"}}}
		}
		if got := firstLine(28, 4, func(p area) { (timersView{scene{fold: f}}).drawRegistration(p, true) }); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestOneAccountNeedsNoName: what is said of accounts is only said where there are
// several.
func TestOneAccountNeedsNoName(t *testing.T) {
	s := scene{fold: event.NewFold("alice")}
	s.fold.Start.AOR = "sip:alice@lab.test"
	if s.who() != "alice@lab.test" || s.owner() != "alice" || s.callees() != "a name, or sip:somebody@somewhere" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), s.callees())
	}
	s.fold.Accounts = []event.AccountRow{{Account: event.Account{Name: "flow1", Flow: 1}}, {Account: event.Account{Name: "flow2", Flow: 2}}}
	if s.who() != "alice@lab.test" || s.title(true) != "alice@lab.test" || s.owner() != "alice" || s.callees() != "a name, or sip:somebody@somewhere" {
		t.Errorf("flows: %q, %q, %q, %q", s.who(), s.title(true), s.owner(), s.callees())
	}
	s.fold.Accounts = []event.AccountRow{{Account: event.Account{Name: "work"}}, {Account: event.Account{Name: "club"}}}
	if s.who() != "work + club" || s.owner() != "work + club" || s.callees() != "a name, as club; else by work" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), s.callees())
	}
}
