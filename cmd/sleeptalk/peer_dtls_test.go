//go:build peers

package main

import (
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestBaresipDTLS: baresip and the phone agree on keys by DTLS, whoever calls, and hear each
// other.
func TestBaresipDTLS(t *testing.T) {
	t.Parallel()
	for name, called := range map[string]bool{"baresip calls": true, "we call": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			settings := []string{"--mic", "tone:440", "--speaker", "file:" + heard}
			if !called {
				settings = append(settings, "--srtp", "required", "--srtp-keys", "dtls")
			}
			p := alice(t, port, settings...)
			p.registered()
			bob := bobsBaresip(t, port, "pcmu;mediaenc=dtls_srtp", "module dtls_srtp.so\n")
			bob.meets(p, port, called)
			p.claim("expect srtp dtls") // it may have been so before the ACK came
			hearsTone(p, 1000)
			p.claim("expect srtp dtls")
			before := expect(p, "three seconds of audio", func(e event.RTP) bool {
				return e.Received > 150 && e.Sent > 150 && e.Lost == 0 && e.Unopened <= 1 // baresip's first RTCP, an APP, is plain
			})
			p.say("hold") // which leaves the keys as they are
			p.call("held")
			p.say("resume")
			p.call("resumed")
			expect(p, "audio after the hold", func(e event.RTP) bool { return e.Received > 250 && e.Sent > 250 && e.Unopened == before.Unopened })
			p.say("hang up")
			bob.expect("CALL_CLOSED")
			p.call("ended")
			p.quit()
			hears(t, "the phone", heard, 1000)
			hears(t, "baresip", bob.recording(), 440)
		})
	}
}

// TestLinphoneDTLS: linphone and the phone agree on keys by DTLS, whoever calls, and hear
// each other.
func TestLinphoneDTLS(t *testing.T) {
	t.Parallel()
	for name, called := range map[string]bool{"linphone calls": true, "we call": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			settings := []string{"--mic", "tone:440", "--speaker", "none"}
			if !called {
				settings = append(settings, "--srtp", "required", "--srtp-keys", "dtls")
			}
			p := alice(t, port, settings...)
			p.registered()
			l, heard := linphoneBob(t, port, "media_encryption=dtls")
			l.meets(p, port, called)
			p.claim("expect srtp dtls") // it may have been so before the ACK came
			l.talks(heard)
			hearsTone(p, 1000)
			p.claim("expect srtp dtls")
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })
			p.say("hold") // which leaves the keys as they are
			p.call("held")
			p.say("resume")
			p.call("resumed")
			expect(p, "audio after the hold", func(e event.RTP) bool { return e.Received > 250 && e.Sent > 250 && e.Unopened == 0 })
			p.say("hang up")
			p.call("ended")
			p.quit()
			l.quits()
			hears(t, "linphone", heard, 440)
		})
	}
}
