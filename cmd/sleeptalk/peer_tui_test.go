//go:build peers

package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The sizes of the window that the screen is designed for.
var windows = []struct{ w, h int }{{120, 40}, {80, 24}}

// inTwoSizes runs a test in each of the windows.
func inTwoSizes(t *testing.T, f func(t *testing.T, w, h int)) {
	t.Parallel()
	for _, size := range windows {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			t.Parallel() // they mostly wait
			f(t, size.w, size.h)
		})
	}
}

// TestScreenOfTheDemo watches the demo as somebody does who has just
// installed the program, then tries the keys, and leaves.
func TestScreenOfTheDemo(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		x := openTerminal(t, w, h, "sleeptalk", "demo")
		watchDemo(x)
		tryOverlays(x)
		for _, size := range []struct{ w, h int }{{60, 20}, {40, 10}, {w, h}} {
			x.resize(size.w, size.h)
			x.whole()
		}
		x.press("q")
		x.shows(fmt.Sprintf(`(?m)^PASS  %d checks`, strings.Count(phone.DemoScript, "wait for")))
		x.left(0)
	})
}

// watchDemo sees each moment of the demo's script.
func watchDemo(x *terminal) {
	x.t.Helper()
	x.shows(`(?m)^▌.*alice@lab\.test .*● reg(istered)? \d\d:\d\d .*● tcp`, `GOING TO SLEEP`, `esc ends the tour`)
	x.shows(`SUSPENDED`, `socket held open`, `(?m)^▌.*×60`)
	x.shows(`wake .*K`, `pong CRLF .*keepalive 1, after`, `SUSPENDED`)
	x.shows(`▲ AWAKE`, `s of 10 s left`, `Incoming call`, `bob@lab\.test`, `a answer +.*e decline`,
		`wake .*KI`, `180 Ringing`, `Bob ringing`)
	x.shows(`FOREGROUND`, `opened from`, `call up`, `mic +[▁-█ ]+ −\d+ dB`, `ear +[▁-█ ]+ −\d+ dB`, `tx \d+ +rx [1-9]\d*`, `e end Bob  o hold Bob  m mute`)
	x.shows(`✓ we hear [Bb]ob`)
	x.shows(`no call`, `◀ Bob +00:\d\d +heard`, `BYE sip:bob`, `The phone is yours now`)
	x.whole()
}

// tryOverlays opens what can be opened above the panels, and closes it.
func tryOverlays(x *terminal) {
	x.t.Helper()
	x.press("?")
	x.shows(`─ help ─`, `send the app to the background`, `esc back`)
	x.press("Escape")
	x.hides("─ help ─")
	x.press(":")
	x.shows(`(?m)^ :`)
	x.typed("backg")
	x.shows(`(?m)^.background +send the app to the background`, `(?m)^ : backg`)
	x.press("Escape")
	x.hides(": backg")
	x.press("d")
	x.shows(`─ dial ─`, `a name, or sip:somebody@somewhere`, `bob@lab\.test +00:\d\d ✓`)
	x.typed("carol")
	x.shows(`to carol`)
	x.press("Escape")
	x.hides("─ dial ─")
	x.shows(`FOREGROUND`, `no call`) // none of it was done
	x.whole()
}

// whole returns when the screen is one picture of the window's size: a header
// and a footer, each panel once, every border closed at the window's edge.
func (x *terminal) whole() {
	x.t.Helper()
	x.until(func(screen []string) string {
		if len(screen) != x.h {
			return fmt.Sprintf("%d rows, having %d", x.h, len(screen))
		}
		if !strings.HasPrefix(screen[0], "▌") || len(screen[0]) < 8 || strings.Count(screen[0][len(screen[0])-8:], ":") != 2 {
			return "a header with the time of day at its end"
		}
		if !strings.Contains(screen[x.h-1], "? help") {
			return "a footer"
		}
		text := strings.Join(screen, "\n")
		for _, panel := range []string{" 1 device ", " 2 timers ", " 3 timeline ", " 5 call ", " 6 sip "} {
			if n := strings.Count(text, panel); n != 1 {
				return fmt.Sprintf("%q once, having it %d times", panel, n)
			}
		}
		for n, line := range screen {
			if broken := x.border(line); broken != "" {
				return fmt.Sprintf("%s in row %d", broken, n)
			}
		}
		return ""
	})
}

// border says what a row's border lacks. Panels beside each other need not
// begin and end together.
func (x *terminal) border(row string) string {
	n := utf8.RuneCountInString(row) // each is one column wide
	if n > x.w {
		return "an end at the window's edge"
	}
	first, _ := utf8.DecodeRuneInString(row)
	last, _ := utf8.DecodeLastRuneInString(row)
	switch {
	case strings.ContainsRune("╭│╰", first) && (n != x.w || !strings.ContainsRune("╮│╯", last)),
		first == '─' && (n != x.w || last != '─'):
		return "a border at the window's edge"
	}
	return ""
}

// aliceOnScreen is a phone on a screen, at a lab of the test's own.
func aliceOnScreen(t *testing.T, w, h int) (*terminal, *tester) {
	t.Helper()
	lab := start(t, "lab", "--json", "--listen", "127.0.0.1:0")
	addr := lab.listens("listening")
	x := openTerminal(t, w, h, "sleeptalk", "phone", "--server", addr, "--domain", "lab.test", "--user", "alice",
		"--password-env", "SLEEPTALK_TEST_PASSWORD", "--device", "ios-voip-socket", "--set", "grace=1s",
		"--mic", "tone:440", "--speaker", "none")
	x.shows(`● reg(istered)? \d\d:\d\d`, `FOREGROUND`)
	return x, lab
}

// TestKeysOfACall presses every key of a call that wakes the phone.
func TestKeysOfACall(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		x, lab := aliceOnScreen(t, w, h)
		x.press("b")
		x.shows(`SUSPENDED`)
		lab.say("bob calls alice")
		x.shows(`▲ AWAKE`, `Incoming call`, `bob@lab\.test`)
		x.press("a")
		x.shows(`FOREGROUND`, `call up`, `mic +[▁-█ ]+ −\d+ dB`, `ear +[▁-█ ]+ −\d+ dB`)
		expect(lab, "alice's tone", func(e event.Heard) bool { return e.What == "tone" && e.Hz > 430 && e.Hz < 450 })

		x.press("m")
		x.shows(`m unmute`)
		x.press("m")
		x.shows(`m mute`)
		x.press("o")
		x.shows(`o resume`)
		x.press("o")
		x.shows(`o hold`)

		x.press("t")
		x.shows(`─ tones to Bob ─`)
		for _, digit := range []string{"1", "2", "#"} {
			x.press(digit)
			expect(lab, "the digit "+digit, func(e event.DTMF) bool { return e.Digit == digit })
		}
		x.shows(`sent 12#`)
		x.press("Escape")
		x.hides("─ tones to Bob ─")

		x.press("e")
		x.shows(`no call`, `◀ Bob +00:\d\d +heard`)
		if ended := lab.call("ended"); ended.By != "peer" {
			t.Errorf("for bob the call was ended by %q, want the peer", ended.By)
		}
		x.whole()
		x.press("q")
		x.left(0)
		expect(lab, "the phone's sign-off", signedOff)
	})
}

// TestKeysOfTwoCalls has a second call wait while the first is up: who it is, and what each key
// would do, is said on the main screen and in the ladder.
func TestKeysOfTwoCalls(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		x, lab := aliceOnScreen(t, w, h)
		lab.say("bob calls alice")
		x.shows(`▒ ringing 00:\d\d +Bob`, `a answer Bob  e decline Bob`)
		x.press("a")
		x.shows(`e end Bob  o hold Bob`)
		lab.say("echo calls alice")
		x.shows(`▌1 █ up 00:\d\d +Bob`, `2 ▒ waiting 00:\d\d +Echo`, `a answer Echo  e end Bob`)
		x.press("s")
		x.shows(`─ ladder ─`, `█ up 00:\d\d Bob  ◆ waiting 00:\d\d Echo  a answer Echo  e end Bob`)
		x.press("A")
		x.shows(`(?m)^▌█ up 00:\d\d Echo  e end Echo`)
		x.press("q")
		x.hides("─ ladder ─")
		x.press("e")
		x.shows(`no call`, `◀ Echo +00:\d\d +heard`)
		x.whole()
		x.press("q")
		x.left(0)
	})
}

// signedOff is how the lab sees a phone that leaves.
func signedOff(e event.Server) bool { return e.What == "unregistered" }

// TestScreenAndSignal ends the program from outside while its screen is up.
func TestScreenAndSignal(t *testing.T) {
	t.Parallel()
	x, lab := aliceOnScreen(t, 80, 24)
	x.signal(syscall.SIGTERM)
	x.left(143)
	expect(lab, "the phone's sign-off", signedOff)
}

// TestScreenAndPanic has a bug while the screen is up.
func TestScreenAndPanic(t *testing.T) {
	t.Parallel()
	x := openTerminal(t, 80, 24, "crashing-screen")
	x.shows(`\? help`)
	x.press("=")
	x.shows(`sleeptalk crashed; your terminal was restored. Report: .*`)
	x.left(70)
}

// TestScreenOfARun steps through a scenario, looks at what happened, and lets
// it go on to its failure.
func TestScreenOfARun(t *testing.T) {
	inTwoSizes(t, func(t *testing.T, w, h int) {
		x := openTerminal(t, w, h, "sleeptalk", "run", "builtin:reachable-asleep", "--watch", "--step", "--misbehave", "no-invite")
		x.shows(`(?m)^▌run +builtin:reachable-asleep +paused`, `▶ +10 +register`, `next register`)
		x.press("n")
		x.shows(`✓ +10 +register`, `▶ +11 +expect registered within 3s`, `next expect registered`)
		x.press("Up")
		x.press("Enter")
		x.shows(`what happened`, `> register +by script`)
		x.press("Escape")
		x.hides("what happened · esc")
		x.press("g")
		x.shows(`─ waiting for ─`, `suspended within 15 s`, `s gone, .* left, device time`)
		x.shows(`FAILED: 1 of 3`, `─ failed ─`, `no wake by INVITE within 2 s`, `did not route the call`)
		x.press("r")
		x.shows(`report: /`)
		x.press("Escape")
		x.shows(`= likely +the proxy did not route`, `5 tests   2 passed   1 failed   2 skipped`)
		x.left(1)
	})
}
