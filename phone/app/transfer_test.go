package app

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func (a *toldCaller) Transfer(_ time.Time, call int, to string) (control.Output, error) {
	return a.says(fmt.Sprintf("transfer %d to %s", call, to)), nil
}

func (a *toldCaller) TransferTo(_ time.Time, call, other int) (control.Output, error) {
	return a.says(fmt.Sprintf("transfer %d to call %d", call, other)), nil
}

func (a *toldCaller) Consider(_ time.Time, referral int) control.Output {
	return a.says(fmt.Sprint("consider ", referral))
}

func (a *toldCaller) Follow(_ time.Time, referral int, _ []byte) (int, control.Output, error) {
	return 2, a.says(fmt.Sprint("follow ", referral)), a.refuses
}

func (a *toldCaller) Refuse(_ time.Time, referral, status int) control.Output {
	return a.says(fmt.Sprintf("refuse %d with %d", referral, status))
}

// asked is that somebody wants carol called, in a call or outside of one.
func asked(call int) control.Referred {
	return control.Referred{ID: 7, Call: call, To: "sip:carol@lab.test", By: "sip:bob@lab.test"}
}

// TestReferred: what the app does when somebody wants it to call somebody else.
func TestReferred(t *testing.T) {
	accept := func(b *board) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.AcceptTransfer(now) })
	}
	refuse := func(b *board) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.RefuseTransfer(now) })
	}
	for _, tt := range []struct {
		what            string
		policy          Handover
		call            int
		want, then, now string
	}{
		{"in a call it does", HandoverInCall, 1, "bind 1", "follow 7", ""},
		{"outside of one it asks", HandoverInCall, 0, "consider 7", "", "bind 1"},
		{"it always does", HandoverAccept, 0, "bind 1", "follow 7", ""},
		{"it always asks", HandoverAsk, 1, "consider 7", "", "bind 1"},
		{"it never does", HandoverRefuse, 1, "refuse 7 with 603", "", ""},
	} {
		b := newBoard(t, Config{Handover: tt.policy})
		b.want(tt.what, b.hears(asked(tt.call)), tt.want)
		if tt.then != "" {
			b.want(tt.what+": bound", b.bound(1), tt.then)
		}
		if tt.now != "" {
			b.want(tt.what+": the user agrees", accept(b), tt.now)
		}
		b.want(tt.what+": nothing more to decide", refuse(b), "error: nobody asks for a transfer")
	}

	b := newBoard(t, Config{Handover: HandoverAsk})
	b.foreground = false
	b.want("off the screen a notification asks", b.hears(asked(1)), "consider 7, notify 1 for 1s")
	b.want("the user refuses", refuse(b), "withdraw, refuse 7 with 603")

	b = newBoard(t, Config{})
	b.hears(asked(1))
	b.want("the sockets are not bound", b.signal(system.Failed{Socket: 1, Err: errors.New("no")}), "host-failed, refuse 7 with 500, close 1, close 2")

	b = newBoard(t, Config{})
	b.leaving = true
	b.want("the phone leaves", b.hears(asked(1)), "refuse 7 with 603")
}

// TestReferralsLapse: the user is asked about each with a notification of its own,
// and no longer about one that nobody has decided in time.
func TestReferralsLapse(t *testing.T) {
	b := newBoard(t, Config{Handover: HandoverAsk})
	b.foreground = false
	first, second := asked(0), asked(0)
	second.ID = 8
	b.want("one asks", b.hears(first), "consider 7, notify 1 for 1s")
	b.want("another asks", b.hears(second), "consider 8, notify 2 for 1s")
	b.want("the first is over", b.hears(control.ReferralLapsed{ID: 7}), "withdraw")
	b.want("it is over already", b.hears(control.ReferralLapsed{ID: 7}), "")
	b.want("the user agrees", b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.AcceptTransfer(now) }), "withdraw, bind 1")
	b.want("it is the second", b.bound(1), "follow 8")
	if n := len(b.App.transfers.asked); n != 0 {
		t.Errorf("%d questions are left", n)
	}
}

// two is a board with call 1, which is on hold, and call 2, which is up.
func two(t *testing.T) *board {
	b := newBoard(t, Config{})
	for n := range 2 {
		b.comes(n + 1)
		b.user(b.Answer)
	}
	return b
}

// TestSeveralCalls: each command acts on the call that it names, and one call is
// talked in at a time.
func TestSeveralCalls(t *testing.T) {
	do := func(b *board, f func(now time.Time, n int) ([]system.Effect, error), n int) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return f(now, n) })
	}
	b := two(t)
	b.want("swap", b.user(b.Swap), "reinvite 2 sendonly, audio off, reinvite 1 sendrecv, audio on")
	b.want("swap back by number", do(b, b.Swap, 2), "reinvite 1 sendonly, audio off, reinvite 2 sendrecv, audio on")
	b.want("swap with the one that is up", do(b, b.Swap, 2), "error: call 2 is not on hold")
	b.want("a call that is not there", do(b, b.Hangup, 3), "error: there is no call 3; there are: 1, 2")
	b.want("answer what is up", do(b, b.Answer, 2), "error: call 2 does not ring")
	b.want("hang up the one on hold", do(b, b.Hangup, 1), "hang up 1")
	b.want("mute the one on hold", b.user(func(time.Time, int) ([]system.Effect, error) { return b.Mute(1, true) }), "call 1 muted")
	b.want("resume the first", b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Hold(now, 1, false) }), "reinvite 2 sendonly, audio off, reinvite 1 sendrecv, audio on")
	b.want("resume it again", b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Hold(now, 1, false) }), "error: call 1 is not on hold")

	b = two(t)
	b.want("a third waits", b.hears(control.Offered{ID: 3, From: "sip:eve@lab.test", Body: peer().Offer()}), "ring, call 3 waiting, bind 5")
	b.bound(5)
	b.want("it is declined", do(b, b.Decline, 3), "reject 603")

	b = two(t)
	b.want("dial holds the one that is up", b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "dave") }), "reinvite 2 sendonly, audio off, bind 5")
}

// TestTransferCommands: which call is handed over.
func TestTransferCommands(t *testing.T) {
	to := func(b *board, n int) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.TransferTo(now, n) })
	}
	blind := func(b *board, n int) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Transfer(now, n, "carol") })
	}
	attended := func(b *board) string {
		return b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.AttendedTransfer(now) })
	}
	b := two(t)
	b.want("the one that is up", blind(b, 0), "transfer 2 to carol")
	b.want("the one that is named", blind(b, 1), "transfer 1 to carol")
	b.want("the other to the one on hold", to(b, 1), "transfer 2 to call 1")
	b.want("the one on hold to the other", to(b, 2), "transfer 1 to call 2")
	b.want("the one on hold to the one that is up", attended(b), "transfer 1 to call 2")

	b = newBoard(t, Config{})
	b.want("no call", blind(b, 0), "error: no call is up")
	b.want("no call to hand over", attended(b), "error: no call is up")
	b.comes(1)
	b.user(b.Answer)
	b.want("only one", attended(b), "error: no call is on hold")
	b.want("no other", to(b, 1), "error: there is no other call to be handed over to call 1")
}

// TestReplacing: a call that takes the place of another is answered at once.
func TestReplacing(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.want("it comes", b.hears(control.Replacing{Offered: control.Offered{ID: 2, From: "sip:carol@lab.test", Body: peer().Offer()}, Call: 1}), "bind 3")
	b.want("it is answered", b.bound(3), "answer 2 sendrecv")

	b = two(t)
	b.want("the one on hold is replaced", b.hears(control.Replacing{Offered: control.Offered{ID: 3, From: "sip:carol@lab.test", Body: peer().Offer()}, Call: 1}), "bind 5, reinvite 2 sendonly, audio off")
	b = two(t)
	b.want("the one that is talked to is replaced", b.hears(control.Replacing{Offered: control.Offered{ID: 3, From: "sip:carol@lab.test", Body: peer().Offer()}, Call: 2}), "bind 5")

	b = newBoard(t, Config{Auto: Accept})
	b.comes(1)
	b.comes(2)
	b.want("who answers by itself holds nobody", b.hears(control.Replacing{Offered: control.Offered{ID: 3, From: "sip:carol@lab.test", Body: peer().Offer()}, Call: 1}), "bind 5")
	b = newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.leaving = true
	b.want("one that is refused holds nobody", b.hears(control.Replacing{Offered: control.Offered{ID: 3, From: "sip:carol@lab.test"}, Call: 9}), "reject 486")
}

// TestFollowing: whom we call is talked to alone: others are on hold, and the call that
// is handed over is not offered anything, and silent as soon as the new one is up.
func TestFollowing(t *testing.T) {
	b := two(t)
	b.want("the one on hold is handed over", b.hears(asked(1)), "reinvite 2 sendonly, audio off, bind 5")
	b = newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.want("the one that is talked to is", b.hears(asked(1)), "bind 3")
	b.want("it is followed", b.bound(3), "follow 7")
	if !b.App.board.calls.byID(1).voice.talks() {
		t.Error("the one that is handed over is silent before the other is up")
	}
	b.hears(control.Accepted{ID: 2, Body: b.answers(2, sdp.SendRecv)})
	if b.App.board.calls.byID(1).voice.talks() || !b.App.board.calls.byID(2).voice.talks() {
		t.Error("the one that is handed over is still talked to")
	}
}
