package dtls

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

// TestFinishedMustFit: who does not know the keys, or has seen another handshake, proves
// nothing.
func TestFinishedMustFit(t *testing.T) {
	for name, take := range map[string]func(*Conn, message) error{
		"of the client": (&server{}).finished, "of the server": (&client{}).finished,
	} {
		k := &Conn{secrets: secrets{suite: suites()[0], master: make([]byte, 48)}, transcript: []byte("as we have seen it")}
		ofClient := name == "of the client"
		other := k.secrets.finished(ofClient, []byte("as somebody else has"))
		var e *Error
		if err := take(k, message{kind: handshake.TypeFinished, body: other, epoch: 1}); !errors.As(err, &e) || e.Alert != alert.DecryptError || k.done {
			t.Errorf("%s: %v, done %t", name, err, k.done)
		}
		if err := take(k, message{kind: handshake.TypeFinished, body: k.secrets.finished(ofClient, k.transcript), epoch: 1}); err != nil || !k.done {
			t.Errorf("%s, the right one: %v, done %t", name, err, k.done)
		}
	}
}

// TestEpochs: a Finished that is not sealed, or anything else that is, belongs nowhere.
func TestEpochs(t *testing.T) {
	for _, m := range []message{{kind: handshake.TypeFinished}, {kind: handshake.TypeCertificate, epoch: 1}} {
		l := newLink(nil)
		l.ends[1].role = &server{expects: m.kind} // so that only the epoch is wrong
		l.ends[1].message(epoch, m)
		if err := l.ends[1].Err(); err == nil || err.Error() != unexpected(m.kind).Error() {
			t.Errorf("%v in epoch %d: %v", m.kind, m.epoch, err)
		}
	}
}

// TestReplay: what was recorded of a handshake and is sent again moves nobody, neither to
// an answer nor to an end; a client that did not get the last flight does.
func TestReplay(t *testing.T) {
	l := newLink(nil)
	var all [2][][]byte
	l.mangle = func(from int, b []byte) [][]byte {
		all[1-from] = append(all[1-from], append([]byte{}, b...))
		return [][]byte{b}
	}
	l.run()
	l.agreed(t)
	fatal := []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40}
	for i, e := range l.ends {
		for _, b := range append(all[i], fatal) {
			if out := e.Receive(l.now, home, b); len(out) > 0 {
				t.Errorf("end %d answers a replay with %d datagrams", i, len(out))
			}
		}
		if e.Err() != nil || !e.Done() {
			t.Errorf("end %d: %v", i, e.Err())
		}
	}
	for _, b := range l.ends[0].out.again() {
		if out := l.ends[1].Receive(l.now, home, b); len(out) != 1 {
			t.Errorf("a client that asks again gets %d datagrams", len(out))
		}
	}
}

// TestAlert: in the handshake an alert of the peer's ends it, once the peer has shown where
// it is.
func TestAlert(t *testing.T) {
	l := newLink(nil)
	l.verify()
	l.ends[0].Receive(epoch, home, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0}) // close_notify
	if err := l.ends[0].Err(); err == nil || err.Error() != "it refused: CloseNotify" {
		t.Error(err)
	}
	l.ends[1].Receive(epoch, home, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 90}) // a warning
	if err := l.ends[1].Err(); err != nil {
		t.Error(err)
	}
	l.ends[1].Receive(epoch, home, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 250})
	if err := l.ends[1].Err(); err == nil || err.Error() != "it refused: alert 250" {
		t.Error(err)
	}
}

// verify has the server know where the client is.
func (l *link) verify() {
	for range 2 {
		for _, hello := range l.ends[0].out.send(l.now) {
			for _, answer := range l.ends[1].Receive(l.now, home, hello) {
				if l.ends[1].role.awaits() {
					l.ends[0].Receive(l.now, home, answer)
				}
			}
		}
	}
}

// plain is a record of epoch 0 with one message, or a piece of one from its beginning.
func plain(record uint64, kind handshake.Type, sequence, length int, piece string) []byte {
	b := binary.BigEndian.AppendUint64([]byte{22, 254, 253}, record)
	b = append(b, 0, byte(12+len(piece)), byte(kind), 0, byte(length>>8), byte(length), byte(sequence>>8), byte(sequence), 0, 0, 0, 0, 0, byte(len(piece)))
	return append(b, piece...)
}

// TestBeforeTheCookie: until a hello has the cookie, nothing that anybody sends ends the
// handshake, stands in the place of what comes later, or takes the numbers of our records
// away.
func TestBeforeTheCookie(t *testing.T) {
	before := newLink(nil)
	var late [][]byte // the flights of another handshake between the same
	before.mangle = func(from int, b []byte) [][]byte {
		if from == 0 && len(late) < 3 {
			late = append(late, bytes.Clone(b))
		}
		return [][]byte{b}
	}
	before.run()
	last := bytes.Clone(late[0])
	copy(last[5:11], "\xff\xff\xff\xff\xff\xff")
	for name, first := range map[string][][]byte{
		"a hello that cannot be read":        {plain(0, handshake.TypeClientHello, 0, 3, "abc")},
		"a part of a hello that is longer":   {plain(0, handshake.TypeClientHello, 0, 999, "abc")},
		"a part of a hello that is as long":  {plain(0, handshake.TypeClientHello, 0, int(late[0][15])<<8+int(late[0][16]), "abc")},
		"the hello with the cookie, in part": {plain(0, handshake.TypeClientHello, 1, 999, "abc")},
		"another message":                    {plain(0, handshake.TypeCertificate, 0, 3, "abc")},
		"the messages after the hello":       {plain(0, handshake.TypeCertificate, 2, 3, "abc"), plain(0, handshake.TypeClientKeyExchange, 3, 3, "abc")},
		"a fatal alert":                      {{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40}},
		"the last number of a record":        {last, last, last},
		"a handshake before":                 late[1:],
		"records that are sealed":            {{22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9}, {22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 9}},
	} {
		l := newLink(func(c, s *Config) { c.Random, s.Random = seeded(13), seeded(14) })
		for _, b := range first {
			l.ends[1].Receive(l.now, home, bytes.Clone(b))
		}
		if n := len(l.ends[1].early); n > 0 {
			t.Errorf("%s: %d records wait for a key", name, n)
		}
		l.run()
		if l.ends[1].Err() != nil || !l.ends[1].Done() || l.now != epoch {
			t.Errorf("%s: %v, done %t, after %v", name, l.ends[1].Err(), l.ends[1].Done(), l.now.Sub(epoch))
		}
	}
}

// TestCookieOfAnother: the cookie of a host opens nothing at another.
func TestCookieOfAnother(t *testing.T) {
	l := newLink(nil)
	for _, hello := range l.ends[0].Advance(l.now) {
		for _, answer := range l.ends[1].Receive(l.now, home, hello) {
			for _, again := range l.ends[0].Receive(l.now, home, answer) {
				for _, out := range l.ends[1].Receive(l.now, netip.MustParseAddr("203.0.113.9"), again) {
					if len(out) > len(again) || l.ends[1].Proven() {
						t.Errorf("another host is answered with %d octets; proven %t", len(out), l.ends[1].Proven())
					}
				}
				if l.ends[1].Receive(l.now, netip.MustParseAddr("::ffff:192.0.2.1"), again); !l.ends[1].Proven() {
					t.Error("the host itself has proven nothing")
				}
			}
		}
	}
	if !l.ends[1].Proven() {
		t.Error("nothing was tried")
	}
}

// TestUnreadableHello: who waits in vain says what came instead.
func TestUnreadableHello(t *testing.T) {
	l := newLink(nil)
	l.lost = func(from, _ int) bool { return from == 0 }
	l.ends[1].Receive(l.now, home, plain(0, handshake.TypeClientHello, 0, 3, "abc"))
	l.run()
	if err := l.ends[1].Err(); err == nil || !strings.HasPrefix(err.Error(), "no answer came in 31s; its ClientHello cannot be read") {
		t.Error(err)
	}
	if l.ends[1].Heard() {
		t.Error("that was heard")
	}
	l = newLink(nil)
	l.ends[1].Receive(l.now, home, plain(0, handshake.TypeClientHello, 0, 3, "abc"))
	l.lost = func(from, n int) bool { return from == 1 || n > 0 }
	l.run()
	if err := l.ends[1].Err(); err == nil || err.Error() != "it answered, and then no more for 31s" || !l.ends[1].Heard() {
		t.Errorf("after a hello that can be read: %v", err)
	}
}

// TestInboxBounds: a message that is too long, or too far ahead, is not kept, and no length
// is believed.
func TestInboxBounds(t *testing.T) {
	var b inbox
	b.add(handshake.Header{Type: 11, Length: maxMessage + 1, FragmentLength: 1}, 0, []byte{1})
	b.add(handshake.Header{Type: 11, Length: 2, MessageSequence: maxAhead, FragmentLength: 2}, 0, []byte{1, 2})
	for i, p := range b.parts {
		if p != nil {
			t.Errorf("part %d is kept", i)
		}
	}
	b.add(handshake.Header{Type: 11, Length: 4, FragmentLength: 1}, 0, []byte{1})
	b.add(handshake.Header{Type: 11, Length: 4, FragmentOffset: 3, FragmentLength: 2}, 0, []byte{9, 9}) // beyond
	b.add(handshake.Header{Type: 12, Length: 4, FragmentOffset: 1, FragmentLength: 3}, 0, []byte{9, 9, 9})
	b.add(handshake.Header{Type: 11, Length: 4, FragmentOffset: 1, FragmentLength: 3}, 1, []byte{9, 9, 9})
	if _, ok := b.take(); ok {
		t.Error("a message of scraps is whole")
	}
	b.add(handshake.Header{Type: 11, Length: 4, FragmentOffset: 0, FragmentLength: 4}, 0, []byte{8, 2, 3, 4})
	if m, ok := b.take(); !ok || string(m.body) != "\x01\x02\x03\x04" {
		t.Errorf("%v, %t", m, ok)
	}
	for i := range maxPieces + 1 {
		b.add(handshake.Header{Type: 11, MessageSequence: 1, Length: maxMessage, FragmentOffset: uint32(2 * i), FragmentLength: 1}, 0, []byte{1})
	}
	if p := b.parts[1]; p.pieces != maxPieces {
		t.Errorf("%d pieces", p.pieces)
	}
}

// TestInboxRestart: a hello that is whole, or whose parts are of another than those before,
// is not made of them.
func TestInboxRestart(t *testing.T) {
	part := func(length, at int, body string) func(*inbox) {
		h := handshake.Header{Type: 1, Length: uint32(length), FragmentOffset: uint32(at), FragmentLength: uint32(len(body))}
		return func(b *inbox) {
			b.restart(h)
			b.add(h, 0, []byte(body))
		}
	}
	for name, parts := range map[string][]func(*inbox){
		"whole":                       {part(4, 0, "xx"), part(4, 0, "abcd")},
		"in two parts, another first": {part(9, 0, "xx"), part(4, 0, "ab"), part(4, 2, "cd")},
		"the second part first":       {part(4, 2, "cd"), part(4, 0, "ab")},
	} {
		var b inbox
		for _, p := range parts {
			p(&b)
		}
		if m, ok := b.take(); !ok || string(m.body) != "abcd" {
			t.Errorf("%s: %q, %t", name, m.body, ok)
		}
	}
}

// TestMatch: the best hash function that the peer names counts, and any of its values.
func TestMatch(t *testing.T) {
	der := two()[0].der
	good, weak := fingerprintOf(crypto.SHA256, der), fingerprintOf(crypto.SHA1, der)
	bad := fingerprintOf(crypto.SHA256, []byte("another"))
	for name, test := range map[string]struct {
		list []Fingerprint
		want bool
	}{
		"it":                          {[]Fingerprint{good}, true},
		"another and it":              {[]Fingerprint{bad, good}, true},
		"by SHA-1 alone":              {[]Fingerprint{weak}, true},
		"another, and it by SHA-1":    {[]Fingerprint{bad, weak}, false},
		"of a hash that is not known": {[]Fingerprint{{"md5", good.Value}}, false},
		"none":                        {nil, false},
	} {
		if got := match(der, test.list); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
