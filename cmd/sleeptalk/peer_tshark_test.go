//go:build peers

package main

import (
	"bytes"
	"io"
	"os/exec"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/report"
)

// readByTshark has tshark read what a phone or a lab captures, at the test's end: it must
// find nothing malformed and warn of nothing.
func readByTshark(p *tester) *tester {
	p.t.Helper()
	need(p.t, "tshark", "tshark")
	p.t.Cleanup(func() {
		capture := new(bytes.Buffer)
		if err := report.Capture(capture, p.log, nil); err != nil {
			p.t.Fatal(err)
		}
		wantWellFormed(p.t, capture)
	})
	return p
}

// wantWellFormed fails the test for each packet of a capture in which tshark finds
// something wrong; that a peer resets a connection is not wrong, nor that reports are encrypted.
func wantWellFormed(t *testing.T, capture io.Reader) {
	t.Helper()
	const warning = "0x600000" // of tshark's experts
	var out, errs bytes.Buffer
	cmd := exec.Command("tshark", "-n", "-r", "-", "-Y", "_ws.malformed || _ws.expert.severity >= "+warning+" && !tcp.flags.reset == 1 && !srtcp.auth_tag",
		"-T", "fields", "-e", "_ws.col.Info", "-e", "_ws.expert.message")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = capture, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, &errs)
	}
	if out.Len() > 0 {
		t.Errorf("tshark warns of\n%s", &out)
	}
}
