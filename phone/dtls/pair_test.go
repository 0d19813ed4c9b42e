package dtls

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	home  = netip.MustParseAddr("192.0.2.1") // where both ends are
)

// seeded draws the same octets each time.
func seeded(seed byte) func([]byte) {
	r := rand.NewChaCha8([32]byte{seed})
	return func(b []byte) { _, _ = r.Read(b) }
}

// A link carries the datagrams of two ends; lost says which of them it loses, by their
// number in order.
type link struct {
	now    time.Time
	ends   [2]*Conn // client, server
	lost   func(from, n int) bool
	sent   [2]int
	queue  []flying
	mangle func(from int, b []byte) [][]byte
}

type flying struct {
	to   int
	data []byte
}

func (l *link) send(from int, list [][]byte) {
	for _, d := range list {
		n := l.sent[from]
		l.sent[from]++
		if l.lost != nil && l.lost(from, n) {
			continue
		}
		all := [][]byte{d}
		if l.mangle != nil {
			all = l.mangle(from, d)
		}
		for _, d := range all {
			l.queue = append(l.queue, flying{1 - from, d})
		}
	}
}

// run runs until nothing is due any more.
func (l *link) run() {
	for {
		for len(l.queue) > 0 {
			f := l.queue[0]
			l.queue = l.queue[1:]
			l.send(f.to, l.ends[f.to].Receive(l.now, home, f.data))
		}
		var due time.Time
		for _, e := range l.ends {
			if d := e.Deadline(); !d.IsZero() && (due.IsZero() || d.Before(due)) {
				due = d
			}
		}
		if due.IsZero() {
			return
		}
		if due.After(l.now) {
			l.now = due
		}
		for i, e := range l.ends {
			l.send(i, e.Advance(l.now))
		}
	}
}

// two are the identities of a client and a server.
var two = sync.OnceValue(func() [2]*Identity {
	return [2]*Identity{NewIdentity(seeded(1)), NewIdentity(seeded(2))}
})

// newLink is a link between a client and a server that trust each other.
func newLink(change func(client, server *Config)) *link {
	c := Config{Client: true, Identity: two()[0], Profiles: Profiles(), Random: seeded(3)}
	s := Config{Identity: two()[1], Profiles: Profiles(), Random: seeded(4)}
	c.Fingerprints, s.Fingerprints = []Fingerprint{s.Identity.Fingerprint()}, []Fingerprint{c.Identity.Fingerprint()}
	if change != nil {
		change(&c, &s)
	}
	return &link{now: epoch, ends: [2]*Conn{New(c, epoch), New(s, epoch)}}
}

// agreed checks that both ends have the same keys.
func (l *link) agreed(t *testing.T) Keys {
	t.Helper()
	c, s := l.ends[0], l.ends[1]
	if !c.Done() || !s.Done() {
		t.Fatalf("not done: client %v %v, server %v %v", c.Done(), c.Err(), s.Done(), s.Err())
	}
	a, b := c.Keys(), s.Keys()
	if a.Profile != b.Profile || !bytes.Equal(a.Local.Key, b.Remote.Key) || !bytes.Equal(a.Remote.Key, b.Local.Key) ||
		!bytes.Equal(a.Local.Salt, b.Remote.Salt) || !bytes.Equal(a.Remote.Salt, b.Local.Salt) {
		t.Fatalf("client has %x, server %x", a, b)
	}
	if bytes.Equal(a.Local.Key, a.Remote.Key) {
		t.Error("both directions have one key")
	}
	return a
}

// TestHandshake: both ends agree, and the keys have the lengths of the profile.
func TestHandshake(t *testing.T) {
	for _, p := range Profiles() {
		l := newLink(func(c, s *Config) { c.Profiles = []Profile{p} })
		l.run()
		k := l.agreed(t)
		key, salt := lengths(p)
		if k.Profile != p || len(k.Local.Key) != key || len(k.Local.Salt) != salt {
			t.Errorf("%v: %+v", p, k)
		}
		if took := l.now.Sub(epoch); took != 0 {
			t.Errorf("it took %v without a loss", took)
		}
	}
}

// TestSame: the same random octets make the same handshake.
func TestSame(t *testing.T) {
	first, again, other := newLink(nil), newLink(nil), newLink(func(c, _ *Config) { c.Random = seeded(9) })
	first.run()
	again.run()
	other.run()
	if a, b := first.agreed(t), again.agreed(t); !bytes.Equal(a.Local.Key, b.Local.Key) {
		t.Error("two runs from one seed differ")
	}
	if a, b := first.agreed(t), other.agreed(t); bytes.Equal(a.Local.Key, b.Local.Key) {
		t.Error("two seeds make the same keys")
	}
}

// TestPreference: the server's order counts.
func TestPreference(t *testing.T) {
	l := newLink(func(c, s *Config) {
		c.Profiles, s.Profiles = []Profile{AES128SHA80, GCM256}, []Profile{GCM128, GCM256, AES128SHA80}
	})
	l.run()
	if k := l.agreed(t); k.Profile != GCM256 {
		t.Errorf("agreed on %v", k.Profile)
	}
}

// TestLoss: whichever datagram is lost, and whichever two, the handshake comes to its end;
// a timer that is not a second, and doubles, is found by when.
func TestLoss(t *testing.T) {
	for a := range 8 {
		for b := range 8 {
			l := newLink(nil)
			l.lost = func(from, n int) bool { return 2*n+from == a || 2*n+from == b }
			l.run()
			l.agreed(t)
			if took := l.now.Sub(epoch); took > 7*time.Second {
				t.Errorf("without %d and %d it took %v", a, b, took)
			}
		}
	}
}

// TestLossTimes: the first retransmission comes after a second, the next after two more
// (RFC 6347 §4.2.4.1).
func TestLossTimes(t *testing.T) {
	for losses, want := range []time.Duration{0, 1, 3, 7, 15} {
		l := newLink(nil)
		l.lost = func(from, n int) bool { return from == 0 && n < losses }
		l.run()
		l.agreed(t)
		if took := l.now.Sub(epoch); took != want*time.Second {
			t.Errorf("after %d losses it took %v, want %v", losses, took, want*time.Second)
		}
	}
}

// TestSlept: whoever slept in the middle of a handshake goes on where it was, as if the time
// had stood still.
func TestSlept(t *testing.T) {
	l := newLink(nil)
	l.ends[0].Advance(l.now) // its hello is lost
	l.ends[1].Advance(l.now)
	l.now = l.now.Add(time.Hour)
	l.run()
	l.agreed(t)
	if late := l.now.Sub(epoch) - time.Hour; late != 0 {
		t.Errorf("it took %v after an hour's sleep", late)
	}
}

// TestDuplicates: everything may come twice, the wrong way round, and octet by octet.
func TestDuplicates(t *testing.T) {
	for name, mangle := range map[string]func(int, []byte) [][]byte{
		"twice":    func(_ int, b []byte) [][]byte { return [][]byte{b, b} },
		"scraps":   func(_ int, b []byte) [][]byte { return [][]byte{b[:len(b)/2], b} },
		"reversed": func(_ int, b []byte) [][]byte { return reversed(b) },
		"cut":      func(_ int, b []byte) [][]byte { return cut(b, 7) },
	} {
		l := newLink(nil)
		l.mangle = mangle
		l.run()
		l.agreed(t)
		if took := l.now.Sub(epoch); took != 0 {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

func records(b []byte) (list [][]byte) {
	for len(b) > 0 {
		n := 13 + int(b[11])<<8 + int(b[12])
		list = append(list, b[:n:n])
		b = b[n:]
	}
	return list
}

func reversed(b []byte) (out [][]byte) {
	for _, r := range records(b) {
		out = append([][]byte{r}, out...)
	}
	return out
}

// cut makes fragments of n octets of each message that is not sealed, but of hellos.
func cut(b []byte, n int) (out [][]byte) {
	for _, r := range records(b) {
		body := r[13:]
		if r[0] != 22 || r[4] != 0 || body[0] == 1 {
			out = append(out, r)
			continue
		}
		size := int(body[2])<<8 + int(body[3])
		for at := 0; at < size || at == 0; at += n {
			m := min(n, size-at)
			f := append(bytes.Clone(r[:13]), body[:6]...)
			f = append(f, 0, byte(at>>8), byte(at), 0, byte(m>>8), byte(m))
			f = append(f, body[12+at:12+at+m]...)
			f[11], f[12] = byte((12+m)>>8), byte(12+m)
			out = append(out, f)
		}
	}
	return out
}

// borrowed is a certificate of somebody else's.
func borrowed(i *Identity) *Identity {
	return &Identity{der: i.der, key: NewIdentity(seeded(8)).key}
}

// TestFailures: what goes wrong is said at both ends, and there are no keys.
func TestFailures(t *testing.T) {
	stranger := NewIdentity(seeded(7)).Fingerprint()
	for _, test := range []struct {
		name           string
		change         func(c, s *Config)
		lost           func(from, n int) bool
		kinds          [2]Failure
		client, server string
		took           time.Duration
	}{
		{
			name: "fingerprint of the server", change: func(c, _ *Config) { c.Fingerprints = []Fingerprint{stranger} },
			kinds:  [2]Failure{Mismatch, Refused},
			client: "its certificate is not the one whose fingerprint its SDP has, but sha-256 ", server: "it refused: BadCertificate",
		},
		{
			name: "fingerprint of the client", change: func(_, s *Config) { s.Fingerprints = []Fingerprint{stranger} },
			kinds:  [2]Failure{Refused, Mismatch},
			client: "it refused: BadCertificate", server: "its certificate is not the one whose fingerprint its SDP has, but sha-256 ",
		},
		{
			name: "a server without the key of its certificate", change: func(_, s *Config) { s.Identity = borrowed(s.Identity) },
			kinds:  [2]Failure{Broken, Refused},
			client: "it has not the key of its certificate", server: "it refused: DecryptError",
		},
		{
			name: "a client without the key of its certificate", change: func(c, _ *Config) { c.Identity = borrowed(c.Identity) },
			kinds:  [2]Failure{Refused, Broken},
			client: "it refused: DecryptError", server: "it has not the key of its certificate",
		},
		{
			name: "no profile", change: func(c, s *Config) { c.Profiles, s.Profiles = []Profile{GCM128}, []Profile{AES128SHA32} },
			kinds:  [2]Failure{Refused, Unprotected},
			client: "it refused: HandshakeFailure", server: "it has no profile of SRTP that we have",
		},
		{
			name: "silence", lost: func(from, _ int) bool { return from == 1 }, kinds: [2]Failure{Unanswered, Unanswered},
			client: "no answer came in 31s", server: "it answered, and then no more for 31s", took: 62 * time.Second,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLink(test.change)
			l.lost = test.lost
			l.run()
			for i, want := range []string{test.client, test.server} {
				err := l.ends[i].Err()
				var e *Error
				if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), want) || e.Kind != test.kinds[i] {
					t.Errorf("end %d: %v, want %s", i, err, want)
				}
				if l.ends[i].Done() {
					t.Errorf("end %d is done", i)
				}
			}
			if took := l.now.Sub(epoch); took > test.took {
				t.Errorf("it took %v", took)
			}
		})
	}
}
