//go:build hostile

package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A bound is a socket of a process to which others can send: a UDP socket, or a
// TCP socket that listens.
type bound struct {
	proto string
	at    netip.AddrPort
}

func (b bound) String() string { return fmt.Sprintf("%s %s", b.proto, b.at) }

// reachable lists a process's sockets to which others can send, as the kernel has
// them.
func (v *victim) reachable() (list []bound) {
	v.t.Helper()
	open, err := filepath.Glob(v.proc("fd/*"))
	if err != nil {
		v.t.Fatal(err)
	}
	own := map[string]bool{}
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil {
			own[to] = true
		}
	}
	for _, proto := range []string{"tcp", "tcp6", "udp", "udp6"} {
		list = append(list, socketsOf(v.t, v.proc("net/"+proto), proto, own)...)
	}
	return list
}

// socketsOf reads a table of the kernel's.
func socketsOf(t *testing.T, table, proto string, own map[string]bool) (list []bound) {
	t.Helper()
	f, err := os.Open(table)
	if err != nil {
		t.Fatalf("the hostile tests look at sockets as Linux has them: %v", err)
	}
	defer f.Close()
	const listening = "0A"
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || !own["socket:["+fields[9]+"]"] || strings.HasPrefix(proto, "tcp") && fields[3] != listening {
			continue
		}
		list = append(list, bound{proto, kernelAddress(t, fields[1])})
	}
	return list
}

// kernelAddress reads "0100007F:13CE": words in the order of this machine's bytes.
func kernelAddress(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, service, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	port, portErr := strconv.ParseUint(service, 16, 16)
	if err = errors.Join(err, portErr); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	addr, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr, uint16(port))
}

// control waits until the phone's signalling is open, and returns our end of it.
func (v *victim) control() netip.AddrPort {
	v.t.Helper()
	e := expect(v.tester, "the control socket", func(e event.Socket) bool { return e.Name == "control" && e.Phase == event.SocketOpen })
	return netip.MustParseAddrPort(e.Local)
}

// knock is a request that a stranger sends. Its SDP names somebody else.
func knock(method string, by *net.UDPConn, n int) []byte {
	return []byte(request(method, "sip:alice@lab.test", "udp", by.LocalAddr().String(), fmt.Sprint("knock-", n), offerOf("127.0.0.3", 4000)))
}

// warned counts what a phone has said of a kind so far.
func (v *victim) warned(rule event.Rule) (n int) {
	for _, r := range v.log.After(0) {
		if w, ok := r.Event.(event.Warning); ok && w.Rule == rule {
			n++
		}
	}
	return n
}

// TestHostileStranger knocks on a phone over UDP that would answer every call:
// from another address of this machine, from thousands of them, and into a call.
// It is not answered, it is said in a few lines, and the phone goes on.
func TestHostileStranger(t *testing.T) {
	t.Parallel()
	_, addr := attackedLab(t)
	phone := attackedPhone(t, addr, "--transport", "udp", "--auto", "answer", "--mic", "tone:440")
	at := phone.control()
	phone.registered()

	stranger := udpAt(t, "127.0.0.2")
	for n, method := range []string{"INVITE", "OPTIONS", "MESSAGE", "BYE", "\r\n\r\n"} {
		if _, err := stranger.WriteToUDPAddrPort(knock(method, stranger, n), at); err != nil {
			t.Fatal(err)
		}
	}
	expect(phone.tester, "that a stranger is refused", func(e event.Warning) bool {
		return e.Rule == event.RuleUnknownSender && strings.Contains(e.Note, "INVITE from 127.0.0.2")
	})
	stranger.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	answer := make([]byte, 2000)
	if n, by, err := stranger.ReadFromUDPAddrPort(answer); err == nil {
		t.Errorf("a stranger is answered by %s: %.60q", by, answer[:n])
	}

	const sources = 5000
	for n := range sources {
		c := udpAt(t, fmt.Sprintf("127.1.%d.%d", n/250, 1+n%250))
		if _, err := c.WriteToUDPAddrPort(knock("INVITE", c, n), at); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	phone.say("call echo")
	phone.call("up")
	if n := phone.warned(event.RuleUnknownSender); n < 9 || n > 15 {
		t.Errorf("%d sources are %d lines, want about a dozen", sources, n)
	}

	media := expect(phone.tester, "audio", func(e event.Media) bool { return e.Phase == event.MediaStart })
	rtp := netip.MustParseAddrPort(media.Local)
	expect(phone.tester, "audio of echo", func(e event.RTP) bool { return e.Received > 0 })
	for n := range byte(100) {
		packet := append([]byte{0x80, 0, 0, n, 0, 0, 0, 160 * n, 9, 9, 9, 9}, make([]byte, 160)...)
		if _, err := stranger.WriteToUDPAddrPort(packet, rtp); err != nil {
			t.Fatal(err)
		}
	}
	refused := expect(phone.tester, "that a stranger's audio is refused", func(e event.RTP) bool { return e.Refused >= 50 })
	if n := phone.warned(event.RuleMediaRefused); n < 1 || n > 3 {
		t.Errorf("%d packets of one source are %d lines", refused.Refused, n)
	}
	phone.say("hang up")
	phone.call("ended")
	phone.within(64)
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestHostileNobodyListens looks at who can be sent to: a phone over TCP or TLS by
// nobody, one over UDP at its one address, and in a call at the address that its
// peer is told; a lab at the address that it was given.
func TestHostileNobodyListens(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t)
	loopback := netip.MustParseAddr("127.0.0.1")
	only := func(v *victim, what string, want ...string) {
		t.Helper()
		var got []string
		for _, b := range v.reachable() {
			if b.at.Addr() != loopback {
				t.Errorf("%s: reachable at %s", what, b)
			}
			got = append(got, b.proto)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: reachable over %v, want %v", what, got, want)
		}
	}
	only(lab, "a lab", "tcp", "udp")
	for transport, idle := range map[string][]string{"tcp": nil, "tls": nil, "udp": {"udp"}} {
		phone := attackedPhone(t, addr, "--transport", transport, "--tls-insecure", "on")
		phone.registered()
		only(phone, transport, idle...)
		phone.say("call echo")
		phone.call("up")
		only(phone, transport+", in a call", append([]string{"udp", "udp"}, idle...)...)
		only(lab, "a lab, in a call", "tcp", "udp", "udp", "udp")
		phone.say("hang up")
		phone.call("ended")
		phone.quit()
	}
	serves(t, addr)
}
