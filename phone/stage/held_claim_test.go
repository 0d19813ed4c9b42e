package stage

import "testing"

// TestHeldClaims: what waits in the kernel of a suspended app can be expected, and must have been
// able to fail: what it was is told once it was read, and for how long it waited.
func TestHeldClaims(t *testing.T) {
	const begin = "use phone alice strategy=none\nregister\nexpect registered\nbackground\nexpect suspended within 30s\nbob: call alice\nexpect held waiting within 5s\nwait 5s\nforeground\n"
	playClaims(t, begin, map[string]string{
		"expect held released INVITE from Bob at-least 5s within 5s": "passed",
		"expect held at-least 8s within 5s":                          "failed 10: no held at-least 8s within 5 s",
		"expect held OPTIONS within 5s":                              "failed 10: no held OPTIONS within 5 s",
		"expect held from Carol within 5s":                           "failed 10: no held from Carol within 5 s",
		"expect held dropped within 5s":                              "failed 10: no held dropped within 5 s",
	})
}
