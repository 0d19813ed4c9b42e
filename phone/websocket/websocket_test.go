package websocket

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// An end is one end of a stream in memory: socket 1 of its program.
type end struct {
	*Layer
	heard []string
	wire  []byte
	err   error // of the last Closed
	over  bool  // it has closed
	logs  []event.Event
}

func newEnd() *end {
	return &end{Layer: Over(secure.New(secure.Config{}), rand.New(rand.NewPCG(1, 2)))}
}

func (e *end) carry(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Send:
			e.wire = append(e.wire, c.Data...)
		case system.Close:
			e.over = true
		case system.Log:
			e.logs = append(e.logs, c.Event)
		}
	}
}

func (e *end) do(effects ...system.Effect) {
	for _, c := range effects {
		e.carry(e.Call(epoch, c, nil))
	}
}

// say sends messages.
func (e *end) say(messages ...string) {
	for _, m := range messages {
		e.do(system.Send{Socket: 1, Data: []byte(m)})
	}
}

func (e *end) hear(s system.Signal) {
	signals, effects := e.Receive(epoch, s, nil, nil)
	e.carry(effects)
	for _, s := range signals {
		switch s := s.(type) {
		case system.Upgraded:
			e.heard = append(e.heard, "upgraded to "+s.Protocol+" "+s.Path)
		case system.Received:
			if s.Messages == nil {
				e.heard = append(e.heard, fmt.Sprintf("bytes %q", s.Data))
			}
			for _, m := range s.Messages {
				e.heard = append(e.heard, fmt.Sprintf("%.40q", m))
			}
		case system.Closed:
			e.heard, e.err = append(e.heard, fmt.Sprintf("closed: %v", s.Err)), s.Err
		}
	}
}

func (e *end) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(e.heard, want) {
		t.Errorf("heard:\n  %s\nwant:\n  %s", strings.Join(e.heard, "\n  "), strings.Join(want, "\n  "))
	}
	e.heard = nil
}

// A pair is a client and a server, and a stream between them that is cut into pieces
// of at most size bytes.
type pair struct {
	client, server *end
	size           int
}

func newPair() *pair {
	p := &pair{newEnd(), newEnd(), 1 << 20}
	p.server.do(system.StartWebSocket{Socket: 1, Protocol: "sip", Server: true})
	p.client.do(system.StartWebSocket{Socket: 1, Host: "lab.test:80", Path: "/ws?token=secret", Protocol: "sip"})
	return p
}

// shaken is a pair that has shaken hands.
func shaken(t *testing.T) *pair {
	p := newPair()
	p.run()
	p.client.want(t, "upgraded to sip ")
	p.server.want(t, "upgraded to sip /ws")
	return p
}

func (p *pair) run() {
	for len(p.client.wire)+len(p.server.wire) > 0 {
		for _, way := range [][2]*end{{p.client, p.server}, {p.server, p.client}} {
			from, to := way[0], way[1]
			if n := min(p.size, len(from.wire)); n > 0 {
				data := bytes.Clone(from.wire[:n])
				if from.wire = from.wire[n:]; !to.over {
					to.hear(system.Received{Socket: 1, Data: data})
				}
			}
		}
	}
}

// A stream may be cut at any byte, in the handshake and after it; a message is
// whole.
func TestPieces(t *testing.T) {
	long := strings.Repeat("x", 70)
	for _, size := range []int{1, 2, 3, 7, 130, 1 << 20} {
		p := newPair()
		p.size = size
		p.run()
		p.client.want(t, "upgraded to sip ")
		p.server.want(t, "upgraded to sip /ws")
		p.client.say("REGISTER", strings.Repeat("y", 200), "\xff\xfe", strings.Repeat(long, 930))
		p.server.say("SIP/2.0 200 OK", "")
		p.run()
		p.client.want(t, `"SIP/2.0 200 OK"`)
		p.server.want(t, `"REGISTER"`, fmt.Sprintf("%.40q", strings.Repeat("y", 200)), `"\xff\xfe"`, fmt.Sprintf("%.40q", long))
		p.client.do(system.Close{Socket: 1})
		p.run()
		p.server.want(t, "closed: WebSocket with the client: it closed the connection with 1000, normal")
		if !p.server.over {
			t.Error("the server did not close its end")
		}
	}
}

// The double CRLF of a program is a Ping, and each Ping has its Pong: with its
// payload, and once.
func TestPings(t *testing.T) {
	p := shaken(t)
	for _, way := range [][2]*end{{p.client, p.server}, {p.server, p.client}} {
		from, to := way[0], way[1]
		from.say("\r\n\r\n")
		if from.wire[0] != 0x80|opPing {
			t.Errorf("a ping begins with %#x", from.wire[0])
		}
		p.run()
		to.want(t, `"\r\n\r\n"`)
		to.say("\r\n")
		if to.wire[0] != 0x80|opPong {
			t.Errorf("a pong begins with %#x", to.wire[0])
		}
		p.run()
		from.want(t, `"\r\n"`)
	}

	// As a peer sends them: the last of several is answered, with its payload.
	p.server.wire = appendFrame(appendFrame(p.server.wire, opPing, []byte("a"), nil), opPing, []byte("b"), nil)
	p.run()
	p.client.want(t, `"\r\n\r\n"`)
	p.client.say("\r\n", "\r\n")
	var answers [][]byte
	for in := bytes.Clone(p.client.wire); len(in) > 0; {
		f, n, err := readFrame(in, true)
		if err != nil || n == 0 {
			t.Fatal(err, n)
		}
		answers, in = append(answers, append([]byte{f.op}, f.payload...)), in[n:]
	}
	if want := [][]byte{append([]byte{opPong}, 'b'), append([]byte{opText}, "\r\n"...)}; !slices.EqualFunc(answers, want, bytes.Equal) {
		t.Errorf("answers %q, want %q", answers, want)
	}
	p.run()
	p.server.want(t, `"\r\n"`)

	// One that the program lets pass keeps no later one from it.
	for _, payload := range []string{"c", "d"} {
		p.server.wire = appendFrame(p.server.wire, opPing, []byte(payload), nil)
		p.run()
		p.client.want(t, `"\r\n\r\n"`)
	}
	p.client.say("\r\n")
	if f, _, err := readFrame(p.client.wire, true); err != nil || f.op != opPong || string(f.payload) != "d" {
		t.Errorf("the answer is %#x %q, %v", f.op, f.payload, err)
	}
	p.run()
	p.server.want(t)

	// A Pong that nobody has asked for, and one with another payload, are nothing.
	p.server.wire = appendFrame(p.server.wire, opPong, []byte("x"), nil)
	p.client.say("\r\n\r\n")
	p.client.wire = nil
	p.server.wire = appendFrame(p.server.wire, opPong, []byte{0, 0, 0, 9}, nil)
	p.run()
	p.client.want(t)
	// CRLFs as a message, as some clients in browsers send them.
	p.client.wire = appendFrame(p.client.wire, opText, ping, &[4]byte{1, 2, 3, 4})
	p.run()
	p.server.want(t, `"\r\n\r\n"`)
	if p.server.say("\r\n"); p.server.wire[0] != 0x80|opText {
		t.Errorf("the answer begins with %#x", p.server.wire[0])
	}
}

// raw is a frame as it is written, of a server or of a client.
func raw(first byte, client bool, payload string) []byte {
	var key *[4]byte
	if client {
		key = &[4]byte{7, 1, 7, 1}
	}
	b := appendFrame(nil, 0, []byte(payload), key)
	b[0] = first
	return b
}

// long is the header of a frame that is n bytes long.
func long(first byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{first, 127}, n)
}

// TestFrames: what a server sends, and what the client makes of it.
func TestFrames(t *testing.T) {
	const to = "closed: WebSocket with lab.test:80/ws: "
	many := bytes.Repeat(raw(0x00, false, ""), maxFragments)
	for _, test := range []struct {
		name string
		sent []byte
		code int // of our close frame; 0: none
		want []string
	}{
		{"a text", raw(0x81, false, "OK"), 0, []string{`"OK"`}},
		{"binary", raw(0x82, false, "O\xffK"), 0, []string{`"O\xffK"`}},
		{"in pieces, a ping between", slices.Concat(raw(0x01, false, "a"), raw(0x89, false, "p"), raw(0x00, false, "b"), raw(0x80, false, "c")), 0, []string{`"\r\n\r\n"`, `"abc"`}},
		{"a letter in pieces", slices.Concat(raw(0x01, false, "\xc3"), raw(0x80, false, "\xa4")), 0, []string{`"ä"`}},
		{"a length longer than needed", append(long(0x81, 2), "OK"...), 0, []string{`"OK"`}},
		{"good, then bad", slices.Concat(raw(0x81, false, "OK"), raw(0x83, false, "")), 1002, []string{`"OK"`, to + "a frame of the unknown kind 0x3"}},
		{"an extension", raw(0xc1, false, "OK"), 1002, []string{to + "a frame with bits of an extension that nobody has agreed on"}},
		{"an unknown control frame", raw(0x8b, false, ""), 1002, []string{to + "a frame of the unknown kind 0xb"}},
		{"a ping in pieces", raw(0x09, false, ""), 1002, []string{to + "a control frame in pieces"}},
		{"a long ping", raw(0x89, false, strings.Repeat("x", 126)), 1002, []string{to + "a control frame of more than 125 bytes"}},
		{"a mask", raw(0x81, true, "OK"), 1002, []string{to + "a frame with a mask, which a server must not use"}},
		{"no beginning", raw(0x80, false, "OK"), 1002, []string{to + "the continuation of no message"}},
		{"no end", slices.Concat(raw(0x01, false, "OK"), raw(0x81, false, "OK")), 1002, []string{to + "a new message in the middle of another"}},
		{"not UTF-8", raw(0x81, false, "\xff"), 1007, []string{to + "a text that is not UTF-8"}},
		{"too long", long(0x82, maxMessage+1), 1009, []string{to + "a frame of 65537 bytes: the limit is 65536"}},
		{"as long as can be said", long(0x82, 1<<63), 1009, []string{to + "a frame of 9223372036854775808 bytes: the limit is 65536"}},
		{"too long in pieces", slices.Concat(raw(0x02, false, strings.Repeat("x", maxMessage)), raw(0x80, false, "x")), 1009, []string{to + "a message of more than 65536 bytes"}},
		{"in too many pieces", slices.Concat(raw(0x02, false, "x"), many), 1009, []string{to + "a message in more than 1024 pieces"}},
		{"closed", raw(0x88, false, "\x03\xe9"), 1000, []string{to + "it closed the connection with 1001, going away"}},
		{"closed with a reason", raw(0x88, false, "\x0f\xa0no more\x1b[31m"), 1000, []string{to + `it closed the connection with 4000: no more\x1b[31m`}},
		{"closed without a code", raw(0x88, false, ""), 1000, []string{to + "it closed the connection"}},
		{"closed as the last may", raw(0x88, false, "\x13\x87"), 1000, []string{to + "it closed the connection with 4999"}},
		{"closed with 999", raw(0x88, false, "\x03\xe7"), 1002, []string{to + "a close frame with the code 999, which none may have"}},
		{"closed as if by none", raw(0x88, false, "\x03\xee"), 1002, []string{to + "a close frame with the code 1006, which none may have"}},
		{"closed with 2999", raw(0x88, false, "\x0b\xb7"), 1002, []string{to + "a close frame with the code 2999, which none may have"}},
		{"closed with 5000", raw(0x88, false, "\x13\x88"), 1002, []string{to + "a close frame with the code 5000, which none may have"}},
		{"closed with half a code", raw(0x88, false, "\x03"), 1002, []string{to + "a close frame that has no code, or a reason that is not UTF-8"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := shaken(t)
			p.client.hear(system.Received{Socket: 1, Data: test.sent})
			p.client.want(t, test.want...)
			if test.code == 0 {
				if p.client.over {
					t.Error("the connection is closed")
				}
				return
			}
			f, _, err := readFrame(p.client.wire, true)
			if err != nil || f.op != opClose || binary.BigEndian.Uint16(f.payload) != uint16(test.code) || !p.client.over {
				t.Errorf("answered with %+v, %v, over %t, want %d", f, err, p.client.over, test.code)
			}
			if closed := errors.Is(p.client.err, system.ClosedByPeer); closed != (test.code == 1000) {
				t.Errorf("closed by the peer: %t", closed)
			}
		})
	}
	t.Run("no mask", func(t *testing.T) {
		p := shaken(t)
		p.server.hear(system.Received{Socket: 1, Data: raw(0x81, false, "OK")})
		p.server.want(t, "closed: WebSocket with the client: a frame without a mask, which a client must use")
	})
}

// TestRefusals: what a server may answer that is no WebSocket, and how it is named.
func TestRefusals(t *testing.T) {
	const (
		good  = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n"
		sip   = "Sec-WebSocket-Protocol: sip\r\n"
		close = "\r\n"
	)
	for _, test := range []struct{ name, answer, want string }{
		{"good", good + sip + close, ""},
		{"404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "it answered 404 Not Found: the path is another one: server=ws://HOST:PORT/PATH"},
		{"200", "HTTP/1.1 200 OK\r\n\r\n<html>", "it answered 200 OK: is it a WebSocket server at this path?"},
		{"301", "HTTP/1.1 301 Moved\r\nLocation: wss://lab.test/\r\n\r\n", "it answered 301 Moved, to wss://lab.test/: give the server as that says"},
		{"426", "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\n\r\n", "it answered 426 Upgrade Required, it wants version 8"},
		{"403", "HTTP/1.0 403 \x1b[1mNo\r\n\r\n", `it answered 403 \x1b[1mNo`},
		{"SIP", "SIP/2.0 400 Bad Request\r\n\r\n", `its answer is not HTTP, it begins with "SIP/2.0 400 Bad Request": is this a port for WebSocket?`},
		{"no upgrade", "HTTP/1.1 101 OK\r\nConnection: Upgrade\r\n\r\n", `its 101 has no "Upgrade: websocket" with "Connection: Upgrade"`},
		{"no subprotocol", good + close, `it took the connection without the subprotocol "sip": it speaks something else at this path`},
		{"another subprotocol", good + "Sec-WebSocket-Protocol: xmpp\r\n" + close, `it chose the subprotocol "xmpp", and only "sip" was offered`},
		{"an extension", good + sip + "Sec-WebSocket-Extensions: permessage-deflate\r\n" + close, `it uses the extension "permessage-deflate", which nobody has offered`},
		{"another key", strings.Replace(good, "ACCEPT", "xyz", 1) + sip + close, `its Sec-WebSocket-Accept is "xyz", and not the answer to our key: it is no WebSocket server, or a cache has answered`},
		{"no end", "HTTP/1.1 101 OK\r\n" + strings.Repeat("X: y\r\n", maxHead/6), "a header of more than 16384 bytes"},
		{"not HTTP", "\x00\x01\r\n\r\n", "its answer is not HTTP, it begins with"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPair()
			key := p.client.conns[1].key
			p.client.wire = nil
			p.client.hear(system.Received{Socket: 1, Data: []byte(strings.Replace(test.answer, "ACCEPT", acceptOf(key), 1))})
			switch {
			case len(p.client.heard) != 1:
				t.Errorf("heard %q", p.client.heard)
			case test.want == "" && p.client.heard[0] != "upgraded to sip ",
				test.want != "" && !strings.HasPrefix(p.client.heard[0], "closed: WebSocket with lab.test:80/ws: "+test.want):
				t.Errorf("heard %q, want %q", p.client.heard[0], test.want)
			}
			if p.client.over != (test.want != "") {
				t.Errorf("closed: %t", p.client.over)
			}
		})
	}
	t.Run("the end in the middle", func(t *testing.T) {
		p := newPair()
		p.client.hear(system.Closed{Socket: 1})
		p.client.want(t, "closed: WebSocket with lab.test:80/ws: the connection ended in the middle of the handshake")
	})
}

// TestRequests: what a client may ask for, and how the server refuses it; what does
// not begin as a request of HTTP is left to others.
func TestRequests(t *testing.T) {
	good := string(request("lab.test", "/", "sip", "dGhlIHNhbXBsZSBub25jZQ=="))
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for _, test := range []struct{ name, sent, status string }{
		{"good", good, "101 Switching Protocols"},
		{"one of several subprotocols", swap("Protocol: sip", "Protocol: xmpp, sip"), "101 Switching Protocols"},
		{"another version", swap("Version: 13", "Version: 8"), "426 Upgrade Required"},
		{"no upgrade", swap("Upgrade: websocket", "X: y"), "426 Upgrade Required"},
		{"no subprotocol", swap("Sec-WebSocket-Protocol", "X"), "400 Bad Request"},
		{"a short key", swap("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), "400 Bad Request"},
		{"no host", swap("Host:", "X:"), "400 Bad Request"},
		{"an old HTTP", swap("HTTP/1.1", "HTTP/1.0"), "505 HTTP Version Not Supported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPair()
			p.server.hear(system.Received{Socket: 1, Data: []byte(test.sent)})
			if got := string(p.server.wire); !strings.HasPrefix(got, "HTTP/1.1 "+test.status+"\r\n") {
				t.Errorf("answered %q, want %s", got, test.status)
			}
			taken := strings.HasPrefix(test.status, "101")
			if p.server.over == taken || strings.HasPrefix(p.server.heard[0], "upgraded") != taken {
				t.Errorf("closed: %t, heard %q", p.server.over, p.server.heard)
			}
		})
	}
	if accept := acceptOf("dGhlIHNhbXBsZSBub25jZQ=="); accept != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455 §1.3
		t.Errorf("accepted with %s", accept)
	}
	t.Run("over TLS, in one read with its end", func(t *testing.T) {
		key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		cert, err := secure.SelfSigned(key, epoch, "lab.test")
		if err != nil {
			t.Fatal(err)
		}
		server, client := newEnd(), newEnd()
		server.tls = secure.New(secure.Config{Certificate: cert})
		client.tls = secure.New(secure.Config{Insecure: true})
		t.Cleanup(func() { server.Forget(1) })
		server.do(system.StartWebSocket{Socket: 1, Protocol: "sip", Server: true})
		client.do(system.StartTLS{Socket: 1, Name: "lab.test"})
		hello := system.Received{Socket: 1, Data: bytes.Clone(client.wire)}
		client.wire = nil
		server.hear(hello)
		server.do(system.StartTLS{Socket: 1, Server: true})
		server.hear(hello)
		client.hear(system.Received{Socket: 1, Data: bytes.Clone(server.wire)})
		client.do(system.StartWebSocket{Socket: 1, Host: "lab.test", Path: "/ws", Protocol: "sip"})
		server.hear(system.Received{Socket: 1, Data: bytes.Clone(client.wire)})
		if got := server.heard[len(server.heard)-1]; got != "upgraded to sip /ws" {
			t.Errorf("heard %q", server.heard)
		}
	})
	t.Run("another protocol", func(t *testing.T) {
		for _, first := range []string{"G", "REGISTER", "\x16\x03\x01"} {
			p := newPair()
			p.server.hear(system.Received{Socket: 1, Data: []byte(first)})
			p.server.hear(system.Received{Socket: 1, Data: []byte("RUMBLE")})
			if got := strings.Join(p.server.heard, ""); strings.ReplaceAll(strings.ReplaceAll(got, `bytes "`, ""), `"`, "") != strings.Trim(fmt.Sprintf("%q", first), `"`)+"RUMBLE" {
				t.Errorf("%q: heard %q", first, p.server.heard)
			}
		}
	})
}

func TestMisuse(t *testing.T) {
	p := newPair()
	p.client.do(system.StartWebSocket{Socket: 1, Host: "x", Path: "/", Protocol: "sip"})
	if len(p.client.logs) != 1 || p.client.logs[0].(event.Error).Rule != event.RuleProgramMistake {
		t.Errorf("log: %v", p.client.logs)
	}
	p.client.wire = nil
	if p.client.say("early"); len(p.client.wire) > 0 {
		t.Errorf("sent before the handshake is over: %q", p.client.wire)
	}
}

// FuzzFrames gives both ends arbitrary bytes behind a handshake. Nothing panics, what
// is kept is bounded, and after an error nothing more is said.
func FuzzFrames(f *testing.F) {
	f.Add(raw(0x81, false, "OK"), 1, false)
	f.Add(slices.Concat(raw(0x01, true, "a"), raw(0x89, true, "p"), raw(0x80, true, "c")), 3, true)
	f.Add(long(0x82, 1<<63), 2, false)
	f.Add(raw(0x88, false, "\x03\xe9bye"), 4, false)
	f.Fuzz(func(t *testing.T, data []byte, cut int, server bool) {
		p := shaken(t)
		e := p.client
		if server {
			e = p.server
		}
		cut = min(max(cut, 0), len(data))
		for _, part := range [][]byte{data[:cut], data[cut:]} {
			if !e.over {
				e.hear(system.Received{Socket: 1, Data: bytes.Clone(part)})
			}
		}
		if k := e.conns[1]; k != nil && len(k.in)+len(k.part.data) > 2*maxMessage+len(data) {
			t.Errorf("%d bytes are kept", len(k.in)+len(k.part.data))
		}
		if e.over && (len(e.heard) == 0 || !strings.HasPrefix(e.heard[len(e.heard)-1], "closed: ")) {
			t.Errorf("closed, and heard %q", e.heard)
		}
	})
}
