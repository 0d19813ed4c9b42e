package sip

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// overUDP is a message as it would come over UDP.
func overUDP(text string) string { return strings.ReplaceAll(text, "SIP/2.0/TCP", "SIP/2.0/UDP") }

func TestParseDatagram(t *testing.T) {
	invite := overUDP(inviteText)
	bare := strings.Replace(invite, "Content-Length: 110\r\n", "", 1)
	options := strings.ReplaceAll(strings.Replace(overUDP(okText), "SIP/2.0 200 OK", "OPTIONS sip:a@b SIP/2.0", 1), "REGISTER", "OPTIONS")
	for _, tc := range []struct{ name, data, want string }{
		{"a message", invite, "INVITE 110"},
		{"without a length", bare, "INVITE 110"},
		{"empty lines before it", "\r\n\r\n" + invite, "INVITE 110"},
		{"more than its length", invite + "and more", "INVITE 110"},
		{"less than its length", invite[:len(invite)-1], "bad Content-Length 110, and 109 bytes have come answered=true"},
		{"less than a length that is too long to be read", strings.Replace(invite, "110", "18446744073709551618", 1), "bad Content-Length 2147483647 or more, and 110 bytes have come answered=true"},
		{"a response with less", strings.Replace(overUDP(okText), "l: 0", "l: 1", 1), "bad Content-Length 1, and 0 bytes have come answered=false"},
		{"two lengths", strings.Replace(options, "l: 0", "l: 0\r\nl: 1", 1), "bad two Content-Lengths, 0 and 1 answered=true"},
		{"cut in the header", invite[:200], "bad the header has no end answered=true"},
		{"cut in its first field", invite[:60], "bad the header has no end answered=false"},
		{"a control character", strings.Replace(options, "i: reg", "i: r\x01eg", 1), "bad control character 0x01 in the header answered=true"},
		{"no Call-ID", strings.Replace(options, "i: reg\r\n", "", 1), "bad no Call-ID header field answered=true"},
		{"a long header", strings.Replace(options, "i: reg", "X: "+strings.Repeat("a", maxHeader)+"\r\ni: reg", 1), "bad header longer than 32768 bytes answered=true"},
		{"a huge message", bare + strings.Repeat("x", MaxMessage), "bad message of 66138 bytes: the limit is 65536 answered=true"},
		{"another protocol", "GET / HTTP/1.1\r\n\r\n", `bad not SIP: "GET / HTTP/1.1" answered=false`},
		{"binary", "\x16\x03\x01", "bad not SIP: control characters in the start line answered=false"},
		{"a ping", "\r\n\r\n", "sip.Ping"},
		{"a pong", "\r\n", "sip.Pong"},
		{"zeros", "\x00\x00\x00\x00", "<nil>"},
		{"nothing", "", "<nil>"},
	} {
		got := ""
		switch f := ParseDatagram([]byte(tc.data)).(type) {
		case Message:
			got = fmt.Sprintf("%s %d", f.SIP.CSeq().MethodName, len(f.SIP.Body()))
		case Bad:
			got = fmt.Sprintf("bad %v answered=%t", f.Err, f.Reply != nil)
		default:
			got = fmt.Sprintf("%T", f)
		}
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestResponseTarget(t *testing.T) {
	for via, want := range map[string]string{
		"192.0.2.5":            "192.0.2.5:5060",
		"192.0.2.5:5070":       "192.0.2.5:5070",
		"192.0.2.5:5070;rport": "192.0.2.5:5070",
		"10.0.0.5:5070;rport=40000;received=192.0.2.5":    "192.0.2.5:40000",
		"phone.test:5070;received=192.0.2.5":              "192.0.2.5:5070",
		"[2001:db8::5]:5070":                              "[2001:db8::5]:5070",
		"[fd00::5]:5070;received=2001:db8::5;rport=40000": "[2001:db8::5]:40000",
		"192.0.2.5;maddr=203.0.113.9":                     "192.0.2.5:5060",
		"phone.test":                                      "",
		"192.0.2.5;rport=99999;received=192.0.2.5":        "",
		"192.0.2.5;rport=0;received=192.0.2.5":            "",
		"192.0.2.5;rport=x;received=192.0.2.5":            "",
		"192.0.2.5;received=nobody":                       "",
	} {
		text := strings.Replace(overUDP(okText), "192.0.2.1:49152", via, 1)
		m, ok := ParseDatagram([]byte(text)).(Message)
		if !ok {
			t.Errorf("%s: no message", via)
			continue
		}
		to, ok := ResponseTarget(m.SIP.(*sip.Response))
		if got := to.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s, %t, want %q", via, got, ok, want)
		}
	}
}

// FuzzDatagram gives datagrams to a registered agent, with a user who answers
// and hangs up between them. Nothing makes it panic, hold on to the past, or
// send more than it should; and it still registers afterwards.
func FuzzDatagram(f *testing.F) {
	invite := overUDP(inviteText)
	f.Add([]byte(invite), []byte(strings.Replace(invite, "INVITE", "BYE", 2)), uint8(2))
	f.Add([]byte(invite), []byte(invite), uint8(1))
	f.Add([]byte(overUDP(okText)), []byte("\r\n\r\n"), uint8(0))
	f.Add([]byte(strings.Replace(invite, "110", "999999", 1)), []byte{0, 0, 0, 0}, uint8(3))
	f.Add([]byte(optionsWith("Contact: \"A, B\" <sip:a@a>;Expires = \"3\" , sip:b@b; +sip.instance = \"<urn:x>\"", "Expires: 1")), []byte(optionsWith("To: <tel:+1-2;x=y>;tag=\"")), uint8(1))
	f.Fuzz(func(t *testing.T, first, second []byte, act uint8) {
		r := registeredWith(t, Config{Transport: UDP})
		w := newWatch(t, r)
		now := r.now
		for _, data := range [][]byte{first, second} {
			if b, ok := ParseDatagram(data).(Bad); ok && (b.Fatal || len(b.Reply) > min(maxStartLine, 3*len(data))) {
				t.Fatalf("fatal %t, a reply of %d bytes", b.Fatal, len(b.Reply))
			}
			from := netip.AddrPortFrom(rigServer.Addr(), 5060+uint16(act%2))
			w.see(r.a.Receive(now, system.Received{Socket: r.socket, From: from, Data: bytes.Clone(data)}), len(data))
			switch act % 4 {
			case 0:
				now = now.Add(time.Minute)
			case 1:
				w.see(r.a.Answer(now, r.last(), []byte(testSDP)), 0)
			case 2:
				w.see(r.a.Hangup(now, r.last()), 0)
			}
			w.advance(now)
		}
		if !r.a.conn.Up() {
			t.Fatal("a datagram closed the flow")
		}
	})
}

// TestBehind: what is behind the end of a message in its datagram is dropped, and the
// warning says how much it is, and whether it looks like a message.
func TestBehind(t *testing.T) {
	body := optionsWith("Content-Length: 2") + "ab"
	another := optionsWith("l: 0")
	for behind, want := range map[string]string{
		"": "", "x": bytesBehind + ", 1 octet", "\r\n": bytesBehind + ", 2 octets", another: messageBehind + ", " + words.Count(len(another), "octet"),
		"\r\n\x00SIP/2.0 200 OK\r\n": messageBehind + ", 19 octets", "OPTIONS sip:x SIP/3.0\r\n": bytesBehind + ", 23 octets",
	} {
		m, ok := ParseDatagram([]byte(body + behind)).(Message)
		var tidiness Tidiness
		got := ""
		for _, w := range tidiness.Warnings(epoch, m, rigServer) {
			_, got, _ = strings.Cut(w.Note, "Content-Length: ")
		}
		if !ok || string(m.SIP.Body()) != "ab" || got != want {
			t.Errorf("%q: %q, want %q", behind, got, want)
		}
	}
}
