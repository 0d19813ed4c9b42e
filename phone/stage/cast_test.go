package stage

import (
	"maps"
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
			Values:  setup.Values{"server": "sip:pbx.test;transport=udp", "user": name + "1", "password": "pw", "device": "desktop"},
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

// TestChance draws no seed twice.
func TestChance(t *testing.T) {
	if a, b := Chance(), Chance(); a == b || a == 0 {
		t.Errorf("%d, %d", a, b)
	}
}
