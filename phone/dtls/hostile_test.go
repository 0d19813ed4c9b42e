package dtls

import (
	"crypto"
	"errors"
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
			if out := e.Receive(l.now, b); len(out) > 0 {
				t.Errorf("end %d answers a replay with %d datagrams", i, len(out))
			}
		}
		if e.Err() != nil || !e.Done() {
			t.Errorf("end %d: %v", i, e.Err())
		}
	}
	for _, b := range l.ends[0].out.again() {
		if out := l.ends[1].Receive(l.now, b); len(out) != 1 {
			t.Errorf("a client that asks again gets %d datagrams", len(out))
		}
	}
}

// TestAlert: in the handshake an alert of the peer's ends it.
func TestAlert(t *testing.T) {
	l := newLink(nil)
	l.ends[0].Receive(epoch, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0}) // close_notify
	if err := l.ends[0].Err(); err == nil || err.Error() != "it refused: CloseNotify" {
		t.Error(err)
	}
	l.ends[1].Receive(epoch, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 90}) // a warning
	if err := l.ends[1].Err(); err != nil {
		t.Error(err)
	}
	l.ends[1].Receive(epoch, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 250})
	if err := l.ends[1].Err(); err == nil || err.Error() != "it refused: alert 250" {
		t.Error(err)
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
