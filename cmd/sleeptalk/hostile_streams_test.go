//go:build hostile

package main

import (
	"crypto/rand"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// standsBefore stands in front of a server. It tells the first who connects a lie, and
// connects all later ones through.
func standsBefore(t *testing.T, server string, lie func(c net.Conn)) (addr string) {
	t.Helper()
	var lied atomic.Bool
	return accepting(t, func(c net.Conn) {
		if lied.CompareAndSwap(false, true) {
			lie(c)
			return
		}
		join(c, server)
	}).String()
}

func join(c net.Conn, server string) {
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer s.Close()
	go func() { io.Copy(s, c); s.Close() }()
	io.Copy(c, s)
}

// floods writes something over and over, until it is a number of bytes or who
// connected has had enough.
func floods(bytes int, what string) func(net.Conn) {
	return func(c net.Conn) {
		for n := 0; n < bytes; n += len(what) {
			if _, err := io.WriteString(c, what); err != nil {
				return
			}
		}
	}
}

// tells says something and hangs up.
func tells(what ...string) func(net.Conn) {
	return func(c net.Conn) {
		for _, w := range what {
			io.WriteString(c, w)
		}
		c.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, c)
	}
}

// stalls says something and then nothing, until who connected has had enough,
// which takes 32 s.
func stalls(what string) func(net.Conn) {
	return func(c net.Conn) {
		io.WriteString(c, what)
		io.Copy(io.Discard, c)
	}
}

const streamHeader = "<?xml version='1.0'?><stream:stream from='lab.test' id='1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

const (
	mechanisms  = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
	streamStart = streamHeader + "<stream:features>" + mechanisms + "</stream:features>"
)

// xmppLies are what a server of XMPP says to who connects.
var xmppLies = map[string]func(net.Conn){
	"depth":                  floods(16<<20, streamHeader+strings.Repeat("<a>", 10_000)),
	"entities":               tells("<!DOCTYPE lolz [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"+streamHeader, "<message>&b;</message>"),
	"an entity that is none": tells(streamHeader + "<message>&lol;</message>"),
	"a stanza of 16 MB":      floods(16<<20, streamHeader+"<message><body>"+strings.Repeat("x", 1<<16)),
	"a tag without an end":   floods(16<<20, streamHeader+"<a "+strings.Repeat("b='c' ", 10_000)),
	"a name without an end":  floods(16<<20, strings.Repeat("<a", 10_000)),
	"blanks":                 floods(16<<20, strings.Repeat(" ", 1<<16)),
	"stanzas before features": tells(streamHeader,
		strings.Repeat("<message from='bob@lab.test'><body>x</body></message><iq type='set' id='1'/>", 1000)),
	"features for ever":        floods(4<<20, streamHeader+strings.Repeat("<stream:features>"+mechanisms+"</stream:features>", 100)),
	"another namespace":        tells(strings.ReplaceAll(streamStart, "jabber:client", "jabber:server")),
	"a namespace for nothing":  tells(strings.ReplaceAll(streamStart, "http://etherx.jabber.org/streams", "")),
	"a prefix that is nobody":  tells(streamHeader + "<x:features>" + mechanisms + "</x:features>"),
	"ten thousand namespaces":  tells(streamHeader + "<stream:features" + strings.Repeat(" xmlns:a='b'", 10_000) + "/>"),
	"no mechanism":             tells(streamHeader + "<stream:features/>"),
	"a challenge of nothing":   tells(streamStart, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>====</challenge>"),
	"2^31 iterations":          tells(streamStart, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj14LHM9ZUE9PSxpPTIxNDc0ODM2NDg=</challenge>"),
	"success at once":          tells(streamStart, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", streamHeader),
	"starttls, and then none":  tells(streamHeader+"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "no TLS"),
	"elsewhere":                tells(streamHeader + "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>192.0.2.1</see-other-host></stream:error></stream:stream>"),
	"a beginning":              stalls(streamStart[:200]),
	"the end before the start": tells("</stream:stream>"),
	"noise":                    noise,
}

func noise(c net.Conn) { io.CopyN(c, rand.Reader, 1<<20) }

// TestHostileLyingXMPP has a server of XMPP lie to a phone. It lives, and
// registers at the real one when its user asks it to, and is called there.
func TestHostileLyingXMPP(t *testing.T) {
	t.Parallel()
	lab := attacked(t, "lab", "--json", "--listen", "127.0.0.1:0", "--xmpp-listen", "127.0.0.1:0")
	server := lab.listens("listening for xmpp")
	t.Run("phone", func(t *testing.T) {
		for name, lie := range xmppLies {
			t.Run(name, func(t *testing.T) { liedTo(t, standsBefore(t, server, lie), "--control", "xmpp") })
		}
	})
	lab.within(64)
}

// rawLies are what a server of each raw protocol says to who connects.
var rawLies = map[string]map[string]func(net.Conn){
	"lines": {
		"a line without an end": floods(16<<20, strings.Repeat("x", 1<<16)),
		"nothing but ends":      floods(1<<15, strings.Repeat("\r\n", 1<<12)),
		"calls for ever":        floods(1<<20, strings.Repeat("CALL 17 sip:bob@lab.test Bob\r\n", 100)),
		"calls":                 tells("OK\r\n", strings.Repeat("CALL 17 sip:bob@lab.test Bob\r\nEND 17\r\n", 100)),
		"NUL":                   floods(1<<20, strings.Repeat("\x00", 1<<16)),
		"noise":                 noise,
	},
	"length": {
		"a frame that does not come": tells("\xff\xff"),
		"frames of nothing":          floods(1<<15, strings.Repeat("\x00\x00", 1<<12)),
		"frames that are too long":   floods(4<<20, "\xff\xff"+strings.Repeat("\x81", 1<<16)),
		"one byte":                   stalls("\x00"),
		"noise":                      noise,
	},
	"long-polling": {
		"a chunk of 2^64":         tells("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"),
		"a chunk of less than 0":  tells("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx"),
		"chunks without an end":   floods(16<<20, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1\r\nx\r\n", 10_000)),
		"a length of 2^64":        tells("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n"),
		"a length and chunks":     tells("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		"a header without an end": floods(16<<20, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 10_000)),
		"answers to nothing":      floods(4<<20, strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 1000)),
		"a status of -1":          tells("HTTP/1.1 -1 OK\r\nContent-Length: 0\r\n\r\n"),
		"noise":                   noise,
	},
}

// TestHostileLyingRaw does the same with servers of raw protocols.
func TestHostileLyingRaw(t *testing.T) {
	t.Parallel()
	for protocol, lies := range rawLies {
		lab := attacked(t, "lab", "--json", "--listen", "127.0.0.1:0", "--raw", protocol, "--raw-listen", "127.0.0.1:0")
		server := lab.listens("listening for raw")
		t.Run(protocol, func(t *testing.T) {
			for name, lie := range lies {
				t.Run(name, func(t *testing.T) { liedTo(t, standsBefore(t, server, lie), "--raw", protocol) })
			}
		})
		lab.within(64)
	}
}

// liedTo is the life of a phone that is lied to first.
func liedTo(t *testing.T, addr string, flags ...string) {
	t.Helper()
	t.Parallel()
	phone := attackedPhone(t, addr, append(flags, "--device", "desktop")...)
	phone.recovers()
	phone.complains()
	phone.within(96) // of which the collector gets back half when a flood is over
	if code := phone.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// complains wants the phone to have named a rule with whatever it said was wrong.
func (v *victim) complains() {
	v.t.Helper()
	for _, r := range v.log.After(0) {
		e, isError := r.Event.(event.Error)
		w, isWarning := r.Event.(event.Warning)
		if isError && e.Rule == "" || isWarning && w.Rule == "" {
			v.t.Errorf("no rule: %s", event.Line(r))
		}
	}
}
