package account

import (
	"io"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// TestInstances: a phone has the same name at every start, no other that runs has it,
// and each account of a phone has its own, also two of one address.
func TestInstances(t *testing.T) {
	dir := t.TempDir()
	p := &cli.Program{Out: io.Discard, Err: io.Discard, Env: func(key string) string {
		if key == "XDG_STATE_HOME" {
			return dir
		}
		return ""
	}}
	first, leave := Instance(p, "sip:alice@lab.test")
	second, leaveSecond := Instance(p, "sip:alice@lab.test")
	other, leaveOther := Instance(p, "sip:bob@lab.test")
	if first == second || first == other || !strings.HasPrefix(first, "urn:uuid:") {
		t.Errorf("%s, %s, %s", first, second, other)
	}
	leave()
	again, leaveAgain := Instance(p, "sip:alice@lab.test")
	if again != first {
		t.Errorf("%s at the next start, before %s", again, first)
	}
	leaveAgain()
	leaveSecond()
	leaveOther()

	who := config.Phone{Account: "work", Values: setup.Values{"server": "lab.test", "user": "alice"}}
	who.Others = []config.Login{
		{Account: "private", Values: setup.Values{"server": "home.test", "user": "ally"}},
		{Account: "desk", Values: setup.Values{"server": "lab.test", "user": "alice"}},
	}
	var kit setup.Kit
	defer Sign(p, who, &kit)()
	if kit.Account != "work" || kit.Instance != first || kit.Others[1].Instance != second || kit.Others[0].Instance == first || kit.Others[0].Name != "private" {
		t.Errorf("%+v", kit)
	}
}
