//go:build peers

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// TestKamailioOverUDP registers, is called and calls over UDP.
func TestKamailioOverUDP(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--transport", "udp", "--auto", "answer", "--mic", "tone:440")
	expect(p, "challenge", func(e event.Registration) bool { return e.Phase == "challenged" && e.Status == 401 })
	p.registered()
	sippUDP(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "20", "-r", "10")
	for range 20 {
		if ended := p.call("ended"); ended.By != "peer" {
			t.Errorf("ended by %s, want peer", ended.By)
		}
	}
	sippAt(t, "u1", callee, "-sn", "uas", "-rtp_echo")
	p.say(fmt.Sprintf("call sip:service@%s", address(callee)))
	p.call("up")
	expect(p, "audio sent", func(e event.RTP) bool { return e.Sent > 50 })
	p.say("hang up")
	if ended := p.call("ended"); ended.By != "us" {
		t.Errorf("ended by %s, want us", ended.By)
	}
	p.say("unregister")
	expect(p, "unregistered", func(e event.Registration) bool { return e.Phase == "removed" })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// tooLarge has the phone send INVITEs that are too large for UDP.
func tooLarge(p *tester) {
	for n := range 3 {
		p.say(fmt.Sprintf("header INVITE X-Note-%d: %s", n, strings.Repeat("x", 350)))
	}
}

// TestKamailioTakesLargeRequests over TCP from a phone that has registered over UDP.
// The rest of the call is over UDP.
func TestKamailioTakesLargeRequests(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--transport", "udp", "--mic", "tone:440")
	p.registered()
	sippAt(t, "u1", callee, "-sn", "uas", "-rtp_echo")
	tooLarge(p)
	p.say(fmt.Sprintf("call sip:service@%s", address(callee)))
	socket := expect(p, "TCP", func(e event.Socket) bool { return e.Name == "tcp" && e.Phase == event.SocketConnecting })
	if !strings.HasPrefix(socket.Why, "INVITE of 1") {
		t.Errorf("TCP is opened for %q", socket.Why)
	}
	expect(p, "INVITE over TCP", func(e event.Message) bool {
		return e.Out && e.Method == "INVITE" && e.Socket == "tcp" && strings.Contains(e.Raw, "SIP/2.0/TCP") && strings.Contains(e.Raw, ";transport=udp")
	})
	expect(p, "200 over TCP", func(e event.Message) bool { return e.Status == 200 && e.Method == "INVITE" && e.Socket == "tcp" })
	p.call("up")
	expect(p, "audio sent", func(e event.RTP) bool { return e.Sent > 50 })
	p.say("hang up")
	expect(p, "BYE over UDP", func(e event.Message) bool { return e.Out && e.Method == "BYE" && e.Socket == "" })
	expect(p, "an answer to BYE", func(e event.Message) bool { return e.Status >= 200 && e.Method == "BYE" && e.Socket == "" })
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestKamailioWithoutTCP refuses the connection: the INVITE goes over UDP, in pieces.
func TestKamailioWithoutTCP(t *testing.T) {
	t.Parallel()
	port, callee := freePort(t), freePort(t)
	kamailio(t, port, "NOTCP")
	p := alice(t, port, "--transport", "udp", "--mic", "silence")
	p.registered()
	sippAt(t, "u1", callee, "-sn", "uas")
	tooLarge(p)
	p.say(fmt.Sprintf("call sip:service@%s", address(callee)))
	expect(p, "no TCP", func(e event.Socket) bool { return e.Name == "tcp" && e.Phase == event.SocketFailed })
	warned := expect(p, "warning", func(e event.Warning) bool { return e.Rule == event.RuleLargeRequest })
	if !strings.Contains(warned.Note, "refused") {
		t.Errorf("it is said that %s", warned.Note)
	}
	p.call("up")
	p.say("hang up")
	if ended := p.call("ended"); ended.By != "us" {
		t.Errorf("ended by %s, want us", ended.By)
	}
	if code := p.quit(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// TestSIPpCallsOverUDP calls the phone where it is, with no proxy between: the
// answers find their way back to whom it has never spoken to.
func TestSIPpCallsOverUDP(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p := alice(t, port, "--transport", "udp", "--auto", "answer", "--mic", "silence")
	active := expect(p, "registered", func(e event.Registration) bool { return e.Phase == "active" })
	var contact grammar.Uri
	if err := grammar.ParseUri(strings.Trim(active.Contact, "<>"), &contact); err != nil {
		t.Fatal(err)
	}
	sippUDP(t, netip.AddrPortFrom(netip.MustParseAddr(contact.Host), uint16(contact.Port)).String(), "-sf", "uac.xml", "-s", "alice", "-m", "5", "-r", "5")
	for range 5 {
		p.call("ended")
	}
	p.quit()
}

// TestSIPpFromElsewhere calls the phone where it is from another address than the
// server's: nobody answers, and it is said; with accept-from any the phone does.
func TestSIPpFromElsewhere(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	for _, c := range []struct {
		from     string
		answered bool
	}{{"server", false}, {"any", true}} {
		p := alice(t, port, "--transport", "udp", "--auto", "answer", "--mic", "silence", "--accept-from", c.from)
		open := expect(p, "the control socket", func(e event.Socket) bool { return e.Phase == event.SocketOpen })
		p.registered()
		cmd := sippOver(t, "u1", open.Local, "-sf", "uac.xml", "-s", "alice", "-m", "1")
		for i, arg := range cmd.Args {
			switch arg {
			case "127.0.0.1":
				cmd.Args[i] = "127.0.0.2"
			case "60s":
				cmd.Args[i] = "5s"
			}
		}
		if out, err := cmd.CombinedOutput(); (err == nil) != c.answered {
			t.Errorf("accept-from %s: sipp: %v\n%s", c.from, err, tail(out, 2000))
		}
		if c.answered {
			p.call("ended")
		} else {
			expect(p, "that SIPp is refused", func(e event.Warning) bool {
				return e.Rule == event.RuleUnknownSender && strings.HasPrefix(e.Note, "INVITE from 127.0.0.2:")
			})
		}
		p.quit()
	}
}

// TestLabOverUDP lets SIPp call a robot of the lab over UDP.
func TestLabOverUDP(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	readByTshark(start(t, "lab", "--json", "--listen", address(port)))
	dialUntil(t, address(port))
	sippUDP(t, address(port), "-sf", "uac.xml", "-s", "bob", "-m", "20", "-r", "10")
}

// A doorbell is the server of one app's wake socket.
type doorbell struct {
	t    *testing.T
	ln   net.Listener
	conn net.Conn
	in   *bufio.Reader
}

func newDoorbell(t *testing.T) *doorbell {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return &doorbell{t: t, ln: ln}
}

// hello waits for the app to say whose it is.
func (d *doorbell) hello() {
	d.t.Helper()
	var err error
	if d.conn, err = d.ln.Accept(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { d.conn.Close() })
	d.in = bufio.NewReader(d.conn)
	if line, err := d.in.ReadString('\n'); err != nil || line != "HELLO alice\r\n" {
		d.t.Fatalf("the app said %q, %v", line, err)
	}
	d.say("OK")
}

func (d *doorbell) say(line string) {
	d.t.Helper()
	if _, err := fmt.Fprintf(d.conn, "%s\r\n", line); err != nil {
		d.t.Fatal(err)
	}
}

// sleeper is alice with a wake socket, signed on at both servers.
func sleeper(t *testing.T, port int) (*tester, *doorbell) {
	t.Helper()
	bell := newDoorbell(t)
	p := alice(t, port, "--strategy", "wake-socket", "--wake-server", bell.ln.Addr().String(), "--auto", "answer", "--mic", "silence")
	bell.hello()
	p.registered()
	return p, bell
}

// TestWakeSocketInStep wakes an app whose UDP socket nobody has taken: the
// INVITE waits in it.
func TestWakeSocketInStep(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p, bell := sleeper(t, port)
	p.asleep()
	bell.say("WAKE")
	sippUDP(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	expect(p, "wake by the line", func(e event.Frame) bool { return e.What == "WAKE" })
	p.call("up")
	p.call("ended")
	p.quit()
}

// TestWakeSocketRace wakes an app whose UDP socket the system has taken. The
// INVITE goes to the old port, as Kamailio knows no other yet.
func TestWakeSocketRace(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p, bell := sleeper(t, port)
	p.say("lock")
	expect(p, "reclaimed", func(event.Reclaim) bool { return true })
	invite(t, port)
	bell.say("WAKE")
	p.registered()
	expect(p, "the race", func(e event.Warning) bool { return e.Rule == "wake-race" })
	p.quit()
}

// invite sends an INVITE for alice and returns when the server has it: SIPp
// takes longer to start than a phone on loopback to register.
func invite(t *testing.T, port int) {
	t.Helper()
	c, err := net.Dial("udp", address(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "INVITE sip:alice@%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK-race\r\nFrom: <sip:x@%[2]s>;tag=x\r\n"+
		"To: <sip:alice@%[1]s>\r\nCall-ID: race\r\nCSeq: 1 INVITE\r\nContact: <sip:x@%[2]s>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
		address(port), c.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 2000)
	if n, err := c.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "SIP/2.0 100") {
		t.Fatalf("the server answered %.40q, %v", answer[:n], err)
	}
}

// TestWakeSocketHeld is the way out: who holds the INVITE until the phone has
// registered gets through.
func TestWakeSocketHeld(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	kamailio(t, port)
	p, bell := sleeper(t, port)
	p.say("lock")
	expect(p, "reclaimed", func(event.Reclaim) bool { return true })
	bell.say("WAKE")
	p.registered()
	sippUDP(t, address(port), "-sf", "uac.xml", "-s", "alice", "-m", "1")
	p.call("up")
	p.call("ended")
	p.quit()
}
