package media

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// sealed is what both ends of a call have agreed on, seen from one of them: key numbers
// its own key.
func sealed(suite sdp.Suite, own, other byte) sdp.SRTP {
	return sdp.SRTP{By: sdp.SDES, Suite: suite, Out: testKey(suite, own), In: testKey(suite, other), Tag: 1}
}

// testKey is a key of the right length for a suite.
func testKey(suite sdp.Suite, n byte) sdp.Key {
	master, salt := 16, 14
	switch suite {
	case sdp.GCM128:
		salt = 12
	case sdp.GCM256:
		master, salt = 32, 12
	case sdp.AES256SHA80, sdp.AES256SHA32:
		master = 32
	}
	return sdp.KeyOf(bytes.Repeat([]byte{n}, master), bytes.Repeat([]byte{n}, salt))
}

// seals has both ends of a pair agree on how their packets are protected.
func (p *pair) seals(a, b sdp.SRTP) {
	for e, how := range map[*end]sdp.SRTP{p.a: a, p.b: b} {
		n := e.n
		n.SRTP = how
		e.Renegotiate(p.now, n)
	}
}

// onePacket is a packet of RTP.
func onePacket() []byte {
	out := newSender(rand.New(rand.NewPCG(1, 1)), agreed(addrB).Codec)
	return out.finish(make([]byte, headerLen+160), 0, 7, true)
}

func everySuite(t *testing.T, test func(t *testing.T, suite sdp.Suite)) {
	for _, suite := range []sdp.Suite{sdp.AES128SHA80, sdp.AES128SHA32, sdp.GCM128, sdp.GCM256, sdp.AES256SHA80, sdp.AES256SHA32} {
		t.Run(string(suite), func(t *testing.T) { test(t, suite) })
	}
}

func TestSealedCall(t *testing.T) {
	everySuite(t, func(t *testing.T, suite sdp.Suite) {
		p := newPair(1)
		p.seals(sealed(suite, 1, 2), sealed(suite, 2, 1))
		p.run(8 * time.Second)
		wantTone(t, p.b.ear[8000:], 440, 0.99)
		wantTone(t, p.a.ear[8000:], 1000, 0.99)
		s := p.b.Stats(p.now)
		if s.Sent != 400 || s.Lost != 0 || s.Foreign != 0 || s.FarOf == 0 {
			t.Errorf("statistics of a call with SRTP: %+v", s)
		}
	})
}

// What is sent is longer by what the session reckons with, and not what was said.
func TestSealedPacket(t *testing.T) {
	everySuite(t, func(t *testing.T, suite sdp.Suite) {
		a := newSeal(sealed(suite, 1, 2), nil)
		plain := onePacket()
		data := a.protect(plain)
		if len(data) != len(plain)+a.longer() || bytes.Contains(data, plain[headerLen:headerLen+20]) {
			t.Errorf("%d octets became %d: %x", len(plain), len(data), data)
		}
		b := newSeal(sealed(suite, 2, 1), nil)
		back, err := b.open(data)
		if err != nil || !bytes.Equal(back, plain) {
			t.Errorf("opened %x, %v", back, err)
		}
		if _, err = b.open(data); err != errReplayed {
			t.Errorf("the same once more: %v", err)
		}
		data[len(data)-1] ^= 1
		if _, err = newSeal(sealed(suite, 2, 1), nil).open(data); err != errNotOpened {
			t.Errorf("a bit is wrong: %v", err)
		}
		if _, err = b.open(plain); err != errNotOpened && err != errReplayed {
			t.Errorf("plain: %v", err)
		}
	})
}

// A packet too short to be opened is no copy of another.
func TestSealedPacketTooShort(t *testing.T) {
	a, b := newSeal(sealed(sdp.AES128SHA80, 1, 2), nil), newSeal(sealed(sdp.AES128SHA80, 2, 1), nil)
	data := a.protect(onePacket())
	if _, err := b.open(data); err != nil {
		t.Fatal(err)
	}
	for n := 8; n < headerLen+10; n++ {
		if _, err := b.open(data[:n]); err != errNotOpened {
			t.Errorf("%d octets: %v", n, err)
		}
	}
}

// Without keys nothing is sent, and nothing is taken (RFC 5763 §5): they may be agreed on
// where the audio goes.
func TestNothingWithoutKeys(t *testing.T) {
	p := newPair(1)
	p.shakes(true, "")
	begins := func(id string, active bool) {
		for _, e := range []*end{p.a, p.b} {
			n := e.cfg.Negotiated
			n.DTLS.ID, n.DTLS.Active = id, active && e == p.a
			e.Renegotiate(p.now, n)
		}
	}
	begins("nobody", false)
	p.run(3 * time.Second)
	if a, b := p.a.Stats(p.now), p.b.Stats(p.now); a.Sent+b.Sent != 0 || a.FarOf != 0 || p.a.out.carried != 0 {
		t.Errorf("sent %d and %d packets without a key", a.Sent, b.Sent)
	}
	begins("a", true)
	at := len(p.b.ear)
	p.run(4 * time.Second)
	wantTone(t, p.b.ear[at+8000:], 440, 0.98)
}

// A new key begins its counters anew; what was sent with the old one is still played.
func TestNewKeys(t *testing.T) {
	p := newPair(1)
	p.seals(sealed(sdp.AES128SHA80, 1, 2), sealed(sdp.AES128SHA80, 2, 1))
	p.run(3 * time.Second)
	p.seals(sealed(sdp.GCM256, 3, 2), sealed(sdp.GCM256, 2, 3))
	p.run(3 * time.Second)
	s := p.b.Stats(p.now)
	if s.Lost != 0 || s.Foreign != 0 {
		t.Errorf("keys were changed: %+v", s)
	}
	wantTone(t, p.b.ear[8000:], 440, 0.99)
	if p.b.keys.seal.before != nil {
		t.Error("the old key opens still")
	}
	at := p.b.keys.seal.in
	p.seals(sealed(sdp.GCM256, 3, 2), sealed(sdp.GCM256, 2, 3))
	if p.b.keys.seal.in != at {
		t.Error("the same key has begun anew")
	}
}

// A key that comes back, after another or after plain audio, goes on with its counters: no
// two packets are protected by the same of it (RFC 3711 §9.1).
func TestKeyComesBack(t *testing.T) {
	everySuite(t, func(t *testing.T, suite sdp.Suite) {
		first, other := sealed(suite, 1, 2), sealed(sdp.GCM128, 3, 4)
		s := New(Config{Negotiated: withSRTP(first), Local: addrA, Rand: rand.New(rand.NewPCG(1, 0))}, epoch)
		reports := map[string]bool{}
		for n, next := range []sdp.SRTP{first, other, first, {}, first, first} {
			s.Renegotiate(epoch, withSRTP(next))
			if next.By == sdp.Plain {
				continue
			}
			report := string(s.keys.seal.protectControl([]byte{0x80, 201, 0, 1, 0, 0, 0, 1}))
			if reports[report] {
				t.Errorf("report %d is protected as one before", n)
			}
			reports[report] = true
		}
		for n := range 3 * maxOwnKeys {
			s.Renegotiate(epoch, withSRTP(sealed(suite, byte(10+n), 2)))
		}
		if len(s.keys.ours) != maxOwnKeys {
			t.Errorf("%d keys are remembered", len(s.keys.ours))
		}
	})
}

// The peer's streams under one key are bounded: each one is remembered.
func TestSealedSources(t *testing.T) {
	a, b := newSeal(sealed(sdp.GCM128, 1, 2), nil), newSeal(sealed(sdp.GCM128, 2, 1), nil)
	out := newSender(rand.New(rand.NewPCG(1, 1)), agreed(addrB).Codec)
	for n := range maxSources + 3 {
		out.ssrc = uint32(n)
		_, err := b.open(a.protect(out.finish(make([]byte, headerLen+160), 0, 7, true)))
		if want := n < maxSources; (err == nil) != want {
			t.Fatalf("source %d: %v", n, err)
		}
	}
}

// The first sequence numbers are in the lower half, whatever is drawn.
func TestSealedBeginsLow(t *testing.T) {
	for seed := range uint64(20) {
		s := New(Config{Negotiated: withSRTP(sealed(sdp.GCM128, 1, 2)), Local: addrA, Rand: rand.New(rand.NewPCG(seed, 0))}, epoch)
		if s.out.sequence >= 1<<15 {
			t.Errorf("seed %d: begins with %d", seed, s.out.sequence)
		}
	}
}

func withSRTP(s sdp.SRTP) sdp.Negotiated {
	n := agreed(addrB)
	n.SRTP = s
	return n
}
