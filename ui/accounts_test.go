package ui

import (
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

// TestOneAccountNeedsNoName: what is said of accounts is only said where there are
// several.
func TestOneAccountNeedsNoName(t *testing.T) {
	s := scene{fold: event.NewFold("alice")}
	s.fold.Start.AOR = "sip:alice@lab.test"
	if s.who() != "alice@lab.test" || s.owner() != "alice" || s.callees() != "a name, or sip:somebody@somewhere" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), s.callees())
	}
	s.fold.Accounts = []event.AccountRow{{Account: event.Account{Name: "work"}}, {Account: event.Account{Name: "club"}}}
	if s.who() != "work + club" || s.owner() != "work + club" || s.callees() != "a name, as club; else by work" {
		t.Errorf("%q, %q, %q", s.who(), s.owner(), s.callees())
	}
}
