package dtls

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"
)

// Config is what one end of a handshake knows.
type Config struct {
	// Client says that we begin (a=setup:active, RFC 4145); the other end is the server.
	Client bool
	// Identity is what we show.
	Identity *Identity
	// Fingerprints are those of the peer's SDP, at least one.
	Fingerprints []Fingerprint
	// Profiles are those that we have, the best first.
	Profiles []Profile
	// Random fills octets that keys are made of.
	Random func([]byte)
}

// Keys are what a handshake is for.
type Keys struct {
	Profile     Profile
	Local       Key // protects what we send
	Remote      Key // what the peer sends
	Fingerprint Fingerprint
}

// A Key is the master key of one direction.
type Key struct{ Key, Salt []byte }

// maxEarly is how many records wait for the key that opens them (our own number): that of
// the Finished, and the same once more.
const maxEarly = 2

// maxFollowed is the last record of a hello whose number ours follow (our own number, half
// of those that there are): a client counts from 0, and what we send has to have numbers
// that are left.
const maxFollowed = 1<<47 - 1

// A role is what the two ends do not do alike.
type role interface {
	// begin prepares what is sent first.
	begin(k *Conn)
	// take acts on a message. It prepares a flight, if one is due.
	take(k *Conn, m message) error
	// awaits reports whether a hello is waited for that shows where it comes from. Until
	// then anybody may be speaking, and nothing that is no hello counts.
	awaits() bool
}

// A Conn is one handshake, and the association that comes of it. It is a pure machine.
type Conn struct {
	cfg        Config
	role       role
	in         inbox
	out        outbox
	early      [][]byte
	opened     uint64 // the sequence number after the last sealed record that came
	secrets    secrets
	profile    Profile
	transcript []byte
	peer       *x509.Certificate
	from       netip.Addr // where the datagram in hand comes from
	heard      bool       // the peer has sent a message
	proven     bool       // and has received one
	sends      bool       // a flight is prepared that was not sent yet
	waits      bool       // and it is to be answered
	done       bool
	doubt      error // why the last hello was not taken, before any showed where it comes from
	err        error
}

// New begins a handshake. What it sends first, Advance gives at once.
func New(cfg Config, now time.Time) *Conn {
	k := &Conn{cfg: cfg, role: &server{}}
	if cfg.Client {
		k.role = &client{}
	}
	k.role.begin(k)
	k.waits, k.out.deadline = true, now
	return k
}

// Done reports whether both ends have proven that they know the keys.
func (k *Conn) Done() bool { return k.done }

// Heard reports whether the peer has sent a message that belongs to the handshake.
func (k *Conn) Heard() bool { return k.heard }

// Proven reports whether the peer has shown that it receives. That of a server knows the
// cookie of the host that its hello came from; that of a client has signed for our random,
// and is where that was sent to, wherever its datagrams come from.
func (k *Conn) Proven() bool { return k.proven || k.done }

// Err is why there are no keys, an [*Error]; nil while the handshake goes on, and after it.
func (k *Conn) Err() error { return k.err }

// Deadline is when Advance wants to be called next.
func (k *Conn) Deadline() time.Time { return k.out.deadline }

// Advance returns the datagrams that are due at now.
func (k *Conn) Advance(now time.Time) [][]byte {
	switch {
	case !k.out.overdue(now):
		return nil
	case k.out.tries == maxTries:
		k.end(unanswered(Patience, k.heard, k.doubt)) // whom nothing reaches, an alert does not either
		return nil
	}
	return k.out.send(now)
}

// Receive takes in a datagram that comes from a host, and returns the datagrams that answer
// it, which are for there.
func (k *Conn) Receive(now time.Time, from netip.Addr, datagram []byte) [][]byte {
	if k.err != nil {
		return nil
	}
	k.from = from
	records, err := recordlayer.UnpackDatagram(datagram)
	if err != nil {
		return nil // RFC 6347 §4.1.2.7: what is not valid is silently discarded
	}
	var out [][]byte
	for _, r := range records {
		out = append(out, k.record(now, slices.Clone(r))...)
	}
	return out
}

// record takes in one record, which it may overwrite.
func (k *Conn) record(now time.Time, r []byte) [][]byte {
	var h recordlayer.Header
	switch {
	case k.err != nil, h.Unmarshal(r) != nil, h.ContentType == protocol.ContentTypeConnectionID:
		return nil
	case h.Epoch == 0:
		return k.content(now, h, r[h.Size():])
	case h.Epoch > 1, h.ContentType == protocol.ContentTypeChangeCipherSpec:
		return nil
	case k.secrets.cipher == nil:
		if len(k.early) < maxEarly && !k.role.awaits() {
			k.early = append(k.early, r)
		}
		return nil
	case h.SequenceNumber < k.opened: // it was here before, or is of no use any more
		return nil
	}
	plain, err := k.secrets.cipher.Decrypt(h, r)
	if err != nil {
		return nil
	}
	k.opened = h.SequenceNumber + 1
	return k.content(now, h, plain[h.Size():])
}

// content acts on what a record carries. That of a ChangeCipherSpec is in the epoch of the
// records after it.
func (k *Conn) content(now time.Time, h recordlayer.Header, data []byte) [][]byte {
	switch h.ContentType {
	case protocol.ContentTypeAlert:
		k.alerted(h, data)
	case protocol.ContentTypeHandshake:
		return k.fragments(now, h, data)
	}
	return nil
}

// alerted takes in an alert. After the handshake it says that the peer is leaving, which
// is for the signalling to say; one that is not sealed then may be anybody's.
func (k *Conn) alerted(h recordlayer.Header, data []byte) {
	var a alert.Alert
	if k.done || k.role.awaits() || a.Unmarshal(data) != nil || a.Level != alert.Fatal && a.Description != alert.CloseNotify {
		return
	}
	k.end(refused(a.Description))
}

// fragments takes in the messages of a record, or pieces of them.
func (k *Conn) fragments(now time.Time, record recordlayer.Header, data []byte) (out [][]byte) {
	for len(data) > 0 && k.err == nil {
		var h handshake.Header
		if h.Unmarshal(data) != nil || int(h.FragmentLength) > len(data)-handshake.HeaderLength {
			return out
		}
		end := handshake.HeaderLength + int(h.FragmentLength)
		out = append(out, k.fragment(now, record, h, data[handshake.HeaderLength:end])...)
		data = data[end:]
	}
	return out
}

func (k *Conn) fragment(now time.Time, record recordlayer.Header, h handshake.Header, data []byte) (out [][]byte) {
	if k.done {
		if record.Epoch == 1 && !k.cfg.Client && h.Type == handshake.TypeFinished {
			return k.out.again() // our last flight was lost (RFC 6347 §4.2.4)
		}
		return nil
	}
	if k.role.awaits() {
		if h.Type != handshake.TypeClientHello || record.Epoch != 0 || record.SequenceNumber > maxFollowed {
			return nil
		}
		k.in.restart(h)
		// Of hellos that go with no state, the numbers follow the peer's (RFC 6347 §4.2.1).
		k.out.records[0] = max(k.out.records[0], record.SequenceNumber)
	}
	k.in.add(h, record.Epoch, data)
	for k.err == nil && !k.done {
		m, ok := k.in.take()
		if !ok {
			break
		}
		out = append(out, k.message(now, m)...)
	}
	return out
}

// message acts on a message whose turn it is.
func (k *Conn) message(now time.Time, m message) [][]byte {
	if sealed := m.kind == handshake.TypeFinished; sealed != (m.epoch == 1) {
		return k.fail(unexpected(m.kind))
	}
	if err := k.role.take(k, m); err != nil {
		return k.fail(err)
	}
	k.heard = k.heard || k.doubt == nil
	var out [][]byte
	switch {
	case k.sends && k.waits:
		out = k.out.send(now)
	case k.sends:
		out = k.out.again()
	}
	switch {
	case k.done:
		k.out.rest()
	case k.sends && !k.waits:
		k.out.begin() // it is not sent again, but when the peer says its own again
	}
	k.sends = false
	return append(out, k.late(now)...)
}

// late opens the records that came before their key.
func (k *Conn) late(now time.Time) (out [][]byte) {
	if k.secrets.cipher == nil {
		return nil
	}
	early := k.early
	k.early = nil
	for _, r := range early {
		out = append(out, k.record(now, r)...)
	}
	return out
}

// fly says that the flight is prepared; answered, if it is sent again until it is.
func (k *Conn) fly(answered bool) { k.sends, k.waits = true, answered }

// write puts a message into the flight and into the hash of the handshake.
func (k *Conn) write(kind handshake.Type, epoch uint16, body []byte) {
	k.transcript = append(k.transcript, k.out.add(kind, epoch, body)...)
}

// seals makes the keys, with which we write from now on.
func (k *Conn) seals(shared []byte) error {
	if err := k.secrets.agree(shared, k.transcript, k.cfg.Client); err != nil {
		return err
	}
	k.out.cipher = k.secrets.cipher.Encrypt
	return nil
}

// fail ends the handshake, and tells the peer.
func (k *Conn) fail(err error) [][]byte {
	k.end(err)
	var e *Error
	if !errors.As(err, &e) {
		return nil
	}
	return k.out.alert(alert.Fatal, e.Alert)
}

func (k *Conn) end(err error) {
	k.err = err
	k.out.rest()
	k.early, k.in = nil, inbox{}
}

// srtpLabel is that of the keys of SRTP (RFC 5764 §4.2).
const srtpLabel = "EXTRACTOR-dtls_srtp"

// Keys are what was agreed, once the handshake is done.
func (k *Conn) Keys() Keys {
	key, salt := lengths(k.profile)
	rest := k.secrets.export(srtpLabel, 2*(key+salt))
	next := func(n int) []byte {
		b := rest[:n:n]
		rest = rest[n:]
		return b
	}
	var c, s Key
	c.Key, s.Key, c.Salt, s.Salt = next(key), next(key), next(salt), next(salt)
	if !k.cfg.Client {
		c, s = s, c
	}
	return Keys{Profile: k.profile, Local: c, Remote: s, Fingerprint: fingerprintOf(sha256Hash, k.peer.Raw)}
}

// KeyLog is the master secret in the form of a key log, with which Wireshark opens the
// records: a line of CLIENT_RANDOM.
func (k *Conn) KeyLog() string { return keyLogLine(k.secrets.client, k.secrets.master) }
