package app

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// protectedPeer is the other end, which has SRTP.
func protectedPeer(policy sdp.Policy) sdp.Local {
	p := peer()
	p.SRTP, p.Keys = policy, sdp.NewKeyring(func(b []byte) { copy(b, strings.Repeat("bob", len(b))) })
	return p
}

// TestKeysInClear: keys that went to the server without TLS are said, once for all calls.
func TestKeysInClear(t *testing.T) {
	for secure, want := range map[bool]string{false: "srtp-keys-in-clear", true: ""} {
		b := newBoard(t, Config{})
		b.agent.secure = secure
		for id := 1; id <= 2; id++ {
			b.hears(control.Offered{ID: id, From: "sip:bob@lab.test", Body: protectedPeer(sdp.Required).Offer()})
			b.bound(b.App.board.calls.byID(id).voice.rtp)
			said := b.user(b.Answer)
			if got := strings.Contains(said, "srtp-keys-in-clear"); got != (want != "" && id == 1) {
				t.Errorf("secure %t, call %d: %s", secure, id, said)
			}
			b.hears(control.Confirmed{ID: id})
			b.user(b.Hangup)
			b.hears(control.Ended{ID: id})
		}
	}
}

// TestHoldKeepsKeys: what a call was protected with stays when it is held and taken back,
// whoever has offered it.
func TestHoldKeepsKeys(t *testing.T) {
	b := newBoard(t, Config{})
	b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: protectedPeer(sdp.Required).Offer()})
	c := b.App.board.calls.byID(1)
	b.bound(c.voice.rtp)
	b.user(b.Answer)
	b.hears(control.Confirmed{ID: 1})
	before := c.voice.terms.agreed.SRTP
	b.hold(true)
	answer, _, err := protectedPeer(sdp.Accept).Answer(c.voice.terms.ours)
	if err != nil {
		t.Fatalf("%v\n%s", err, c.voice.terms.ours)
	}
	b.hears(control.Modified{ID: 1, Body: answer})
	after := c.voice.terms.agreed.SRTP
	if before.By != sdp.SDES || after.Suite != before.Suite || after.Out != before.Out || after.In != before.In {
		t.Errorf("%v before, %v after", before, after)
	}
}

// TestProtectionEnds: a call that goes on in clear after SRTP is warned of, once for each
// time, and one that was plain, is held, or gets keys is not.
func TestProtectionEnds(t *testing.T) {
	for way, want := range map[string]int{"spp": 1, "ss": 0, "pps": 0, "psp": 1, "spsp": 2} {
		b := newBoard(t, Config{})
		said := ""
		for i, step := range way {
			theirs := protectedPeer(map[rune]sdp.Policy{'s': sdp.Required, 'p': sdp.Off}[step])
			if i > 0 {
				said += b.hears(control.Modify{ID: 1, Body: theirs.Offer()})
				continue
			}
			said += b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: theirs.Offer()})
			b.bound(b.App.board.calls.byID(1).voice.rtp)
			said += b.user(b.Answer)
			b.hears(control.Confirmed{ID: 1})
		}
		if n := strings.Count(said, "srtp-ended"); n != want {
			t.Errorf("%s: %d warnings, want %d:\n%s", way, n, want, said)
		}
	}
}

// TestSRTPRequired: a plain call is refused where SRTP is required, and an offer of SRTP
// where there is to be none.
func TestSRTPRequired(t *testing.T) {
	for policy, theirs := range map[sdp.Policy]sdp.Policy{sdp.Required: sdp.Off, sdp.Off: sdp.Required} {
		b := newBoard(t, Config{SRTP: policy})
		said := b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: protectedPeer(theirs).Offer()})
		if !strings.Contains(said, "reject 488, warning 302") {
			t.Errorf("%s: %s", policy, said)
		}
	}
}
