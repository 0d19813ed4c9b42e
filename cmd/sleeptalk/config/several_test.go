package config

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestFlagsOfSeveralAccounts: what a flag or the environment says of all accounts is of
// those whose protocol has it, and of one at least. What the file says of one stays with
// it, for it to be refused.
func TestFlagsOfSeveralAccounts(t *testing.T) {
	paths := Paths{User: write(t, "user.yaml", "accounts:\n"+
		"  work: {server: a, user: alice}\n  chat: {server: b, user: alice, control: xmpp}\n  odd: {server: c, user: alice, control: xmpp, expires: 90s}\n")}
	f, _, err := Read(paths, everybody)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		accounts string
		flags    setup.Values
		env      Env
		want     string // the expires of each, or the error
	}{
		{"work,chat", setup.Values{"expires": "60s"}, env(), "60s,"},
		{"chat,work", setup.Values{"expires": "60s"}, env(), ",60s"},
		{"chat,work", nil, env("SLEEPTALK_EXPIRES", "60s"), ",60s"},
		{"work,odd", setup.Values{"expires": "60s"}, env(), "60s,60s"},
		{"chat,odd", setup.Values{"redirects": "show"}, env(), "redirects: there is one with SIP alone, and this is an account of XMPP; leave it out"},
		{"chat,odd", nil, env("SLEEPTALK_REDIRECTS", "show"), "redirects: there is one with SIP alone, and this is an account of XMPP; leave it out"},
	} {
		who, err := f.Resolve(t.Context(), paths, Choice{Account: c.accounts, Flags: c.flags}, c.env)
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		all := []string{who.Values["expires"]}
		for _, l := range who.Others {
			all = append(all, l.Values["expires"])
		}
		if got := strings.Join(all, ","); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
