package app

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/dtls"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// certified is the peer with a certificate.
func certified() (sdp.Local, *dtls.Identity) {
	random := func(b []byte) {
		for i := range b {
			b[i] = byte(i + 7)
		}
	}
	id := dtls.NewIdentity(random)
	p := peer()
	p.Keys, p.Fingerprint = sdp.NewKeyring(random), func() string { return id.Fingerprint().String() }
	return p, id
}

// TestEarlyHandshake: the hello of who answers our offer comes before the answer does, and is
// answered as soon as that is there; what else comes early is nobody's.
func TestEarlyHandshake(t *testing.T) {
	b := newBoard(t, Config{SRTP: sdp.Required, DTLS: true})
	b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "bob") })
	b.bound(1)
	p, id := certified()
	offer := b.App.board.calls[0].voice.terms.ours
	answer, agreed, err := p.Answer(offer)
	if err != nil {
		t.Fatal(err)
	}
	ours, _ := dtls.ParseFingerprint(agreed.DTLS.Fingerprints)
	peer := dtls.New(dtls.Config{Client: true, Identity: id, Fingerprints: []dtls.Fingerprint{ours}, Profiles: dtls.Profiles(), Random: func(b []byte) { clear(b) }}, b.now)
	from := netip.MustParseAddrPort("192.0.2.20:4000")
	for _, hello := range peer.Advance(b.now) {
		b.signal(system.Received{Socket: 1, From: from, Data: []byte("no handshake")})
		b.signal(system.Received{Socket: 1, From: from, Data: hello})
	}
	if n := len(b.App.board.calls[0].voice.early); n != 1 {
		t.Fatalf("%d datagrams are kept", n)
	}
	answered := 0
	b.does(func() []system.Effect {
		b.notice(b.now, b.lines[0], control.Accepted{ID: b.App.board.calls[0].id, Body: answer})
		effects := b.out.take()
		for _, e := range effects {
			if s, ok := e.(system.Send); ok && media.IsDTLS(s.Data) && s.To == from {
				answered++
			}
		}
		return effects
	})
	if answered != 1 {
		t.Errorf("the hello was answered %d times", answered)
	}
}

// TestEarlyBounded: who floods a call that is not answered yet is not remembered, and does
// not keep the server out.
func TestEarlyBounded(t *testing.T) {
	var e early
	e.keep(system.Received{Data: append([]byte{22, 254, 253}, make([]byte, 60000)...)}, true)
	if len(e) != 0 {
		t.Error("a datagram of 60003 octets is kept")
	}
	for range 100 {
		e.keep(system.Received{Data: []byte{22, 254, 253}}, false)
	}
	if e.keep(system.Received{Data: []byte{22, 254, 253, 9}}, false); len(e[maxEarly-1].Data) != 3 {
		t.Error("one stranger pushes out another")
	}
	for n := range byte(2) {
		e.keep(system.Received{Data: []byte{22, 254, 253, n}}, true)
	}
	e.keep(system.Received{Data: []byte{22, 254, 253}}, false)
	known := 0
	for _, a := range e {
		if a.known && len(a.Data) == 4 {
			known++
		}
	}
	if len(e) != maxEarly || known != 2 {
		t.Errorf("%d datagrams are kept, %d of the server's", len(e), known)
	}
	for range 100 {
		e.keep(system.Received{Data: []byte{22, 254, 253}}, true)
	}
	if len(e) != maxEarly || e[0].Data[len(e[0].Data)-1] != 0 {
		t.Errorf("%d datagrams are kept, and the first is %v", len(e), e[0].Data)
	}
}

// TestEarlyOfOldSockets: what came by sockets that were lost is not given to the session.
func TestEarlyOfOldSockets(t *testing.T) {
	b := newBoard(t, Config{SRTP: sdp.Required, DTLS: true})
	b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "bob") })
	b.bound(1)
	b.signal(system.Received{Socket: 1, From: netip.MustParseAddrPort("192.0.2.20:4000"), Data: []byte{22, 254, 253}})
	v := &b.App.board.calls[0].voice
	if len(v.early) != 1 {
		t.Fatalf("%d datagrams are kept", len(v.early))
	}
	if b.App.board.voicing.rebind(v, "a test"); len(v.early) != 0 {
		t.Errorf("%d datagrams are kept of the old sockets", len(v.early))
	}
}

// TestAnotherAssociation: after a handshake that has failed, the next offer names another
// association, and before it has, the same.
func TestAnotherAssociation(t *testing.T) {
	b := newBoard(t, Config{SRTP: sdp.Required, DTLS: true})
	b.user(func(now time.Time, _ int) ([]system.Effect, error) { return b.Call(now, "", "bob") })
	b.bound(1)
	p, _ := certified()
	v := &b.App.board.calls[0].voice
	answer, _, err := p.Answer(v.terms.ours)
	if err != nil {
		t.Fatal(err)
	}
	b.does(func() []system.Effect {
		b.notice(b.now, b.lines[0], control.Accepted{ID: b.App.board.calls[0].id, Body: answer})
		return b.out.take()
	})
	name := func() string {
		_, rest, _ := strings.Cut(string(v.offer()), "a=tls-id:")
		id, _, _ := strings.Cut(rest, "\r\n")
		return id
	}
	first := name()
	for range 40 { // nobody answers
		b.now = b.now.Add(time.Second)
		v.session.Advance(b.now)
	}
	if next := name(); first == "" || next == first || !v.session.Unkeyed() {
		t.Errorf("the association is named %q, and %q after a failure", first, next)
	}
}
