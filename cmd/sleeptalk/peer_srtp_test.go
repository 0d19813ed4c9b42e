//go:build peers

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestBaresipSRTP: baresip and the phone agree on SRTP with keys in the SDP, whoever calls,
// beside plain audio or alone; each hears the other's tone, also after a hold.
func TestBaresipSRTP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		theirs, ours string
		called       bool // by baresip
	}{
		"offered alone":           {"srtp", "required", false},
		"offered beside plain":    {"srtp", "optional", false},
		"baresip offers it alone": {"srtp-mand", "accept", true},
		"baresip offers both":     {"srtp", "required", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			heard := filepath.Join(t.TempDir(), "heard.wav")
			p := alice(t, port, "--mic", "tone:440", "--speaker", "file:"+heard, "--srtp", c.ours)
			p.registered()
			bob := bobsBaresip(t, port, "pcmu;mediaenc="+c.theirs, "module srtp.so\n")
			bob.meets(p, port, c.called)
			hearsTone(p, 1000)
			p.claim("expect srtp sdes")
			p.say("hold")
			p.call("held")
			p.say("resume")
			p.call("resumed")
			expect(p, "three seconds of audio", func(e event.RTP) bool {
				return e.Received > 150 && e.Sent > 150 && e.Unopened <= 1 // baresip's first report is plain
			})
			p.claim("expect srtp sdes")
			p.say("hang up")
			bob.expect("CALL_CLOSED")
			p.call("ended")
			p.quit()
			hears(t, "the phone", heard, 1000)
			hears(t, "baresip", bob.recording(), 440)
		})
	}
}

// TestLinphoneSRTP: linphone, which demands SRTP, calls the phone, and is called by it.
func TestLinphoneSRTP(t *testing.T) {
	t.Parallel()
	for name, called := range map[string]bool{"we call": false, "linphone calls": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			kamailio(t, port)
			p := alice(t, port, "--mic", "tone:440", "--speaker", "none", "--srtp", "preferred")
			p.registered()
			l, heard := linphoneBob(t, port, "media_encryption=srtp", "media_encryption_mandatory=1")
			l.meets(p, port, called)
			l.prints("Media streams established")
			l.talks(heard)
			hearsTone(p, 1000)
			p.claim("expect srtp sdes")
			expect(p, "three seconds of audio", func(e event.RTP) bool { return e.Received > 150 && e.Sent > 150 && e.Unopened == 0 })
			p.say("hang up")
			p.call("ended")
			p.quit()
			l.quits()
			hears(t, "linphone", heard, 440)
		})
	}
}

// TestTsharkSRTP: tshark finds protected audio and reports, and nothing wrong, in the
// capture of a call with SRTP.
func TestTsharkSRTP(t *testing.T) {
	t.Parallel()
	need(t, "tshark", "tshark")
	dir := t.TempDir()
	scenario := "use phone alice srtp=required\nregister\nexpect registered within 3s\n== call\ncall echo\nexpect srtp sdes within 5s\nexpect audio tone 440 within 5s\nwait 6s\nhang up\nexpect call ended within 2s\n"
	if err := os.WriteFile(filepath.Join(dir, "srtp.talk"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := launch(t, dir, "sleeptalk", "run", "srtp.talk", "--pcap", "wire.pcapng").end(0); code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	capture, err := os.ReadFile(filepath.Join(dir, "wire.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	wantWellFormed(t, bytes.NewReader(capture))
	for filter, least := range map[string]int{"srtp.auth_tag": 30, "srtcp.auth_tag": 1} {
		cmd := exec.Command("tshark", "-n", "-r", "-", "-Y", filter, "-T", "fields", "-e", "frame.number")
		cmd.Stdin = bytes.NewReader(capture)
		if out, err := cmd.Output(); err != nil || bytes.Count(out, []byte("\n")) < least {
			t.Errorf("tshark finds with %s\n%s%v", filter, out, err)
		}
	}
}
