//go:build peers

package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestBaresipIsAskedWhoItIs has a phone that others wrote call a robot of the lab: it
// answers the challenge, and the robot is told who it is. What forges a name, or
// guesses a password, is refused.
func TestBaresipIsAskedWhoItIs(t *testing.T) {
	t.Parallel()
	lab := readByTshark(start(t, "lab", "--json", "--listen", "127.0.0.1:0", "--account", "carol:secret", "--account", "alice:secret"))
	at := netip.MustParseAddrPort(lab.listens("listening"))
	account := fmt.Sprintf("<sip:carol@%s;transport=tcp>;auth_user=carol;auth_pass=secret;regint=600;audio_codecs=pcmu\n", at)
	carol := baresipOf(t, account)
	carol.do("dial", fmt.Sprintf("sip:echo@%s", at))
	carol.expect("CALL_ESTABLISHED")
	expect(lab, "carol's name, asserted by the lab", func(e event.Message) bool {
		return e.Method == "INVITE" && e.Status == 0 && strings.Contains(e.Raw, "P-Asserted-Identity: <sip:carol@lab.test>")
	})
	carol.do("hangup", "")
	carol.expect("CALL_CLOSED")

	lab.say("password carol another")
	carol.do("dial", fmt.Sprintf("sip:echo@%s", at))
	expect(lab, "the refusal", func(e event.Server) bool { return e.What == "wrong password" && strings.Contains(e.Detail, "carol") })
	carol.expect("CALL_CLOSED")
	lab.quit()
}

// TestBaresipTwoFlows has a phone with two flows, one over TCP and one over UDP: a call
// comes by one of them.
func TestBaresipTwoFlows(t *testing.T) {
	t.Parallel()
	lab := readByTshark(start(t, "lab", "--json", "--listen", "127.0.0.1:0", "--account", "alice:secret"))
	at := lab.listens("listening")
	alice := baresipOf(t, fmt.Sprintf("<sip:alice@lab.test;transport=tcp>;auth_user=alice;auth_pass=secret;regint=600;answermode=auto;audio_codecs=pcmu;"+
		"sipnat=outbound;outbound1=\"sip:%[1]s;transport=tcp\";outbound2=\"sip:%[1]s;transport=udp\"\n", at), "module_tmp uuid.so\n")
	for range 2 {
		expect(lab, "a flow", func(e event.Server) bool { return e.What == "registered" && strings.HasPrefix(e.Peer, "alice ") })
	}
	lab.say("bob: call alice")
	alice.expect("CALL_ESTABLISHED")
	expect(lab, "the call", func(e event.Call) bool { return e.Phase == event.CallUp })
	lab.say("bob: hang up")
	alice.expect("CALL_CLOSED")
	alice.recording() // of one call
	lab.quit()
}

// TestSIPpSubscribes has SIPp subscribe to voice messages, and hear of them.
func TestSIPpSubscribes(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"t1", "u1"} {
		lab := readByTshark(start(t, "lab", "--json", "--listen", "127.0.0.1:0", "--account", "alice:secret"))
		at := lab.listens("listening")
		done := sippBeside(t, transport, at, "-sf", "subscribe.xml", "-s", "alice")
		expect(lab, "a subscription", func(e event.Server) bool { return e.What == "subscribed" })
		lab.say("lab sends mwi alice 2/5")
		done()
		expect(lab, "its end", func(e event.Server) bool { return e.What == "subscription ended" })
		lab.quit()
	}
}
