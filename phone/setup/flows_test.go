package setup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

func TestParseProxies(t *testing.T) {
	for list, want := range map[string]string{
		"a.test":                             "a.test",
		"a.test, sip:b.test:5070":            "a.test b.test:5070",
		"a.test,b.test,c.test,d.test":        "a.test b.test c.test d.test",
		"a.test,b.test,c.test,d.test,e.test": "at most 4 flows",
		"a.test,a.test":                      "a.test is there twice",
		"a.test,":                            "is no server",
	} {
		proxies, err := ParseProxies(list)
		var names []string
		for _, p := range proxies {
			names = append(names, p.Address())
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%q: %s, want %s", list, got, want)
		}
		if err == nil && len(proxies) > 1 && len(Flows("", list)) != len(proxies) || Flows("", "a.test") != nil {
			t.Errorf("%q has the flows %v", list, Flows("", list))
		}
	}
}

// TestFlowsOfAnAccount: each flow has a proxy of its own, and is of the same user and
// instance.
func TestFlowsOfAnAccount(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	kit := Kit{Device: profile, Instance: "urn:uuid:1"}
	v := Values{"server": "pbx.test:5060", "user": "alice", "outbound-proxy": "a.test:5060,sips:b.test:5061"}
	cfg, err := Build(v, kit)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range cfg.App.Accounts() {
		c := a.Account.(sip.Config)
		got = append(got, fmt.Sprint(a.Name, a.Flow, " ", c.AOR, " ", c.Instance, " ", c.Server, " ", c.Proxy))
	}
	want := "flow11 sip:alice@pbx.test urn:uuid:1 a.test:5060 sip:a.test:5060;transport=tcp;lr\n" +
		"flow22 sip:alice@pbx.test urn:uuid:1 b.test:5061 sip:b.test:5061;transport=tls;lr"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if one, err := Build(Values{"server": "pbx.test:5060", "user": "alice"}, Kit{Device: profile, Instance: "urn:uuid:1"}); err != nil || one.App.Flow != 0 || len(one.App.Others) != 0 || one.App.Accounts()[0].Flow != 0 {
		t.Errorf("%+v, %v", one.App, err)
	}
}

// TestFlowsOfSeveralAccounts: each account of a phone can have flows, which are named
// after it, and are numbered each for itself.
func TestFlowsOfSeveralAccounts(t *testing.T) {
	profile, err := device.Load(DefaultDevice)
	if err != nil {
		t.Fatal(err)
	}
	build := func(first, second string) string {
		t.Helper()
		v := Values{"server": "pbx.test:5060", "user": "alice", "outbound-proxy": first}
		other := Login{Name: "private", Values: Values{"server": "pbx.test", "user": "bob", "outbound-proxy": second}, Instance: "urn:uuid:2"}
		cfg, err := Build(v, Kit{Device: profile, Instance: "urn:uuid:1", Account: "work", Others: []Login{other}})
		if err != nil {
			return err.Error()
		}
		var got []string
		for _, a := range cfg.App.Accounts() {
			c := a.Account.(sip.Config)
			got = append(got, fmt.Sprintf("%s(%s %d %s)", a.Name, a.Of, a.Flow, strings.TrimPrefix(c.Instance, "urn:uuid:")))
		}
		return strings.Join(got, " ")
	}
	for _, c := range []struct{ first, second, want string }{
		{"", "", "work( 0 1) private( 0 2)"},
		{"a.test,b.test", "", "work.flow1(work 1 1) work.flow2(work 2 1) private( 0 2)"},
		{"", "a.test,b.test", "work( 0 1) private.flow1(private 1 2) private.flow2(private 2 2)"},
		{"a.test,b.test", "c.test,d.test", "work.flow1(work 1 1) work.flow2(work 2 1) private.flow1(private 1 2) private.flow2(private 2 2)"},
	} {
		if got := build(c.first, c.second); got != c.want {
			t.Errorf("%q and %q: %s, want %s", c.first, c.second, got, c.want)
		}
	}
}
