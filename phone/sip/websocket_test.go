package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestMessagesOfAFlowThatIsOver: a message may end the flow, here by a redirect of the
// registration; what came with it in one read is not taken in.
func TestMessagesOfAFlowThatIsOver(t *testing.T) {
	for _, test := range []struct {
		status  int
		contact string
		want    int
	}{
		{302, "<sip:other.example.com:5070;transport=ws>", 0},
		{200, "<sip:alice@192.0.2.1;transport=ws>;expires=3600", 1},
	} {
		r := newRig(t, Config{Transport: WS})
		r.plays("register", "connected", "upgraded")
		res := NewResponse(r.sent["REGISTER"].(*sip.Request), test.status, "b0b")
		res.AppendHeader(sip.NewHeader("Contact", test.contact))
		r.w.Reset()
		r.print(r.a.Receive(r.now, system.Received{Socket: r.socket, From: rigServer, Messages: [][]byte{
			Encode(res), nil, Encode(r.peerRequest("OPTIONS", "")),
		}}))
		if got := strings.Count(r.w.String(), "<-- OPTIONS"); got != test.want {
			t.Errorf("after a %d: OPTIONS is taken in %d times, want %d:\n%s", test.status, got, test.want, r.w.String())
		}
	}
}

// TestWhoseCertificate: over TLS the certificate is to be that of a SIP domain (RFC 5922),
// over WebSocket that of a host (RFC 7118 §7).
func TestWhoseCertificate(t *testing.T) {
	for config, domain := range map[string]bool{"tls": true, "websocket": false} {
		r := newRig(t, Config{})
		var asked []system.StartTLS
		r.plays("config " + config)
		r.seen = func(out control.Output, _ int) {
			for _, e := range out.Effects {
				if e, ok := e.(system.StartTLS); ok {
					asked = append(asked, e)
				}
			}
		}
		r.plays("register", "connected")
		if len(asked) != 1 || asked[0].Domain != domain || asked[0].Name != "pbx.example.com" {
			t.Errorf("%s: %+v", config, asked)
		}
	}
}
