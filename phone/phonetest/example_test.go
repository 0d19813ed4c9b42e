package phonetest_test

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/phonetest"
)

// Printed stands for the *testing.T of a test: it prints what that would.
type printed struct{ cleanups []func() }

func (*printed) Helper()                           {}
func (p *printed) Cleanup(f func())                { p.cleanups = append(p.cleanups, f) }
func (*printed) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (*printed) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// A phone sleeps, and a call wakes it.
func Example() {
	t := new(printed) // in a test, its *testing.T

	w := phonetest.New(t, "use lab", "use phone alice display=Alice", "never stay awake > 10s")
	alice, bob := w.Phone("alice"), w.Phone("bob")
	alice.Do("register")
	alice.Expect("registered within 3s")
	alice.Do("background")
	alice.Expect("suspended within 15s")
	w.Wait(8 * time.Hour)

	bob.Do("call alice")
	alice.Expect(`wake by INVITE within 2s and notification from "Bob" as $title`)
	frame := phonetest.Expect(alice, "wake frame of more than 500 bytes", 2*time.Second,
		func(e event.Frame) bool { return e.Bytes > 500 })
	alice.Do("answer from notification")
	alice.Expect("call up within 2s and foreground")

	fmt.Printf("%s woke it, after %d keepalives; the banner said %q\n",
		frame.What, alice.State().Counts.Wakes-1, w.Value("title"))

	// Output:
	// INVITE woke it, after 50 keepalives; the banner said "Incoming call"
}

// An expectation that is not met ends the test, with what happened instead.
func ExampleActor_Expect() {
	t := new(printed)

	w := phonetest.New(t, "use lab")
	alice := w.Phone("alice")
	w.Play(`
		register
		expect registered within 3s
		background
		expect suspended within 15s
		lab: misbehave no-invite
		bob: call alice`)
	alice.Expect("wake by INVITE within 2s")

	// Output:
	// error: no wake by INVITE within 2 s
	//   --> test.talk:8
	//  7 | bob: call alice
	//  8 | alice: expect wake by INVITE within 2s
	//    |               ^^^^^^^^^^^^^^ 2.00 s passed, device time
	//    = bob      INVITE sent at 00:08.13, 100 Trying received at +0.00 s
	//    = socket   open since 00:00.04, last bytes 00:00.18 (pong)
	//    = binding  registered at 00:00.13, as sip:alice@192.0.2.10:49152, until 01:00:00.13
	//    = state    suspended since 00:08.13
	//    = wake     none; the next is keepalive, in 590 s at most
	//    = call     none
	//    = likely   the proxy did not route the call to our contact sip:alice@192.0.2.10:49152
}
