//go:build peers

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/vq"
)

// TestKamailioCollects: Kamailio asks for credentials, and gets a report of each call that is by
// the grammar, with what the other phone has said by RTCP XR.
func TestKamailioCollects(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	_, out := kamailioSays(t, port, "COLLECTOR")
	flags := []string{"--mic", "tone:440", "--speaker", "none", "--rtcp-xr", "on"}
	p := alice(t, port, append(flags, "--vq-report", "sip:collector@127.0.0.1")...)
	bob := phoneAt(t, "bob", address(port), append(flags, "--auto", "answer")...)
	p.registered()
	bob.registered()
	p.say("call bob")
	p.call("up")
	expect(p, "what the other phone hears", func(e event.RTP) bool { return e.FarXR.MOSLQ > 4 && e.XR.Known() })
	p.say("hang up")
	p.call("ended")
	e := expect(p, "a report", func(e event.Publication) bool { return e.Package == vq.Package })
	if e.Phase != event.SubscriptionActive || e.Status != 200 {
		t.Errorf("%+v", e)
	}
	out.wait(t, "collected application/vq-rtcpxr: VQSessionReport: CallTerm")
	for _, r := range p.log.After(0) {
		if m, is := r.Event.(event.Message); is && m.Out && m.Method == "PUBLISH" {
			_, body, _ := strings.Cut(m.Raw, "\r\n\r\n")
			report, err := vq.Parse([]byte(body))
			if err != nil || len(report.Faults) > 0 || report.Local["MOSLQ"] == "" || report.Remote["MOSLQ"] == "" {
				t.Errorf("%+v, %v\n%s", report, err, body)
			}
		}
	}
	p.quit()
	bob.quit()
}

// TestLinphoneXR: Linphone wishes extended reports by itself, and sends its own.
func TestLinphoneXR(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--mic", "tone:440", "--speaker", "none")
	p.registered()
	l, heard := linphoneBob(t, port)
	l.meets(p, port, true)
	l.prints("Media streams established")
	l.talks(heard)
	e := expect(p, "its report", func(e event.RTP) bool { return e.FarXR.Known() && e.XR.Known() })
	if e.FarXR.LossPct > 10 || e.FarXR.Gmin != 16 {
		t.Errorf("%+v", e)
	}
	p.say("hang up")
	p.call("ended")
	p.quit()
	l.quits()
}

// TestTsharkXR: tshark reads what our blocks say, and finds nothing wrong with them.
func TestTsharkXR(t *testing.T) {
	t.Parallel()
	need(t, "tshark", "tshark")
	dir := t.TempDir()
	scenario := "use phone alice rtcp-xr=on\nregister\nexpect registered within 3s\n== call\ncall echo\nexpect audio tone 440 within 5s\nexpect rtp far-mos-lq > 4 within 15s\nhang up\nexpect call ended within 2s\n"
	if err := os.WriteFile(filepath.Join(dir, "xr.talk"), []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := launch(t, dir, "sleeptalk", "run", "xr.talk", "--pcap", "wire.pcapng").end(0); code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	capture, err := os.ReadFile(filepath.Join(dir, "wire.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	wantWellFormed(t, bytes.NewReader(capture))
	cmd := exec.Command("tshark", "-n", "-r", "-", "-Y", "rtcp.xr.voipmetrics.rfactor", "-T", "fields", "-E", "occurrence=f",
		"-e", "rtcp.xr.voipmetrics.gmin", "-e", "rtcp.xr.voipmetrics.rfactor", "-e", "rtcp.xr.voipmetrics.moslq", "-e", "rtcp.xr.voipmetrics.signallevel",
		"-e", "rtcp.xr.voipmetrics.burstdensity", "-e", "rtcp.xr.voipmetrics.jba", "-e", "rtcp.xr.voipmetrics.jbabsmax")
	cmd.Stdin = bytes.NewReader(capture)
	out, err := cmd.Output()
	if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); err != nil || len(lines) < 2 || lines[0] != "16\t93\t4.4\t-7\t0\t3\t400" {
		t.Errorf("tshark reads\n%s%v", out, err)
	}
}
