package app

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// offers is another session that the other end asks for.
func offers(version uint64, direction string) []byte {
	p := peer()
	p.Version, p.Direction = version, direction
	return p.Offer()
}

// TestHeldByPeer: all ways in which the other end can hold a call (RFC 3264 §8.4),
// and each is said once.
func TestHeldByPeer(t *testing.T) {
	old := strings.Replace(string(offers(3, sdp.SendRecv)), "c=IN IP4 192.0.2.20", "c=IN IP4 0.0.0.0", 1) // RFC 2543
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	modify := func(body []byte) string { return b.hears(control.Modify{ID: 1, Body: body}) }
	b.want("held", modify(offers(1, sdp.SendOnly)), "answer 1 recvonly, call 1 held by peer")
	b.want("held still", modify(offers(2, sdp.Inactive)), "answer 1 inactive")
	b.want("resumed", modify(offers(3, sdp.SendRecv)), "answer 1 sendrecv, call 1 resumed by peer")
	b.want("another address, of the same version", modify([]byte(old)), "answer 1 recvonly, untidy-sdp, call 1 held by peer")
	b.want("resumed, one way", modify(offers(4, sdp.RecvOnly)), "answer 1 sendonly, call 1 resumed by peer")
}

// TestHeldByBoth: each end resumes for itself.
func TestHeldByBoth(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.hears(control.Modify{ID: 1, Body: offers(1, sdp.SendOnly)})
	b.want("hold", b.hold(true), "reinvite 1 inactive, audio off")
	b.want("agreed", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "call 1 held by us")
	b.want("the peer resumes", b.hears(control.Modify{ID: 1, Body: offers(21, sdp.SendRecv)}), "answer 1 sendonly, call 1 resumed by peer")
	b.want("we resume", b.hold(false), "reinvite 1 sendrecv, audio on")
	b.want("agreed, and held again", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendOnly)}), "call 1 held by peer, call 1 resumed by us")
}

// TestMoveIsNoHold: an audio that has moved is offered anew, and nobody has held or
// resumed anything.
func TestMoveIsNoHold(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	b.signal(system.Closed{Socket: 1})
	b.bound(3)
	b.want("agreed", b.hears(control.Modified{ID: 1, Body: b.answers(1, sdp.SendRecv)}), "")
	b.signal(system.Closed{Socket: 3})
	b.bound(5)
	b.want("refused", b.hears(control.ModifyFailed{ID: 1, Status: 488}), "change-refused")
	if b.App.board.calls[0].voice.held {
		t.Error("a move that was refused holds the call")
	}
}

// TestVersions: a description of ours has a new version if it says something new
// (RFC 3264 §8), and an offer that is repeated has the same answer.
func TestVersions(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	v := &b.App.board.calls[0].voice
	said := func() string { return string(v.terms.ours) }
	first := said()
	b.want("the same offer", b.hears(control.Modify{ID: 1, Body: peer().Offer()}), "answer 1 sendrecv")
	if said() != first {
		t.Errorf("the same offer is answered\n%s\nafter\n%s", said(), first)
	}
	before := v.sdp.Version
	b.hears(control.Modify{ID: 1, Body: offers(1, sdp.SendOnly)})
	if v.sdp.Version != before+1 || said() == first {
		t.Errorf("version %d after %d for an answer that is new", v.sdp.Version, before)
	}
	b.want("one that cannot be agreed with", b.hears(control.Modify{ID: 1, Body: []byte("v=0\r\n")}), "untidy-sdp, no-common-audio, reject 488, warning 304")
	if v.sdp.Version != before+1 {
		t.Errorf("version %d, and nothing was said", v.sdp.Version)
	}
}

// TestTheSameAnswerTwice: a 200 that repeats the answer of a 183 changes nothing.
func TestTheSameAnswerTwice(t *testing.T) {
	b := newBoard(t, Config{})
	b.agent.says("")
	b.want("dial", b.does(func() []system.Effect { effects, _ := b.Call(b.now, "", "bob"); return effects }), "bind 1")
	b.bound(1)
	starts := func(n control.Notice) (count int) {
		b.notice(b.now, b.lines[0], n)
		for _, m := range logged[event.Media](b.out.take()) {
			if m.Phase == event.MediaStart {
				count++
			}
		}
		return count
	}
	answer := b.answers(1, sdp.SendOnly)
	if n := starts(control.Progress{ID: 1, Status: 183, Body: answer}); n != 1 {
		t.Errorf("the audio starts %d times by a 183", n)
	}
	if n := starts(control.Accepted{ID: 1, Body: answer}); n != 0 {
		t.Errorf("the audio starts %d times more by a 200 that says the same", n)
	}
}

// TestUntidyIsSaidOnce: a peer that goes on as it began is named once.
func TestUntidyIsSaidOnce(t *testing.T) {
	b := newBoard(t, Config{})
	b.comes(1)
	b.user(b.Answer)
	bare := func(version uint64, direction string) []byte {
		return []byte(strings.ReplaceAll(string(offers(version, direction)), "\r\n", "\n"))
	}
	modify := func(body []byte) string { return b.hears(control.Modify{ID: 1, Body: body}) }
	b.want("untidy", modify(bare(1, sdp.SendOnly)), "answer 1 recvonly, untidy-sdp, call 1 held by peer")
	b.want("as untidy", modify(bare(2, sdp.SendRecv)), "answer 1 sendrecv, call 1 resumed by peer")
	b.want("another fault", modify(bare(1, sdp.SendRecv)), "answer 1 sendrecv, untidy-sdp")
}
