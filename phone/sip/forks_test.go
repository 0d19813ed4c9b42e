package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// TestHundredForks: whoever answers gets an ACK and a BYE, up to a bound that is
// said, and the log is not flooded.
func TestHundredForks(t *testing.T) {
	for forks, note := range map[int]string{
		100:          "100 more answered the call to sip:bob@example.com: each was acknowledged and hung up",
		maxForks + 5: fmt.Sprintf("%d more answered the call to sip:bob@example.com: each was acknowledged and hung up, and 5 more answers acknowledged only", maxForks),
	} {
		r := registered(t)
		r.plays("invite bob", "respond INVITE 200 tag=first sdp Contact: <sip:bob@192.0.2.7>")
		var heard listener
		heard.listen(r)
		for i := range forks {
			r.plays(fmt.Sprintf("respond INVITE 200 tag=%d sdp Contact: <sip:bob@192.0.2.8>", i))
		}
		r.plays("advance 2s")
		if heard.sent["ACK"] != forks || heard.sent["BYE"] != min(forks, maxForks) || !slices.Equal(heard.notes, []string{note}) {
			t.Errorf("%d forks: sent %v, told %q", forks, heard.sent, heard.notes)
		}
	}
}

// TestForkTagsAreBounded: a tag may be as long as a message.
func TestForkTagsAreBounded(t *testing.T) {
	var f forks
	if !f.hangUp(time.Time{}, strings.Repeat("x", 60_000)) || len(f.tags[0]) != maxForkTag {
		t.Errorf("%d bytes are kept", len(f.tags[0]))
	}
}

// TestLateAnswerInACallThatGoesOn: a phone that answers an INVITE which a challenge has
// ended is hung up, and nobody says that the call is over.
func TestLateAnswerInACallThatGoesOn(t *testing.T) {
	for _, hungUp := range []bool{false, true} {
		r := registered(t)
		var heard listener
		heard.listen(r)
		r.plays("invite bob")
		first := r.sent["INVITE"].(*sip.Request)
		r.plays(`respond INVITE 407 Proxy-Authenticate: Digest realm="r", nonce="n"`)
		if hungUp {
			r.plays("respond INVITE 486")
		}
		res := NewResponse(first, 200, "other")
		res.AppendHeader(sip.NewHeader("Contact", "<sip:bob@192.0.2.8>"))
		res.SetBody(nil)
		r.receive(Encode(res))
		want := "an INVITE to sip:bob@example.com had ended (407 Proxy Authentication Required), and a phone answers it with 200: that was acknowledged and hung up"
		if !hungUp {
			want += "; the call goes on"
		}
		if !slices.Equal(heard.notes, []string{want}) {
			t.Errorf("hung up %t: %q", hungUp, heard.notes)
		}
	}
}

// TestLateAnswersAreBounded: of the calls that have ended, and of the phones that answer
// each of them, so many are remembered and no more, and a foreign answer is none.
func TestLateAnswersAreBounded(t *testing.T) {
	r := registered(t)
	r.plays("invite bob")
	first := r.sent["INVITE"].(*sip.Request)
	r.plays("respond INVITE 486")
	var heard listener
	heard.listen(r)
	for i := range maxLate + 5 {
		r.plays(fmt.Sprintf("respond INVITE 200 tag=%d sdp Contact: <sip:bob@192.0.2.8>", i))
	}
	if heard.sent["ACK"] != maxLate+5 || heard.sent["BYE"] != maxLate || len(heard.warnings) != maxLate+1 {
		t.Errorf("sent %v, %d warnings", heard.sent, len(heard.warnings))
	}
	other := NewResponse(first, 200, "x")
	other.ReplaceHeader(sip.NewHeader("Call-ID", "another"))
	other.SetBody(nil)
	clear(heard.sent)
	if r.receive(Encode(other)); len(heard.sent) > 0 {
		t.Errorf("for the answer to another call: %v", heard.sent)
	}
	for range maxEnded {
		r.plays("invite bob", "respond INVITE 486")
	}
	if n := len(r.a.client.late.list); n != maxEnded || r.a.client.late.list[0].what.invite == first {
		t.Errorf("%d calls that have ended are remembered", n)
	}
	clear(heard.sent)
	r.sent["INVITE"] = first
	r.plays("respond INVITE 200 tag=y sdp Contact: <sip:bob@192.0.2.8>")
	if len(heard.sent) > 0 {
		t.Errorf("for a call that is forgotten: %v", heard.sent)
	}
	r.plays("invite bob", "respond INVITE 486", "advance 32s", "invite bob", "respond INVITE 486")
	if n := len(r.a.client.late.list); n != 1 {
		t.Errorf("%d are remembered after 64*T1", n)
	}
}
