//go:build peers

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// connectedByICE waits until ICE has found a pair, in a role.
func (p *tester) connectedByICE(role string) event.ICE {
	p.t.Helper()
	return expect(p, "ice connected", func(e event.ICE) bool {
		if e.Phase == event.ICEFailed || e.Phase == event.ICEOff {
			p.t.Fatalf("%+v", e)
		}
		return e.Phase == event.ICEConnected && e.Role == role
	})
}

// TestBaresipICE: baresip, which nominates regularly or with each check, and the phone find
// each other by ICE, whoever calls, and go on consenting; baresip shares one port or takes
// two.
func TestBaresipICE(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		called bool // by baresip
		role   string
	}{
		"we call":                          {"rtcp_mux yes\n", false, "controlling"},
		"baresip calls":                    {"rtcp_mux yes\n", true, "controlled"},
		"baresip calls, without mux":       {"rtcp_mux no\n", true, "controlled"},
		"we call, aggressive baresip":      {"rtcp_mux no\nice_nomination aggressive\n", false, "controlling"},
		"baresip calls, and is aggressive": {"ice_nomination aggressive\n", true, "controlled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			p := alice(t, port, "--mic", "tone:440", "--speaker", "none", "--ice", "on")
			readByTshark(p)
			p.registered()
			bob := bobsBaresip(t, port, "pcmu;medianat=ice", "module ice.so\n"+c.config)
			bob.meets(p, port, c.called)
			p.connectedByICE(c.role)
			hearsTone(p, 1000)
			expect(p, "eight seconds of audio", func(e event.RTP) bool { return e.Received > 400 && e.Sent > 400 && e.Lost == 0 })
			p.claim("expect ice connected")
			p.claim("expect no warning within 1ms")
			p.say("hang up")
			bob.expect("CALL_CLOSED")
			p.call("ended")
			p.quit()
			hears(t, "baresip", bob.recording(), 440)
		})
	}
}

// TestLinphoneICE: linphone and the phone find each other by ICE.
func TestLinphoneICE(t *testing.T) {
	t.Parallel()
	for _, called := range []bool{false, true} {
		t.Run(fmt.Sprintf("called %t", called), func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			p := alice(t, port, "--mic", "tone:440", "--speaker", "none", "--ice", "on")
			p.registered()
			l, heard := linphoneBob(t, port, "[nat_policy_0]\nref=nat\nprotocols=ice,stun\nstun_server=127.0.0.1\n[net]\nnat_policy_ref=nat\n[sip]")
			role := "controlling"
			if called {
				role = "controlled"
			}
			l.meets(p, port, called)
			p.connectedByICE(role)
			l.prints("Media streams established")
			if called { // who controls says in a re-INVITE what was chosen
				expect(p, "the end of a re-INVITE", func(e event.Message) bool { return !e.Out && e.Method == "ACK" })
			}
			l.talks(heard)
			hearsTone(p, 1000)
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })
			l.say("record " + filepath.Join(l.home, "rest.wav")) // which ends the recording before
			p.say("hang up")
			p.call("ended")
			p.quit()
			l.quits()
			hears(t, "linphone", heard, 440)
			if strings.Contains(l.out.String(), "ICE: failed") {
				t.Error(l.out.String())
			}
		})
	}
}
