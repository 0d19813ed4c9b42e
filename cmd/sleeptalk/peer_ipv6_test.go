//go:build peers

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestKamailioOverIPv6 registers by IPv6, over TCP and UDP, and is called with audio
// by SIPp, all at [::1].
func TestKamailioOverIPv6(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port, "IPV6=1")
	server := fmt.Sprintf("[::1]:%d", port)
	for _, transport := range []string{"tcp", "udp"} {
		t.Run(transport, func(t *testing.T) {
			p := phoneAt(t, "alice", server, "--transport", transport, "--auto", "answer", "--mic", "silence", "--speaker", "none")
			active := expect(p, "registration", func(e event.Registration) bool { return e.Phase == "active" })
			if !strings.HasPrefix(active.Contact, "<sip:alice@[::1]:") {
				t.Errorf("registered as %s", active.Contact)
			}
			sipp(t, server, "-sf", "uac.xml", "-i", "[::1]", "-s", "alice", "-m", "1")
			audio := expect(p, "audio", func(e event.Media) bool { return e.Phase == "start" })
			if !strings.HasPrefix(audio.Local, "[::1]:") || !strings.HasPrefix(audio.Remote, "[::1]:") {
				t.Errorf("audio from %s to %s", audio.Local, audio.Remote)
			}
			p.call("ended")
			if code := p.quit(); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
		})
	}
}
