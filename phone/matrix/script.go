package matrix

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/app"
)

// A Phone is what is looked at.
type Phone struct {
	Device, Strategy string
	// Settings are others of the phone, KEY=VALUE each.
	Settings []string
}

// WithDefaults is a phone of which all is said.
func (p Phone) WithDefaults() Phone {
	p.Device, p.Strategy = cmp.Or(p.Device, "ios-voip-socket"), cmp.Or(p.Strategy, string(app.DefaultStrategy))
	return p
}

// own are the settings that an account has of the phone itself, besides its device
// and its strategy: a row is played at the lab, whatever the server.
var own = []string{"keepalive", "push-provider", "push-param", "push-keys", "refresh", "report", "early-audio", "invite-wait"}

// Over is the phone with what an account says of it where it says nothing itself.
func (p Phone) Over(account map[string]string) Phone {
	p.Device, p.Strategy = cmp.Or(p.Device, account["device"]), cmp.Or(p.Strategy, account["strategy"])
	var theirs []string
	for _, key := range own {
		if v := account[key]; v != "" {
			theirs = append(theirs, key+"="+v)
		}
	}
	p.Settings = append(theirs, p.Settings...)
	return p
}

// Script is the scenario of a combination (the times are our own numbers: how long
// people take, and what they bear).
func (p Phone) Script(n int, c Combination) string {
	var b strings.Builder
	say := func(lines ...string) {
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	say(fmt.Sprintf("# Row %d of the matrix: %s.", n, c), "# tags: matrix", "use lab", "use device "+p.Device)
	say(strings.TrimSpace(fmt.Sprintf("use phone alice strategy=%s %s", p.Strategy, strings.Join(p.Settings, " "))), "")
	if c[network] == mobile {
		say("fault network wifi -> cell", "kill", "foreground")
	}
	say("register", "expect registered within 10s", "wait 5s")
	say(puttingAway[c[state]]...)
	say(screens[c[screen]]...)
	if c[network] == handover {
		say("fault network wifi -> cell", "wait 10s")
	}
	say("", "== "+c.String(), "bob: call alice")
	if c[second] == yes && c[ending] == answer {
		say(rings, "wait 2s", "answer", "expect call up within 10s", "wait 3s")
		say("echo: call alice", "expect call incoming from echo within 10s", "echo: hang up", "wait 3s")
		say("bob: hang up", "expect call ended within 10s")
		return b.String()
	}
	say(endings[c[ending]]...)
	if c[second] == yes {
		say("", "== the second call", "wait 10s", "echo: call alice", "expect call incoming from echo within 35s", "wait 2s", "answer", "expect call up within 10s", "echo: hang up", "expect call ended within 10s")
	}
	return b.String()
}

// rings is that the phone rings while a caller waits.
const rings = "expect call incoming within 35s"

// What is done to come to each state, and how the call goes.
var (
	puttingAway = map[string][]string{
		foreground: nil, background: {"background"},
		suspended:  {"background", "wait 1m"},
		terminated: {"background", "wait 1m", "jetsam", "wait 1m"},
	}
	screens = map[string][]string{on: nil, locked: {"lock"}, asleep: {"lock", "wait 1h"}}
	endings = map[string][]string{
		answer:  {rings, "wait 2s", "answer", "expect call up within 10s", "wait 5s", "bob: hang up", "expect call ended within 10s"},
		decline: {rings, "wait 2s", "decline", "bob: expect call ended within 10s"},
		early:   {"bob: expect no call ended for 500ms", "bob: hang up", "expect no warning ghost-call for 45s"},
		late:    {rings, "wait 5s", "bob: hang up", "expect call ended within 10s"},
	}
)
