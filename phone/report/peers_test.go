//go:build peers

package report

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// need fails the test if a peer is not installed, and says how to get it.
func need(t *testing.T, program, pkg string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("this test needs %s: apt-get install %s", program, pkg)
	}
}

// captureFileOf writes a capture to look at with other programs.
func captureFileOf(t *testing.T) string {
	t.Helper()
	_, log := passing(t)
	name := filepath.Join(t.TempDir(), captureFile)
	if err := WriteFile(name, writes(captured(t, log, nil))); err != nil {
		t.Fatal(err)
	}
	return name
}

func tshark(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("tshark", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("tshark %v: %v\n%s", args, err, &errs)
	}
	for line := range strings.Lines(errs.String()) {
		if !strings.Contains(line, "could be dangerous") { // tshark's word to root
			t.Errorf("tshark says: %s", line)
		}
	}
	return out.String()
}

// TestTshark checks that tshark shows the SIP, finds nothing malformed or out
// of order, and reads the comments.
func TestTshark(t *testing.T) {
	need(t, "tshark", "tshark")
	name := captureFileOf(t)
	list := tshark(t, "-r", name)
	for _, want := range []string{
		"Request: REGISTER sip:lab.test", "Status: 401 Unauthorized", "Request: INVITE sip:alice@127.0.0.1:39902", "Status: 180 Ringing",
		"Request: ACK", "Request: BYE", "SIP/SDP",
	} {
		if !strings.Contains(list, want) {
			t.Errorf("tshark shows no %q in\n%s", want, list)
		}
	}
	check := []string{"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-r", name}
	// 0x400000 is a note of an expert, 0x600000 a warning.
	bad := tshark(t, append(check, "-Y", "_ws.malformed || _ws.expert.severity >= 0x600000 || tcp.analysis.flags")...)
	if bad != "" {
		t.Errorf("tshark warns of\n%s", bad)
	}
	if got := tshark(t, "-r", name, "-Y", `frame.comment contains "woken by keepalive"`); got == "" {
		t.Error("tshark finds no comment about the wake")
	}
}

// TestSngrep checks that sngrep reads the dialogs: it writes the packets that
// it took for SIP into another capture.
func TestSngrep(t *testing.T) {
	need(t, "sngrep", "sngrep")
	need(t, "tshark", "tshark")
	name := captureFileOf(t)
	copied := filepath.Join(t.TempDir(), "copied.pcap")
	cmd := exec.Command("sngrep", "--no-interface", "--quiet", "--input", name, "--output", copied)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sngrep: %v\n%s", err, out)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Fatal(err)
	}
	list := tshark(t, "-r", copied, "-Y", "sip")
	if !strings.Contains(list, "INVITE sip:alice@127.0.0.1:39902") || !strings.Contains(list, "BYE") {
		t.Errorf("sngrep took for SIP only\n%s", list)
	}
}
