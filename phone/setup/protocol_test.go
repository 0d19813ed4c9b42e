package setup

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/device"
)

// TestProtocols: a phone that is told to speak a protocol has an account of it,
// with what its settings say.
func TestProtocols(t *testing.T) {
	desktop, err := device.Load("desktop")
	if err != nil {
		t.Fatal(err)
	}
	ports := map[uint16]string{}
	for _, p := range Protocols() {
		v := Values{"control": p.Name, "server": "pbx.example.com:5999", "domain": "example.com", "user": "alice", "password": "secret", "raw": "lines"}
		cfg, err := Build(v, Kit{Device: desktop})
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		who := cfg.App.Account.Identity()
		if who.Protocol != p.Name || !strings.Contains(who.Address, "alice@example.com") || who.Server != "pbx.example.com:5999" {
			t.Errorf("%s: the account is %+v", p.Name, who)
		}
		if p.Title == "" || ports[p.Port] != "" || p.Port == 0 {
			t.Errorf("%s: title %q, port %d, which is also that of %q", p.Name, p.Title, p.Port, ports[p.Port])
		}
		ports[p.Port] = p.Name
	}
}
