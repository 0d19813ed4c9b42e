//go:build peers

package main

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// sipp runs SIPp over TCP to its end and fails the test unless all its calls
// were good.
func sipp(t *testing.T, args ...string) {
	t.Helper()
	sippEnds(t, "t1", args...)
}

// sippUDP is [sipp] over UDP.
func sippUDP(t *testing.T, args ...string) {
	t.Helper()
	sippEnds(t, "u1", args...)
}

func sippEnds(t *testing.T, transport string, args ...string) {
	t.Helper()
	if out, err := sippOver(t, transport, args...).CombinedOutput(); err != nil {
		t.Fatalf("sipp %v: %v\n%s", args, err, tail(out, 3000))
	}
}

// sippOver is a SIPp that comes to an end by itself, over a transport as it names them:
// t1 is TCP, u1 UDP.
func sippOver(t *testing.T, transport string, args ...string) *exec.Cmd {
	t.Helper()
	return sippCommand(t, transport, append(args, "-timeout", "60s", "-timeout_error", "-trace_err")...)
}

// sippAt starts a SIPp that is called at a port, until the test's end.
func sippAt(t *testing.T, transport string, port int, args ...string) *exec.Cmd {
	t.Helper()
	cmd := sippCommand(t, transport, append(args, "-p", strconv.Itoa(port))...)
	cmd, _ = spawn(t, cmd.Dir, cmd.Args[0], cmd.Args[1:]...)
	if transport == "t1" {
		dialUntil(t, address(port))
	}
	return cmd
}

func sippCommand(t *testing.T, transport string, args ...string) *exec.Cmd {
	t.Helper()
	need(t, "sipp", "sip-tester")
	scenarios, err := filepath.Abs("testdata/peers")
	if err != nil {
		t.Fatal(err)
	}
	for i, arg := range args {
		if filepath.Ext(arg) == ".xml" {
			args[i] = filepath.Join(scenarios, arg)
		}
	}
	if !slices.Contains(args, "-i") {
		args = append(args, "-i", "127.0.0.1")
	}
	cmd := exec.Command("sipp", append(args, "-t", transport, "-nostdin", "-mp", strconv.Itoa(freePort(t)))...)
	cmd.Dir = t.TempDir()
	return cmd
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

func TestSIPpCalls(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440")
	p.registered()
	sipp(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	if ended := p.call("ended"); ended.By != "peer" {
		t.Errorf("ended by %s, want peer", ended.By)
	}
	p.quit()
}

// TestSIPpUntidy is called with bodies that are untidy, and held: what is clear is
// understood, what is not is refused, and the call goes on.
func TestSIPpUntidy(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--auto", "answer", "--mic", "tone:440")
	p.registered()
	sipp(t, address(port), "-sf", "untidy.xml", "-s", "alice", "-m", "1")
	for _, words := range []string{"o= line has a blank", "no v= line"} {
		expect(p, words, func(e event.Warning) bool { return e.Rule == event.RuleUntidySDP && strings.Contains(e.Note, words) })
	}
	if held := p.call("held"); held.By != "peer" {
		t.Errorf("held by %s, want peer", held.By)
	}
	expect(p, "the fax refused", func(e event.Error) bool { return e.Rule == event.RuleNoCommonAudio })
	if resumed := p.call("resumed"); resumed.By != "peer" {
		t.Errorf("resumed by %s, want peer", resumed.By)
	}
	p.call("ended")
	p.quit()
}

// TestSIPpBurst answers a hundred calls, twenty a second.
func TestSIPpBurst(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--auto", "answer", "--mic", "silence", "--max-calls", "100")
	p.registered()
	sipp(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "100", "-r", "20")
	for range 100 {
		p.call("ended")
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSIPpCancelsAsleep gives up on a phone that it has woken.
func TestSIPpCancelsAsleep(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port)
	p.registered()
	p.asleep()
	sipp(t, address(port), "-sf", "cancel.xml", "-s", "alice", "-m", "1")
	expect(p, "wake by socket", func(e event.Wake) bool { return e.Cause == event.BySocket })
	expect(p, "a notification", func(e event.Notification) bool { return e.Phase == "posted" })
	expect(p, "a missed call", func(e event.Notification) bool { return e.Phase == "missed" })
	p.quit()
}

// TestSIPpCallee is called by us, and the call is hung up by us.
func TestSIPpCallee(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	sippAt(t, "t1", callee, "-sn", "uas", "-rtp_echo")
	p := alice(t, port, "--mic", "tone:440")
	p.registered()
	p.say(fmt.Sprintf("call sip:service@%s;transport=tcp", address(callee)))
	p.call("ringing")
	p.call("up")
	expect(p, "audio sent", func(e event.RTP) bool { return e.Sent > 50 })
	p.say("hang up")
	if ended := p.call("ended"); ended.By != "us" {
		t.Errorf("ended by %s, want us", ended.By)
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSIPpInCrumbs puts a relay between server and phone that sends every
// byte in a segment of its own.
func TestSIPpInCrumbs(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, crumbs(t, port), "--auto", "answer", "--mic", "tone:440")
	p.registered()
	p.asleep()
	sipp(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	invite := expect(p, "INVITE", func(e event.Message) bool { return !e.Out && e.Method == "INVITE" && e.Status == 0 })
	if invite.Segments < 2 {
		t.Errorf("the INVITE came in %d segments, want more than one", invite.Segments)
	}
	p.call("ended")
	p.quit()
}

// crumbs listens on a port of its own and relays to port, towards the client
// a byte at a time.
func crumbs(t *testing.T, port int) int {
	t.Helper()
	return accepting(t, func(client net.Conn) {
		server, err := net.Dial("tcp", address(port))
		if err != nil {
			return
		}
		go func() { io.Copy(server, client); server.Close() }()
		copyBytes(client, server)
	}).Port
}

func copyBytes(to io.Writer, from io.Reader) {
	var b [1]byte
	for {
		if _, err := io.ReadFull(from, b[:]); err != nil {
			return
		}
		if _, err := to.Write(b[:]); err != nil {
			return
		}
	}
}
