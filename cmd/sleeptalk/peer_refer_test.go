//go:build peers

package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// sippBeside runs a SIPp for one call while the test goes on; wait returns when it has
// ended, and fails the test unless its call was good.
func sippBeside(t *testing.T, transport string, args ...string) (wait func()) {
	t.Helper()
	cmd := sippOver(t, transport, append(args, "-m", "1", "-p", strconv.Itoa(freePort(t)))...) // Kamailio goes by the name of 5060
	cmd, out := spawn(t, cmd.Dir, cmd.Args[0], cmd.Args[1:]...)
	return func() {
		t.Helper()
		if err := cmd.Wait(); err != nil {
			t.Errorf("sipp %v: %v\n%s\n%s", args, err, sippErrors(t, cmd), tail([]byte(out.String()), 3000))
		}
	}
}

// sippErrors are what SIPp says of messages that it did not expect.
func sippErrors(t *testing.T, cmd *exec.Cmd) (text []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(cmd.Dir, "*_errors.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		one, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, one...)
	}
	return text
}

// endsWell waits for a SIPp that was started to be called, once, to end.
func endsWell(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v", cmd.Args, err)
	}
}

// hearsTone waits for a tone at a phone.
func hearsTone(p *tester, hz float64) {
	p.t.Helper()
	expect(p, fmt.Sprintf("%g Hz", hz), func(e event.Heard) bool { return e.What == "tone" && e.Hz > hz-15 && e.Hz < hz+15 })
}

// unhurried is how many milliseconds a SIPp that is called waits before it says more. Another
// SIPp gives up if a request comes while it has yet to answer the last one.
const unhurried = "1000"

// sippRefers is a SIPp that calls alice at the server at port, and has her call a target.
func sippRefers(t *testing.T, port int, target string) (wait func()) {
	t.Helper()
	return sippBeside(t, "t1", address(port), "-sf", "refer-uac.xml", "-s", "alice", "-key", "target", target)
}

// TestSIPpTransfersUs: SIPp has the phone call another SIPp, which gives back what it
// hears, and is told how that went.
func TestSIPpTransfersUs(t *testing.T) {
	t.Parallel()
	port, target := freePort(t), freePort(t)
	kamailio(t, port)
	called := sippAt(t, "t1", target, "-sf", "slow-uas.xml", "-d", unhurried, "-m", "1", "-rtp_echo")
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440", "--speaker", "none")
	p.registered()
	done := sippRefers(t, port, fmt.Sprintf("sip:service@%s;transport=tcp", address(target)))
	transferred(p, event.RoleTransferee, event.TransferAsked)
	if e := transferred(p, event.RoleTransferee, event.TransferCompleted); e.Next != 2 {
		t.Errorf("completed with %+v, want call 2", e)
	}
	done()
	hearsTone(p, 440)
	p.say("hang up")
	endsWell(t, called)
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSIPpTransfersUsInVain: the target refuses, SIPp is told, and its call with the phone
// goes on.
func TestSIPpTransfersUsInVain(t *testing.T) {
	t.Parallel()
	port, target := freePort(t), freePort(t)
	kamailio(t, port)
	sippAt(t, "t1", target, "-sf", "busy.xml", "-d", unhurried, "-m", "1")
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440", "--speaker", "none")
	p.registered()
	done := sippRefers(t, port, fmt.Sprintf("sip:service@%s;transport=tcp", address(target)))
	if e := transferred(p, event.RoleTransferee, event.TransferFailed); e.Status != 486 {
		t.Errorf("failed with %+v, want 486", e)
	}
	done()
	if e := expect(p, "the end of the first call", func(e event.Call) bool { return e.Phase == event.CallEnded && e.ID == 1 }); e.By != "peer" {
		t.Errorf("ended by %s, want peer", e.By)
	}
	p.quit()
}

// TestSIPpTransfersUsAttended: whom SIPp has the phone call is told which of its calls
// that one replaces.
func TestSIPpTransfersUsAttended(t *testing.T) {
	t.Parallel()
	port, target := freePort(t), freePort(t)
	kamailio(t, port)
	called := sippAt(t, "t1", target, "-sf", "replaced.xml", "-d", unhurried, "-m", "1")
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440", "--speaker", "none")
	p.registered()
	done := sippRefers(t, port, fmt.Sprintf("sip:service@%s;transport=tcp?Replaces=elsewhere%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2", address(target)))
	transferred(p, event.RoleTransferee, event.TransferCompleted)
	done()
	p.say("hang up")
	endsWell(t, called)
	p.quit()
}

// TestWeTransferSIPp: SIPp is asked to call carol. It says that it has, which ends our
// call; or that she is busy, and the call goes on.
func TestWeTransferSIPp(t *testing.T) {
	t.Parallel()
	for outcome, phase := range map[string]event.TransferPhase{"200 OK": event.TransferCompleted, "486 Busy Here": event.TransferFailed} {
		t.Run(outcome[:3], func(t *testing.T) {
			t.Parallel()
			port, callee := freePort(t), freePort(t)
			kamailio(t, port)
			called := sippAt(t, "t1", callee, "-sf", "refer-uas.xml", "-m", "1", "-key", "outcome", outcome, "-d", "100")
			p := alice(t, port, "--mic", "tone:440", "--speaker", "none")
			p.registered()
			p.say(fmt.Sprintf("call sip:service@%s;transport=tcp", address(callee)))
			p.call("up")
			p.say("transfer carol")
			transferred(p, event.RoleTransferor, event.TransferAccepted)
			if e := transferred(p, event.RoleTransferor, phase); fmt.Sprint(e.Status) != outcome[:3] {
				t.Errorf("%s with %+v, want %s", phase, e, outcome)
			}
			if phase == event.TransferFailed {
				p.say("hang up")
			}
			p.call("ended")
			endsWell(t, called)
			p.quit()
		})
	}
}

// dialogOf waits until a call is answered, and returns how a Replaces that comes to the
// phone names it (RFC 3891 §3).
func dialogOf(p *tester) string {
	p.t.Helper()
	ok := expect(p, "our answer", func(e event.Message) bool { return e.Out && e.Method == "INVITE" && e.Status == 200 })
	part := func(expr string) string {
		found := regexp.MustCompile(`(?m)^` + expr).FindStringSubmatch(ok.Raw)
		if found == nil {
			p.t.Fatalf("no %s in\n%s", expr, ok.Raw)
		}
		return found[1]
	}
	return part(`Call-ID: (\S+)`) + ";to-tag=" + part(`To: .*;tag=([^;\s]+)`) + ";from-tag=" + part(`From: .*;tag=([^;\s]+)`)
}

// TestSIPpReplacesACall: a SIPp takes the place of another one, which is hung up on. One
// that names no call is refused.
func TestSIPpReplacesACall(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440", "--speaker", "none")
	p.registered()
	first := sippBeside(t, "t1", address(port), "-sf", "waits.xml", "-s", "alice")
	replaces := dialogOf(p)
	p.call("up")
	sipp(t, address(port), "-sf", "replaces-none.xml", "-s", "alice", "-m", "1")
	expect(p, "that no call is meant", func(e event.Warning) bool { return e.Rule == event.RuleReplacesUnmatched })
	second := sippBeside(t, "t1", address(port), "-sf", "replaces.xml", "-s", "alice", "-key", "replaces", replaces)
	if e := transferred(p, event.RoleTarget, event.TransferCompleted); e.Call != 1 || e.Next == 0 {
		t.Errorf("completed with %+v, want for call 1", e)
	}
	first()
	second()
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestWeTransferSIPpAttended: the phone, in a call with SIPp and one with carol, another
// phone of ours, has SIPp take its place with carol.
func TestWeTransferSIPpAttended(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	p, carol := aliceAndCarol(t, port)
	called := sippAt(t, "t1", callee, "-sf", "refer-held-uas.xml", "-m", "1", "-key", "outcome", "200 OK", "-d", "2000")
	p.say(fmt.Sprintf("call sip:service@%s;transport=tcp", address(callee)))
	p.call("up")
	p.say("call carol") // which holds the other
	p.call("up")
	p.say("attended transfer")
	asked := expect(p, "REFER", func(e event.Message) bool { return e.Out && e.Method == "REFER" })
	transferred(p, event.RoleTransferor, event.TransferAccepted)
	named := regexp.MustCompile(`Refer-To: <[^?>]+\?Replaces=([^&>]+)`).FindStringSubmatch(asked.Raw)
	if named == nil {
		t.Fatalf("no Replaces in\n%s", asked.Raw)
	}
	replaces, err := url.PathUnescape(named[1])
	if err != nil {
		t.Fatal(err)
	}
	done := sippBeside(t, "t1", address(port), "-sf", "replaces.xml", "-s", "carol", "-key", "replaces", replaces)
	transferred(carol, event.RoleTarget, event.TransferCompleted)
	done()
	transferred(p, event.RoleTransferor, event.TransferCompleted)
	endsWell(t, called)
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
