package secure_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An end is one end of a stream in memory: socket 1 of its program.
type end struct {
	*program
	heard []string
	err   error // of the last Closed
	wire  []byte
	over  bool // it has closed
	logs  []event.Event
}

func newEnd(cfg secure.Config) *end {
	e := &end{}
	e.program = newProgram(cfg, func(s system.Signal) {
		e.heard = append(e.heard, told(s))
		if c, ok := s.(system.Closed); ok {
			e.err = c.Err
		}
	})
	return e
}

// carry executes a program's calls on the stream.
func (e *end) carry(t *testing.T, effects []system.Effect) {
	t.Helper()
	for _, c := range effects {
		switch c := c.(type) {
		case system.Send:
			if e.over {
				t.Error("sent after the close")
			}
			e.wire = append(e.wire, c.Data...)
		case system.Close:
			e.over = true
		case system.Log:
			e.logs = append(e.logs, c.Event)
		default:
			t.Errorf("%T for the kernel", c)
		}
	}
}

func (e *end) do(t *testing.T, effects ...system.Effect) {
	t.Helper()
	e.carry(t, e.ask(epoch, effects...))
}

// A pair is a client and a server, and a stream between them that is cut into
// pieces of at most size bytes.
type pair struct {
	t              *testing.T
	client, server *end
	size           int
}

func newPair(t *testing.T, client, server secure.Config) *pair {
	p := &pair{t: t, client: newEnd(client), server: newEnd(server), size: 1 << 20}
	t.Cleanup(func() {
		p.client.layer.Forget(1)
		p.server.layer.Forget(1)
	})
	p.begin(system.StartTLS{Name: "lab.test"})
	return p
}

// begin begins TLS on a new connection, as the client asks for it.
func (p *pair) begin(asked system.StartTLS) {
	p.client.over, p.server.over = false, false
	p.server.do(p.t, system.StartTLS{Socket: 1, Server: true})
	asked.Socket = 1
	p.client.do(p.t, asked)
}

// closes has the client close the connection.
func (p *pair) closes() {
	p.client.do(p.t, system.Close{Socket: 1})
	p.run()
}

// run transfers bytes until there are no more.
func (p *pair) run() {
	for len(p.client.wire)+len(p.server.wire) > 0 {
		p.piece(p.client, p.server)
		p.piece(p.server, p.client)
	}
	for _, way := range [][2]*end{{p.client, p.server}, {p.server, p.client}} {
		if way[0].over && !way[1].over {
			way[1].carry(p.t, way[1].Receive(epoch, system.Closed{Socket: 1}))
		}
	}
}

func (p *pair) piece(from, to *end) {
	n := min(p.size, len(from.wire))
	if n == 0 {
		return
	}
	data := bytes.Clone(from.wire[:n])
	from.wire = from.wire[n:]
	if !to.over {
		to.carry(p.t, to.Receive(epoch, system.Received{Socket: 1, Data: data}))
	}
}

func (e *end) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(e.heard, want) {
		t.Errorf("heard:\n  %s\nwant:\n  %s", strings.Join(e.heard, "\n  "), strings.Join(want, "\n  "))
	}
	e.heard = nil
}

const (
	secured13       = `secured by TLS 1.3, TLS_AES_128_GCM_SHA256, "lab.test" signed by "lab.test"`
	securedClient13 = `secured by TLS 1.3, TLS_AES_128_GCM_SHA256, "" signed by ""`
)

// trusting returns matching configurations of a client and a server.
func trusting(t *testing.T) (client, server secure.Config) {
	cert := certificate(t, epoch, "lab.test")
	return secure.Config{CA: secure.Trusting(cert)}, secure.Config{Certificate: cert}
}

// A stream may be cut at any byte, in the handshake and after it.
func TestPieces(t *testing.T) {
	for _, size := range []int{1, 2, 5, 7, 1460, 1 << 20} {
		p := newPair(t, first(trusting(t)), second(trusting(t)))
		p.size = size
		p.run()
		p.client.want(t, secured13)
		p.server.want(t, securedClient13)

		p.client.do(t, system.Send{Socket: 1, Data: []byte("hello")})
		p.server.do(t, system.Send{Socket: 1, Data: []byte("world")})
		p.run()
		p.client.want(t, `received "world"`)
		p.server.want(t, `received "hello"`)

		p.client.do(t, system.Close{Socket: 1})
		p.run()
		p.client.want(t)
		p.server.want(t, "closed: <nil>")
	}
}

func first[T any](a, _ T) T  { return a }
func second[T any](_, b T) T { return b }

// A lump of records is one read: the program may be frozen after it.
func TestLump(t *testing.T) {
	client, server := trusting(t)
	p := newPair(t, client, server)
	p.server.on = func(s system.Signal) []system.Effect {
		if _, ok := s.(system.Secured); ok { // in the same flight as the session tickets
			return []system.Effect{system.Send{Socket: 1, Data: []byte("early ")}}
		}
		return nil
	}
	p.run()
	data := make([]byte, 60<<10)
	rand.NewChaCha8([32]byte{1}).Read(data)
	p.server.do(t, system.Send{Socket: 1, Data: data}, system.Close{Socket: 1})
	p.run()
	p.client.want(t, secured13, `received "early "`, "received 61440 B", "closed: <nil>")
	if !p.client.over {
		t.Error("the client did not close its end")
	}
}

func TestVersion12(t *testing.T) {
	client, server := trusting(t)
	client.MaxVersion = tls.VersionTLS12
	p := newPair(t, client, server)
	p.run()
	p.client.want(t, `secured by TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "lab.test" signed by "lab.test"`)
}

func TestTrust(t *testing.T) {
	lab := certificate(t, epoch, "lab.test")
	trust := func(c *tls.Certificate) secure.Config { return secure.Config{CA: secure.Trusting(c)} }
	old, early := certificate(t, epoch.AddDate(-3, 0, 0), "lab.test"), certificate(t, epoch.AddDate(0, 0, 8), "lab.test")
	other := certificate(t, epoch, "a.test", "10.0.0.9", "b.test", "c.test", "d.test")
	for _, test := range []struct {
		name    string
		client  secure.Config
		shown   *tls.Certificate
		failure secure.Failure
		says    string
	}{
		{
			"unknown",
			secure.Config{CA: secure.Trusting()},
			lab, secure.UnknownAuthority,
			"TLS with lab.test: nobody whom this phone trusts has signed its certificate (lab.test, signed by lab.test): --ca FILE trusts its authority, --tls-insecure on trusts it all the same",
		},
		{
			"name", trust(other), other, secure.WrongName,
			"TLS with lab.test: its certificate is for a.test, b.test, c.test and 2 more: use that name, or --tls-insecure on trusts it all the same",
		},
		{
			"expired", trust(old), old, secure.Expired,
			"TLS with lab.test: its certificate ended on 2024-01-01 00:00 UTC, and it is 2026-01-01 00:00 UTC here: it has to be renewed; --tls-insecure on trusts it all the same",
		},
		{
			"early", trust(early), early, secure.NotYetValid,
			"TLS with lab.test: its certificate begins on 2026-01-08 00:00 UTC, and it is 2026-01-01 00:00 UTC here: is a clock wrong? --tls-insecure on trusts it all the same",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, test.client, secure.Config{Certificate: test.shown})
			p.run()
			p.client.want(t, "closed: "+test.says)
			wantFailure(t, p.client.err, test.failure)
			wantFailure(t, p.server.err, secure.Refused) // by an alert that says why
			if !p.client.over || !p.server.over {
				t.Error("a stream is left open")
			}
		})
		t.Run(test.name+" and insecure", func(t *testing.T) {
			p := newPair(t, secure.Config{Insecure: true}, secure.Config{Certificate: test.shown})
			p.run()
			if len(p.client.heard) != 1 || !strings.HasPrefix(p.client.heard[0], "secured by TLS 1.3") {
				t.Errorf("heard %q", p.client.heard)
			}
		})
	}
}

func wantFailure(t *testing.T, err error, want secure.Failure) {
	t.Helper()
	if e, ok := errors.AsType[*secure.Error](err); !ok || e.Failure != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Anything but a server hello ends the handshake, and the error says what came.
func TestNotTLS(t *testing.T) {
	e := newEnd(secure.Config{Insecure: true})
	e.do(t, system.StartTLS{Socket: 1, Name: "lab.test"})
	e.carry(t, e.Receive(epoch, system.Received{Socket: 1, Data: []byte("SIP/2.0 400 Bad Request\r\n\r\n")}))
	e.want(t, `closed: TLS with lab.test: its answer is not TLS, it begins with "SIP/2": is this the port for TLS?`)
	wantFailure(t, e.err, secure.NotTLS)
	if !e.over {
		t.Error("the stream is left open")
	}
}

// The stream ends in the middle of the handshake, or of a record.
func TestEndInTheMiddle(t *testing.T) {
	e := newEnd(secure.Config{Insecure: true})
	e.do(t, system.StartTLS{Socket: 1, Name: "lab.test"})
	e.carry(t, e.Receive(epoch, system.Closed{Socket: 1}))
	e.want(t, "closed: TLS with lab.test: the connection ended in the middle of it")

	e.do(t, system.StartTLS{Socket: 1, Name: "lab.test"})
	e.carry(t, e.Receive(epoch, system.Closed{Socket: 1, Err: errors.New("connection reset by peer")}))
	e.want(t, "closed: TLS with lab.test: connection reset by peer")

	client, server := trusting(t)
	p := newPair(t, client, server)
	p.run()
	p.server.do(t, system.Send{Socket: 1, Data: []byte("hello")})
	p.server.wire = p.server.wire[:len(p.server.wire)-1]
	p.run()
	p.client.carry(t, p.client.Receive(epoch, system.Closed{Socket: 1}))
	p.client.want(t, secured13, "closed: TLS with lab.test: the connection ended in the middle of it")
}

// A forged record ends the connection, with an alert.
func TestForgedRecord(t *testing.T) {
	client, server := trusting(t)
	p := newPair(t, client, server)
	p.run()
	p.server.do(t, system.Send{Socket: 1, Data: []byte("hello")})
	p.server.wire[len(p.server.wire)-1] ^= 1
	p.run()
	p.client.want(t, secured13, "closed: TLS with lab.test: local error: tls: bad record MAC")
	wantFailure(t, p.server.err, secure.Refused)
}

func TestMisuse(t *testing.T) {
	e := newEnd(secure.Config{Insecure: true})
	e.do(t, system.StartTLS{Socket: 1}, system.StartTLS{Socket: 2, Name: "a"}, system.StartTLS{Socket: 2, Name: "a"},
		system.Send{Socket: 2, Data: []byte("x")}, system.Close{Socket: 2})
	for i, want := range []string{"whose certificate", "already", "before the handshake is over"} {
		if err := e.logs[i].(event.Error).Err; !strings.Contains(err, want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if len(e.logs) != 3 {
		t.Errorf("log: %v", e.logs)
	}
}

// A stream without TLS passes as it is, at no cost.
func TestPlain(t *testing.T) {
	l := secure.New(secure.Config{})
	signals, effects := make([]system.Signal, 0, 1), make([]system.Effect, 0, 1)
	var send system.Effect = system.Send{Socket: 1, Data: []byte("x")}
	var got system.Signal = system.Received{Socket: 1, Data: []byte("x")}
	if n := testing.AllocsPerRun(100, func() {
		effects = l.Call(epoch, send, effects[:0])
		signals, effects = l.Receive(epoch, got, signals[:0], effects[:0])
	}); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// FuzzServerHello answers a client hello with arbitrary bytes. Nothing panics,
// and the output is bounded.
func FuzzServerHello(f *testing.F) {
	f.Add([]byte("SIP/2.0 400 Bad Request\r\n\r\n"), 3)
	f.Add([]byte{22, 3, 3, 0, 4, 2, 0, 0, 0}, 1)
	f.Add([]byte{21, 3, 3, 0, 2, 2, 40}, 9)
	f.Add([]byte{22, 3, 3, 255, 255}, 2)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		e := newEnd(secure.Config{Insecure: true})
		e.do(t, system.StartTLS{Socket: 1, Name: "lab.test"})
		cut = min(max(cut, 0), len(data))
		for _, part := range [][]byte{data[:cut], data[cut:]} {
			if !e.over {
				e.carry(t, e.Receive(epoch, system.Received{Socket: 1, Data: part}))
			}
		}
		if !e.over {
			e.carry(t, e.Receive(epoch, system.Closed{Socket: 1}))
		}
		if len(e.heard) != 1 || !strings.HasPrefix(e.heard[0], "closed: TLS with lab.test: ") {
			t.Errorf("heard %q", e.heard)
		}
	})
}
