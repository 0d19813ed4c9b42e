//go:build peers

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// wideHz is a tone that only wideband carries.
const wideHz = 6000

// wideBaresip is bob's baresip with one codec of wideband, which speaks a tone.
func wideBaresip(t *testing.T, port int, module, codec string, hz float64) *baresipPhone {
	t.Helper()
	return bobsBaresip(t, port, codec, fmt.Sprintf("audio_source ausine,%g\nauplay_srate 16000\nmodule %s\n", hz, module))
}

// TestBaresipWideband: baresip and the phone agree on wideband, whoever calls, and hear
// each other's tone above what a telephone carries; both recordings have 16000 Hz. Of L16
// baresip 1.0.0 sends six packets of 53 samples where 320 are due, so that its tone is 0.6 %
// too high: of a low one that is little.
func TestBaresipWideband(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		module, theirs, ours, agreed string
		hz                           float64 // of baresip's tone
		called                       bool    // by baresip
	}{
		"G.722, we call":       {"g722.so", "G722", "g722,pcmu", "G722/8000", 7000, false},
		"G.722, baresip calls": {"g722.so", "G722", "pcmu,g722", "G722/8000", 7000, true},
		"L16, we call":         {"l16.so", "L16/16000/1", "l16,g722", "L16/16000", 1000, false},
		"L16, baresip calls":   {"l16.so", "L16/16000/1", "g722,l16", "L16/16000", 1000, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			p := alice(t, port, "--mic", fmt.Sprintf("tone:%d", wideHz), "--speaker", "file:"+heard, "--codecs", c.ours)
			p.registered()
			bob := wideBaresip(t, port, c.module, c.theirs, c.hz)
			bob.meets(p, port, c.called)
			hearsTone(p, c.hz)
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 && e.Lost == 0 })
			codec, _, _ := strings.Cut(c.agreed, "/")
			p.claim("expect codec " + strings.ToLower(codec))
			p.claim("expect codec " + strings.ToLower(c.agreed))
			p.say("hang up")
			bob.expect("CALL_CLOSED")
			p.call("ended")
			p.quit()
			hears(t, "the phone", heard, c.hz)
			hears(t, "baresip", bob.recording(), wideHz)
			if rate := readTape(t, heard).Rate; rate != 16000 {
				t.Errorf("the recording has %d Hz", rate)
			}
		})
	}
}

// TestLinphoneWideband: linphone, which offers G.722 among others, and the phone hear each
// other's tone in wideband.
func TestLinphoneWideband(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", fmt.Sprintf("tone:%d", wideHz), "--speaker", "none", "--codecs", "g722")
	p.registered()
	l, heard := linphoneBob(t, port)
	l.enableCodec("G722")
	l.meets(p, port, false)
	p.claim("expect codec g722")
	l.talks(heard)
	hearsTone(p, 1000)
	expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 })
	p.say("hang up")
	p.call("ended")
	p.quit()
	l.quits()
	hears(t, "linphone", heard, wideHz)
}

// enableCodec switches a codec on by its name, which linphone has by a number.
func (l *linphonePhone) enableCodec(name string) {
	l.t.Helper()
	l.say("codec list")
	l.prints(" " + name + " (")
	lines := strings.Split(l.out.String(), "\n")
	for _, line := range lines {
		if number, rest, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && strings.HasPrefix(rest, " "+name+" (") {
			l.say("codec enable " + number)
			return
		}
	}
	l.t.Fatalf("linphone has no codec %s", name)
}
