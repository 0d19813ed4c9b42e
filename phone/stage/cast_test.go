package stage

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestLayers: what the scenario says counts more than a flag, and that more
// than an account; flags are the phone's under test alone.
func TestLayers(t *testing.T) {
	const file = "use device ios-pushkit\nuse phone alice keepalive=700s\nuse phone carol device=desktop\n"
	c := Casting{
		File:    parse(t, file),
		Flags:   setup.Values{"strategy": "push", "keepalive": "800s", "user": "somebody", "device": "desktop", "mic": "silence"},
		Numbers: map[string]string{"push-window": "20s"},
	}
	cast, err := c.cast()
	if err != nil {
		t.Fatal(err)
	}
	alice, carol := cast.roles[0], cast.roles[1]
	for key, want := range map[string]string{"strategy": "push", "keepalive": "700s", "user": "alice", "device": "ios-pushkit", "mic": "silence"} {
		if alice.Values[key] != want {
			t.Errorf("alice has %s=%s, want %s", key, alice.Values[key], want)
		}
	}
	for key, want := range map[string]string{"strategy": "", "keepalive": "", "device": "desktop", "mic": "tone:440"} {
		if carol.Values[key] != want {
			t.Errorf("carol has %s=%s, want %s", key, carol.Values[key], want)
		}
	}
	if !maps.Equal(alice.Numbers, c.Numbers) || len(carol.Numbers) != 0 {
		t.Errorf("numbers %v, %v", alice.Numbers, carol.Numbers)
	}
}

// TestAccounts: at a server of its own a phone is who its account says, on its
// device, unless the scenario names another.
func TestAccounts(t *testing.T) {
	account := func(name string) (Role, error) {
		return Role{
			Login:   Login{Values: setup.Values{"server": "sip:pbx.test;transport=udp", "user": name + "1", "password": "pw", "device": "desktop"}},
			Numbers: map[string]string{"grace": "3s"}, Called: "door",
		}, nil
	}
	c := Casting{File: parse(t, "use server pbx.test\nuse phone alice transport=tls\nuse phone carol device=ios-pushkit account=c\n"), Account: account}
	cast, err := c.cast()
	if err != nil {
		t.Fatal(err)
	}
	alice, carol := cast.roles[0], cast.roles[1]
	if v := alice.Values; v["server"] != "pbx.test" || v["transport"] != "tls" || v["user"] != "alice1" || v["device"] != "desktop" || alice.Numbers["grace"] != "3s" || alice.Called != "door" {
		t.Errorf("alice: %+v", alice)
	}
	if v := carol.Values; v["device"] != "ios-pushkit" || v["server"] != "sip:pbx.test;transport=udp" || v["account"] != "" || len(carol.Numbers) != 0 || carol.Called != "" {
		t.Errorf("carol: %+v", carol)
	}
	if len(cast.lab.Accounts) != 0 {
		t.Errorf("a lab that nobody uses has %v", cast.lab.Accounts)
	}
}

// TestAccountsByName: what a line says of an account is of the account of that name,
// whichever of them were chosen, in whatever order.
func TestAccountsByName(t *testing.T) {
	account := func(string) (Role, error) {
		login := func(name string) Login {
			return Login{Account: name, Values: setup.Values{"server": "sip:" + name + ".test;transport=udp", "user": name, "password": "pw"}}
		}
		return Role{Login: login("b"), Others: []Login{login("c"), login("a")}}, nil
	}
	cast, err := Casting{File: parse(t, "use server pbx.test\nuse phone alice account=a,b a.transport=tls b.max-calls=2\n"), Account: account}.cast()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range cast.roles[0].logins() {
		want := map[string]setup.Values{
			"a": {"transport": "tls", "server": "a.test"},
			"b": {"max-calls": "2", "server": "sip:b.test;transport=udp"},
			"c": {"server": "sip:c.test;transport=udp"},
		}[l.Account]
		for _, key := range []string{"transport", "max-calls", "server"} {
			if l.Values[key] != want[key] {
				t.Errorf("%s has %s=%s, want %s", l.Account, key, l.Values[key], want[key])
			}
		}
	}
	cast, err = Casting{File: parse(t, "use server pbx.test\nuse phone alice account=a,b expires=60s strategy=push a.expires=90s\n"), Account: account}.cast()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range cast.roles[0].logins() {
		if want := map[string]string{"a": "90s", "b": "60s", "c": "60s"}[l.Account]; l.Values["expires"] != want || l.Values["strategy"] != "push" {
			t.Errorf("%s has expires=%s and strategy=%s, want %s and push: they are said of all", l.Account, l.Values["expires"], l.Values["strategy"], want)
		}
	}
	if _, err := (Casting{File: parse(t, "use server pbx.test\nuse phone alice account=a,d\n"), Account: account}).cast(); err != nil {
		t.Errorf("another choice than the scenario's: %v", err)
	}
	_, err = Casting{File: parse(t, "use server pbx.test\nuse phone alice account=a,d d.transport=tls\n"), Account: account}.cast()
	if want := "test.talk:2: d is none of the accounts that were chosen for phone alice: b, c, a"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestOneAccountHasNoName: an account has a name in the log where there are others.
func TestOneAccountHasNoName(t *testing.T) {
	for others, want := range [][]string{{"", ""}, {"work", "private"}} {
		r := Role{Name: "alice", Login: Login{Account: "work", Values: setup.Values{}}}
		if others > 0 {
			r.Others = []Login{{Account: "private", Values: setup.Values{}}}
		}
		kit, err := Casting{}.kit(r, 1)
		if err != nil || kit.Account != want[0] || others > 0 && kit.Others[0].Name != want[1] {
			t.Errorf("%d others: %q, %+v, %v", others, kit.Account, kit.Others, err)
		}
	}
}

// TestRobotsGiveWay: a phone that is a user with the name of a robot takes its place, and
// no other phone has that name.
func TestRobotsGiveWay(t *testing.T) {
	for line, want := range map[string]string{
		"use phone alice account=work,private": "bob echo busy ring",
		"use phone bob":                        "echo busy ring",
		"use phone bob account=work,bob":       "echo busy ring",
		"use phone carol account=echo,busy":    "bob ring",
		"use phone bob account=work,private":   "test.talk:1: phone bob: a robot of the lab is called bob, and is not this phone, whose accounts are work, private; give the phone another name",
	} {
		cast, err := Casting{File: parse(t, line+"\n")}.cast()
		var names []string
		for _, r := range cast.lab.Robots {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); err != nil && err.Error() != want || err == nil && got != want {
			t.Errorf("%s: %s, %v, want %s", line, got, err, want)
		}
	}
}

// TestRawOfAnAccount: an account speaks a raw protocol of its own, which must be named,
// and is the only one of the lab.
func TestRawOfAnAccount(t *testing.T) {
	for line, want := range map[string]string{
		"use phone alice account=work,private private.raw=lines":                 "",
		"use phone alice account=work,private raw=lines":                         "",
		"use phone alice account=work,private work.raw=lines private.raw=lines":  "",
		"use phone alice account=work,private work.raw=lines private.raw=length": "phone alice, account private speaks length, and another lines: the lab has one raw protocol",
		"use phone alice account=work,private raw=lines private.raw=length":      "phone alice, account private speaks length, and another lines: the lab has one raw protocol",
		"use phone alice account=work,private private.control=raw":               "test.talk:1: raw: which raw protocol?",
	} {
		_, err := Casting{File: parse(t, line+"\n")}.cast()
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	chosen := func(values setup.Values) Casting {
		return Casting{File: parse(t, "use server pbx.test\n"), Account: func(string) (Role, error) {
			return Role{Login: Login{Account: "work", Values: setup.Values{}}, Others: []Login{{Account: "private", Values: values}}}, nil
		}}
	}
	cast, err := chosen(setup.Values{"raw": "lines"}).cast()
	if err != nil || cast.roles[0].spoken != nil || cast.roles[0].Others[0].spoken == nil {
		t.Errorf("%+v, %v", cast.roles, err)
	}
	if _, err = chosen(setup.Values{"control": "raw"}).cast(); err == nil || !strings.HasPrefix(err.Error(), "alice, account private: control: raw needs a protocol") {
		t.Error(err)
	}
}

// TestChance draws no seed twice.
func TestChance(t *testing.T) {
	if a, b := Chance(), Chance(); a == b || a == 0 {
		t.Errorf("%d, %d", a, b)
	}
}

// TestSettingsOfOtherProtocols: what a line says of all accounts is of those whose protocol
// has it; what it says of one alone that one must have a use for.
func TestSettingsOfOtherProtocols(t *testing.T) {
	chosen := func(string) (Role, error) {
		login := func(name string, more setup.Values) Login {
			return Login{Account: name, Values: setup.Values{"server": name + ".test", "user": name, "password": "pw"}.Over(more)}
		}
		return Role{
			Login:  login("chat", setup.Values{"control": "xmpp"}),
			Others: []Login{login("work", nil), login("odd", setup.Values{"control": "xmpp", "expires": "90s"})},
		}, nil
	}
	flags := func(v setup.Values) Casting { return Casting{Flags: v} }
	for _, c := range []struct {
		of   Casting
		line string
		want string // the expires of each, or the error
	}{
		{Casting{}, "use phone alice account=work,chat expires=60s chat.control=xmpp", "60s -"},
		{Casting{}, "use phone alice account=chat,work expires=60s chat.control=xmpp", "- 60s"},
		{Casting{}, "use phone alice account=work,chat control=xmpp work.control=sip expires=60s", "60s -"},
		{flags(setup.Values{"expires": "2m"}), "use phone alice account=work,chat chat.control=xmpp", "2m -"},
		{flags(setup.Values{"control": "xmpp"}), "use phone alice expires=60s", "test.talk:1: expires: there is one with SIP alone, and this is an account of XMPP; leave it out"},
		{flags(setup.Values{"min-se": "1h"}), "use phone alice session-timer=90s", "test.talk:1: alice: session-timer: 90s is less than min-se, which is 1h: ask for that at least, or say a smaller min-se"},
		{flags(setup.Values{"min-se": "1h"}), "use phone alice account=work,chat chat.session-timer=90s", "test.talk:1: alice, account chat: session-timer: 90s is less than min-se, which is 1h: ask for that at least, or say a smaller min-se"},
		{flags(setup.Values{"min-se": "90s"}), "use phone alice session-timer=90s", "-"},
		{flags(setup.Values{"control": "xmpp"}), "use phone alice account=work,chat chat.expires=60s", "test.talk:1: account chat: expires: there is one with SIP alone, and this is an account of XMPP; leave it out"},
		{Casting{Account: chosen}, "use phone alice account=chat,work,odd work.expires=60s", "- 60s 90s"}, // the config's, which is refused
		{Casting{Account: chosen}, "use phone alice account=chat,work,odd expires=60s", "- 60s 60s"},
		{Casting{Account: chosen}, "use phone alice account=chat,work,odd chat.expires=60s", "test.talk:1: account chat: expires: there is one with SIP alone, and this is an account of XMPP; leave it out"},
	} {
		c.of.File = parse(t, c.line+"\n")
		cast, err := c.of.cast()
		got := fmt.Sprint(err)
		if err == nil {
			var all []string
			for _, l := range cast.roles[0].logins() {
				all = append(all, cmp.Or(l.Values["expires"], "-"))
			}
			got = strings.Join(all, " ")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.line, got, c.want)
		}
	}
}
