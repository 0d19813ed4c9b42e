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

// TestGoldenDialByAccount: the dialler says by which account it calls, and the key that
// chooses another.
func TestGoldenDialByAccount(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 9, 0, time.UTC)
	log := load(t, "accounts")
	for _, e := range []event.Event{
		event.State{From: event.Awake, To: event.Foreground},
		event.Call{ID: 1, Phase: event.CallEnded, By: "peer", Peer: "sip:bob@lab.test", Name: "Bob"},
	} {
		log.Append(event.Record{Wall: at, Device: 9 * time.Second, Phone: "alice", Account: "work", Event: e})
	}
	for name, f := range map[string]Frame{"accounts-dial-120x40": {Width: 120, Height: 40}, "accounts-dial-80x24": {Width: 80, Height: 24}} {
		f.Theme, f.Wall, f.Verbs, f.Keys = "mono", at, verbs, []string{"d", "c", "a", "r", "o", "l", "tab"}
		golden(t, name, ansi.Strip(RenderFrame(log, f)))
	}
}

// foldOf is what is known of a phone with accounts, or flows of them.
func foldOf(accounts ...event.Account) *event.Fold {
	f := event.NewFold("alice")
	happened(f, "", event.Start{AOR: accounts[0].AOR, Accounts: accounts})
	return f
}

// happened lets events happen to an account.
func happened(f *event.Fold, account string, events ...event.Event) {
	for _, e := range events {
		f.Apply(event.Record{Phone: "alice", Account: account, Event: e})
	}
}

// TestReachable: where another phone may call is where this one is registered.
func TestReachable(t *testing.T) {
	where := func(f *event.Fold, want string) {
		t.Helper()
		s := scene{fold: f, w: 80, h: 24}
		got := firstLine(80, 1, func(p area) { s.reachable(p.line(0)) })
		if strings.TrimSpace(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f := foldOf(event.Account{Name: "work", AOR: "sip:a@lab.test"}, event.Account{Name: "club", AOR: "sip:b@lab.test"}, event.Account{Name: "home", AOR: "sip:c@lab.test"})
	where(f, "no account is registered: nobody can call it")
	happened(f, "club", event.Registration{Phase: event.RegistrationActive})
	where(f, "another phone may call b@lab.test")
	happened(f, "home", event.Registration{Phase: event.RegistrationActive})
	where(f, "another phone may call b@lab.test or c@lab.test")
	flows := foldOf(event.Account{Name: "flow1", AOR: "sip:a@lab.test", Flow: 1}, event.Account{Name: "flow2", AOR: "sip:a@lab.test", Flow: 2})
	for _, flow := range []string{"flow1", "flow2"} {
		happened(flows, flow, event.Registration{Phase: event.RegistrationActive})
	}
	where(flows, "another phone may call a@lab.test")
}

// TestCallAgain: whoever is called again is called by the account of the last call with
// them.
func TestCallAgain(t *testing.T) {
	accounts := foldOf(event.Account{Name: "work"}, event.Account{Name: "club"}, event.Account{Name: "home"})
	flows := foldOf(event.Account{Name: "work.flow1", Of: "work", Flow: 1}, event.Account{Name: "work.flow2", Of: "work", Flow: 2}, event.Account{Name: "club"})
	for _, c := range []struct {
		fold  *event.Fold
		calls []string // the account or flow of each
		want  string
	}{
		{accounts, []string{"", "work", "club", "club", "work"}, "sip:bob@lab.test as work, sip:bob@lab.test as club, sip:bob@lab.test"},
		{flows, []string{"work.flow1", "work.flow2", "club"}, "sip:bob@lab.test as club, sip:bob@lab.test as work"},
	} {
		for i, account := range c.calls {
			happened(c.fold, account, event.Call{ID: i + 1, Phase: event.CallIncoming, Peer: "sip:bob@lab.test"}, event.Call{ID: i + 1, Phase: event.CallEnded})
		}
		var again []string
		for _, call := range recentCalls(c.fold) {
			again = append(again, scene{fold: c.fold}.again(&call))
		}
		if got := strings.Join(again, ", "); got != c.want {
			t.Errorf("after calls by %q: %s, want %s", c.calls, got, c.want)
		}
	}
}

// firstLine is what stands in the first line of an area.
func firstLine(w, h int, draw func(area)) string { return lineOf(0, w, h, draw) }

// lineOf is one row of what is drawn.
func lineOf(row, w, h int, draw func(area)) string {
	c := newCanvas(w, h, false)
	draw(area{c, rect{0, 0, w, h}})
	var line strings.Builder
	for x := range w {
		line.WriteString(c.at(x, row))
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
	s := scene{fold: event.NewFold("alice"), legend: legend{"account": "tab"}}
	s.fold.Start.AOR = "sip:alice@lab.test"
	callees := func() string {
		return strings.TrimSpace(firstLine(60, 1, func(p area) { new(dial).drawAccount(p.line(0), s) }))
	}
	if s.who() != "alice@lab.test" || s.owner() != "alice" || callees() != "a name, or sip:somebody@somewhere" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), callees())
	}
	s.fold.Accounts = []event.AccountRow{{Account: event.Account{Name: "flow1", Flow: 1}}, {Account: event.Account{Name: "flow2", Flow: 2}}}
	if s.who() != "alice@lab.test" || s.title(true) != "alice@lab.test" || s.owner() != "alice" || callees() != "a name, or sip:somebody@somewhere" {
		t.Errorf("flows: %q, %q, %q, %q", s.who(), s.title(true), s.owner(), callees())
	}
	s.fold.Accounts = []event.AccountRow{{Account: event.Account{Name: "work"}}, {Account: event.Account{Name: "club"}}}
	if s.who() != "work + club" || s.owner() != "work + club" || callees() != "as work, tab for another account" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), callees())
	}
}

// TestDialByAccount: a key of the dialler goes through the accounts, each once whatever
// its flows; the choice holds for the next call, and gives way to one that is typed.
func TestDialByAccount(t *testing.T) {
	f := foldOf(event.Account{Name: "work.flow1", Of: "work", Flow: 1}, event.Account{Name: "work.flow2", Of: "work", Flow: 2}, event.Account{Name: "club"})
	s, d := situation{scene: scene{fold: f, w: 80, h: 24, legend: legend{"account": "tab"}}}, &dial{history: new(history)}
	dials := func(who, want string) {
		t.Helper()
		d.opened(s)
		d.input.SetValue(who)
		if got := d.submit(s); got != request(closeReq{sayReq(want)}) {
			t.Errorf("%v, want %s", got, want)
		}
	}
	dials("bob", "call bob")
	d.nextAccount(s)
	dials("bob", "call bob as club")
	dials("bob", "call bob as club")
	dials("bob as work", "call bob as work")
	d.opened(s)
	d.nextAccount(s)
	dials("bob", "call bob")
	d.nextAccount(s)
	s.fold = event.NewFold("alice")
	dials("bob", "call bob")
	if ofSeveral(s) || d.nothingToComplete(s) == "" {
		t.Error("a phone with one account has a choice of them")
	}
}

// TestDialTypedAccount: the account in the field is the one that is said and called by, and
// the key replaces it; a call of the past is made again by its own.
func TestDialTypedAccount(t *testing.T) {
	f := foldOf(event.Account{Name: "work"}, event.Account{Name: "club"})
	happened(f, "work", event.Call{ID: 1, Phase: event.CallIncoming, Peer: "sip:bob@lab.test"}, event.Call{ID: 1, Phase: event.CallEnded})
	s, d := situation{scene: scene{fold: f, w: 80, h: 24, legend: legend{"account": "tab"}}}, &dial{history: new(history)}
	is := func(field, by, verb string) {
		t.Helper()
		line := strings.TrimSpace(firstLine(60, 1, func(p area) { d.drawAccount(p.line(0), s.scene) }))
		if d.input.Value() != field || line != "as "+by+", tab for another account" {
			t.Errorf("field %q, line %q", d.input.Value(), line)
		}
		if got := d.submit(s); got != request(closeReq{sayReq(verb)}) {
			t.Errorf("%v, want %s", got, verb)
		}
	}
	d.opened(s)
	d.nextAccount(s)
	d.recall(-1)(s)
	is("sip:bob@lab.test as work", "work", "call sip:bob@lab.test as work")
	d.nextAccount(s)
	is("sip:bob@lab.test as club", "club", "call sip:bob@lab.test as club")
	d.nextAccount(s)
	is("sip:bob@lab.test as work", "work", "call sip:bob@lab.test as work")
	d.nextAccount(s)
	d.input.SetValue("bob  AS work ")
	is("bob  AS work ", "work", "call bob as work")
	d.input.SetValue("as work")
	if got := d.submit(s); got != request(closeReq{}) {
		t.Errorf("nobody is called: %v", got)
	}
}
