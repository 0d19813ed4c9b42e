//go:build peers

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLostCallIsFound brings about the ways in which a call is lost, or heard by one side
// only, and finds each on the screen of the program by one key: in words that have the
// numbers of the case, at 80x24.
func TestLostCallIsFound(t *testing.T) {
	t.Parallel()
	const asleep = "register\nexpect registered\nbackground\nexpect suspended within 30s\n"
	for name, c := range map[string]struct{ script, found string }{
		"server restart":      {asleep + "lab: stop\nwait 1s\nlab: start\nbob: call alice\nwait 40s\n", `(?s)lost .*bob was told 480.*why .*the server[^a-z]+closed the connection.*mend`},
		"wrong password":      {"use phone alice password=wrong\nregister\nwait 2s\nbob: call alice\nwait 40s\n", `(?s)lost .*bob was told 480.*why .*refused the credentials: 403`},
		"404":                 {"register\nexpect registered\ncall nobody\nwait 5s\n", `(?s)what .*nobody: 404 Not Found.*why .*knows nobody of that name`},
		"486":                 {"register\nexpect registered\ncall busy\nwait 5s\n", `(?s)what .*busy: 486 Busy Here.*why .*nothing is broken`},
		"403 to a call":       {"use phone alice\nuse phone carol\nregister\nexpect registered\ncarol: register\ncarol: expect registered\nlab: respond 403 to INVITE\ncarol: call alice\nwait 5s\n", `(?s)lost .*carol was told 403.*why .*refused the call of carol`},
		"503 to a call":       {"register\nexpect registered\nlab: respond 503 to INVITE retry after 30s\ncall bob\nwait 5s\n", `(?s)what .*bob: 503.*why .*overloaded.*mend .*wait 30`},
		"early CANCEL":        {asleep + "bob: call alice\nbob: hang up\nwait 5s\n", `(?s)what .*Bob rang for \d+ ms, and was missed.*why .*sooner than anybody can`},
		"wake-socket race":    {"use phone alice strategy=wake-socket\nregister\nexpect registered\nlock\nexpect suspended within 15s\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 408.*why .*did\s+not\s+.*come\s+.*within\s+.*wake\s+.*line`},
		"NAT drop asleep":     {"register\nexpect registered\nfault nat short\nbackground\nexpect suspended within 30s\nwait 245s\nbob: call alice\nwait 40s\n", `(?s)lost .*INVITE, 981 B, swallowed at the NAT; Bob was told.*408.*why .*the NAT forgot us at \d\d:\d\d:\d\d, 240 s after .*mend .*every 240 s`},
		"half-open server":    {"register\nexpect registered\nfault server half-open\nbackground\nexpect suspended within 30s\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 480.*why .*the server has lost the connection at \d\d:\d\d:\d\d without a word`},
		"handover asleep":     {asleep + "fault network cell\nbob: call alice\nwait 45s\n", `(?s)lost .*INVITE, \d+ B, swallowed on the way: the phone had left.*why .*changed networks at \d\d:\d\d:\d\d: \S+ is dead.*mend .*next chance`},
		"no network":          {asleep + "fault network offline\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 408.*why .*without a network since \d\d:\d\d:\d\d`},
		"server hangs":        {asleep + "fault server stall\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 408.*why .*the server hangs since \d\d:\d\d:\d\d`},
		"app killed":          {asleep + "kill\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 480.*why .*no process of the app since \d\d:\d\d:\d\d: the user force-quit`},
		"registration lapsed": {"use phone alice expires=60s\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nwait 120s\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 480.*why .*our registration lapsed at \d\d:\d\d:\d\d.*mend .*60 s must be refreshed`},
		"push lost":           {"use phone alice device=ios-pushkit strategy=push\nuse lab push-drop=1\n" + asleep + "bob: call alice\nwait 45s\n", `(?s)lost .*bob was told 480.*why .*the push p1 was dropped`},
		"not routed":          {asleep + "lab: misbehave no-invite\nbob: call alice\nwait 45s\n", `(?s)lost .*bob was told 408.*why .*the proxy did not route the call`},
		"nothing wakes it":    {"use phone alice strategy=none\n" + asleep + "bob: call alice\nwait 45s\n", `(?s)lost .*bob was told 408.*why .*had done nothing to be woken`},
		"one-way":             {"register\nexpect registered\nlab: misbehave one-way-audio\ncall bob\nexpect call up within 3s\nwait 15s\n", `(?s)what .*nothing arrives.*why .*bob hears us, and none of its packets reach`},
		"deaf far end":        {"register\nexpect registered\nlab: misbehave deaf\ncall bob\nexpect call up within 3s\nwait 15s\n", `(?s)what .*the far end receives nothing.*why .*we hear bob, and none of our packets reach`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file, log := filepath.Join(dir, "lost.talk"), filepath.Join(dir, "lost.jsonl")
			if err := os.WriteFile(file, []byte(c.script), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("sleeptalk", "run", "--events", log, file).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			x := openTerminal(t, 80, 24, "sleeptalk", "replay", log)
			x.shows(`^▌REPLAY`, `3 timeline`, `\? help`)
			x.hides("loading")
			x.press("x")
			x.shows(c.found)
			x.press("enter")
			x.shows(`The rule`)
			x.press("Escape")
		})
	}
}
