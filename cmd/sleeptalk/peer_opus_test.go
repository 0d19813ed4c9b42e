//go:build peers && cgo

package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// opusBaresip is bob's baresip with Opus in one channel, which speaks a tone.
func opusBaresip(t *testing.T, port int, hz float64, more string) *baresipPhone {
	t.Helper()
	return bobsBaresip(t, port, "opus", fmt.Sprintf("audio_source ausine,%g\nauplay_srate 48000\nopus_stereo no\nopus_sprop_stereo no\nmodule opus.so\n%s", hz, more))
}

// TestBaresipOpus: baresip and the phone agree on Opus, whoever calls and at whatever rate of
// ours, and hear each other's tone; the recording has that rate.
func TestBaresipOpus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rate         int
		theirs, ours float64 // tones
		called       bool    // by baresip
	}{
		"48000 Hz, we call":       {48000, 15000, 12000, false},
		"48000 Hz, baresip calls": {48000, 15000, 12000, true},
		"24000 Hz, we call":       {24000, 10000, 10000, false},
		"16000 Hz, baresip calls": {16000, 7000, 6000, true},
		"8000 Hz, we call":        {8000, 3000, 3000, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			p := alice(t, port, "--mic", fmt.Sprintf("tone:%g", c.ours), "--speaker", "file:"+heard, "--codecs", "opus,pcmu", "--opus-rate", fmt.Sprint(c.rate))
			p.registered()
			bob := opusBaresip(t, port, c.theirs, "")
			bob.meets(p, port, c.called)
			hearsTone(p, c.theirs)
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 && e.Lost == 0 })
			p.claim("expect codec opus")
			p.say("hang up")
			bob.expect("CALL_CLOSED")
			p.call("ended")
			p.quit()
			hears(t, "the phone", heard, c.theirs)
			hears(t, "baresip", bob.recording(), c.ours)
			if rate := readTape(t, heard).Rate; rate != c.rate {
				t.Errorf("the recording has %d Hz", rate)
			}
		})
	}
}

// TestBaresipOpusFEC: of what is lost on the way from baresip, which expects that, the next
// packet holds most once more, and its speech is heard.
func TestBaresipOpusFEC(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "silence", "--speaker", "none", "--codecs", "opus", "--opus-rate", "16000", "--fault", "loss 10%")
	p.registered()
	bob := opusBaresip(t, port, 440, "opus_inbandfec yes\nopus_packet_loss 20\nopus_application voip\nopus_bitrate 24000\n")
	p.say("call bob")
	p.call("up")
	hearsTone(p, 440)
	expect(p, "ten losses, most of them recovered", func(e event.RTP) bool { return e.Lost > 10 && e.Recovered > e.Lost/2 })
	p.claim("expect rtp recovered > 5")
	p.say("hang up")
	bob.expect("CALL_CLOSED")
	p.quit()
}

// TestLinphoneOpus: linphone and the phone hear each other's tone in Opus, and linphone's
// pauses, if it makes any, are no loss.
func TestLinphoneOpus(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "tone:6000", "--speaker", "none", "--codecs", "opus")
	p.registered()
	l, heard := linphoneBob(t, port)
	l.enableCodec("opus")
	l.meets(p, port, false)
	p.claim("expect codec opus")
	l.talks(heard)
	hearsTone(p, 1000)
	expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })
	p.say("hang up")
	p.call("ended")
	p.quit()
	l.quits()
	hears(t, "linphone", heard, 6000)
}
