//go:build peers

package main

import (
	"os/exec"
	"testing"
)

// TestScreenOfCompare watches days being played, opens one, and leaves.
func TestScreenOfCompare(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		x := openTerminal(t, w, h, "sleeptalk", "compare", "--profiles", "ios-voip-socket,desktop", "--strategies", "voip-socket,none", "--hours", "2", "--calls", "4")
		x.shows(`(?m)^▌compare  4 calls in 2 hours to each`, `ALL 4 PLAYED`, `ios-voip-socket none +0/4 +-`, `desktop +voip-socket +4/4`)
		x.press("g")
		x.press("Down")
		x.shows(`─ ios-voip-socket none ─`, `missed +4 nothing-wakes`)
		x.press("Enter")
		x.shows(`(?m)^▌REPLAY +ios-voip-socket none +4 (calls )?lost`)
		x.press("s")
		x.shows(`─ ladder ─`)
		x.press("q")
		x.hides("─ ladder ─")
		x.press("q")
		x.shows(`ALL 4 PLAYED`)
		x.press("q")
		x.shows(`(?m)^ios-voip-socket none +0/4`, `missed: 4 nothing-wakes`)
		x.left(0)
	})
}

// TestCompareIsLeft: who leaves before the end is told what was played.
func TestCompareIsLeft(t *testing.T) {
	x := openTerminal(t, 100, 30, "sleeptalk", "compare", "--hours", "48", "--calls", "96", "--jobs", "1")
	x.shows(`(?m)  1 of \d+ over, about \d+:\d\d left`)
	x.press("q")
	x.shows("End the work and leave")
	x.press("y")
	x.shows(`error: ended early: \d+ of \d+ were played`)
	x.left(5)
}

// TestScreenOfGrade watches an examination, opens a check, and leaves.
func TestScreenOfGrade(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		addr := freeAddr(t)
		x := openTerminal(t, w, h, "sleeptalk", "grade", "--listen", addr, "--only", "options,message,require")
		x.shows(`you: let the phone register as alice`, `left`, `▶ register`, `· options`)
		begin(t, exec.Command("sleeptalk", "phone", "--plain", "--server", addr, "--user", "alice", "--password-env", "SLEEPTALK_TEST_PASSWORD", "--mic", "silence", "--speaker", "none"))
		x.shows(`4 passed, 0 failed`, `✓ options +200 OK`)
		x.press("g")
		x.press("Down")
		x.shows(`rule +OPTIONS is answered`)
		x.press("Enter")
		x.shows(`(?m)^▌REPLAY +grade: options`, `OPTIONS`, `─ ladder ─`)
		x.press("Escape")
		x.shows(`4 passed, 0 failed`)
		x.press("q")
		x.shows(`(?m)^pass options +200 OK`)
		x.left(0)
	})
}

// TestScreenOfLab registers a phone at a lab on a screen, has a robot call it, and ends the lab.
func TestScreenOfLab(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		addr := freeAddr(t)
		x := openTerminal(t, w, h, "sleeptalk", "lab", "--listen", addr, "--account", "alice:secret")
		x.shows(`(?m)^▌lab +● serves `+addr+` +0 phones`, `not registered`)
		begin(t, exec.Command("sleeptalk", "phone", "--plain", "--server", addr, "--domain", "lab.test", "--user", "alice", "--password-env", "SLEEPTALK_TEST_PASSWORD", "--mic", "silence", "--speaker", "none", "--auto", "answer"))
		x.shows(`● alice bound`, `believes: reachable, unproven here`, `1 phone `)
		x.press("c")
		x.shows(`talks with alice`, `said bob calls alice`)
		x.press(":")
		x.typed("bob: hang up")
		x.press("Enter")
		x.shows(`bob +idle`)
		x.press("q")
		x.shows(`It is the server of 1`)
		x.press("y")
		x.left(0)
	})
}
