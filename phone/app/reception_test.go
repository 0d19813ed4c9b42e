package app

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestOffersAreJudged: a call that nobody could talk in is refused when it comes, and
// the phone does not ring for it; what is untidy about one that can is said before it
// rings, once.
func TestOffersAreJudged(t *testing.T) {
	offer := string(peer().Offer())
	for name, body := range map[string]string{
		"no codec in common": strings.Replace(offer, "RTP/AVP 0 8 101", "RTP/AVP 18", 1),
		"no audio":           strings.Replace(offer, "m=audio", "m=video", 1),
		"the other IP":       strings.NewReplacer("IP4 192.0.2.20", "IP6 2001:db8::1").Replace(offer),
	} {
		if body == offer {
			t.Fatalf("%s: nothing was changed in %q", name, offer)
		}
		for _, cfg := range []Config{{}, {Auto: Accept}} {
			b := newBoard(t, cfg)
			got := b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: []byte(body)})
			if !strings.HasPrefix(got, "no-common-audio, reject 488, warning 30") || len(b.App.board.calls) > 0 {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	untidy := []byte(strings.Replace(offer, "s=-\r\n", "", 1))
	b := newBoard(t, Config{})
	if got := b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: untidy}); !strings.HasPrefix(got, "untidy-sdp, ") {
		t.Errorf("untidy: %s", got)
	}
	b.bound(1)
	b.want("the answer", b.user(b.Answer), "answer 1 sendrecv, audio on")

	b = newBoard(t, Config{})
	b.want("nonsense", b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: []byte("what is this?")}), "untidy-sdp, no-common-audio, reject 488, warning 304")
	b.want("for another reason", b.does(func() []system.Effect {
		b.App.board.rejectOffer(b.now, b.lines[0], 2, "sip:bob@lab.test", errLost)
		return nil
	}), "no-common-audio, reject 488, warning 399")
	b = newBoard(t, Config{Auto: Busy})
	b.want("nonsense for who is busy", b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: []byte("what is this?")}), "reject 486")
}

// TestUntidyAndRefused: what is wrong with a description that is refused was not understood.
func TestUntidyAndRefused(t *testing.T) {
	spoilt := strings.Replace(string(peer().Offer()), "s=-\r\n", "", 1)
	for body, want := range map[string]string{spoilt: understood, strings.Replace(spoilt, "RTP/AVP 0 8 101", "RTP/AVP 18", 1): refused} {
		b := newBoard(t, Config{})
		b.hears(control.Offered{ID: 1, From: "sip:bob@lab.test", Body: []byte(body)})
		if b.hint != want {
			t.Errorf("%q, want %q", b.hint, want)
		}
	}
}
