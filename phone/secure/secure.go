// Package secure is TLS for machines: crypto/tls between a program and the
// kernel, without a socket of its own.
//
//	program ── Send, StartTLS ──▶ ┌───────┐ ── records ──▶ kernel
//	        ◀─ Received, Secured ─┤ Layer │ ◀─ records ───
//	                              └───────┘
//
// A program asks for it with [system.StartTLS] on a stream that is open. From
// then on the layer turns what the program sends into records (RFC 8446 §5),
// and records into what it receives. In a handset the layer is above the link,
// as the TLS of a real app is in its own process: each flight of the handshake
// crosses the link like every packet, and is lost, late or stalled like one.
// While the app is suspended nothing reads its sockets, so a handshake stands
// still with its records in the kernel, and continues, even in the middle of a
// record, when the app thaws.
//
// # The law
//
// A Layer is a pure machine with one exception: its keys come from crypto/rand,
// as TLS requires. With certificates whose signatures have a fixed length (all
// but ECDSA's) the records of two runs differ only in their bytes, so runs of
// the virtual shell stay reproducible. Time is the machine's own.
//
// The handshake of crypto/tls blocks for its bytes. It runs in a coroutine
// (package iter), which a step resumes and which yields when it needs more:
// nothing ever runs concurrently with the goroutine that owns the Layer.
package secure

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Config says which certificates to trust and which to present. The zero value
// trusts the authorities of this computer, and presents none.
type Config struct {
	// CA holds the authorities for servers' certificates; nil means those
	// of this computer.
	CA *x509.CertPool
	// Insecure accepts any certificate of a server.
	Insecure bool
	// Certificate is our own, if any: a server presents it, and a client on
	// request.
	Certificate *tls.Certificate
	// ClientCA holds the authorities for clients' certificates: a server then
	// demands one of every client; nil means that it asks for none.
	ClientCA *x509.CertPool
	// KeyLog takes the secrets of every connection; nil writes none.
	KeyLog *KeyLog
	// MaxVersion is the newest version to use, such as tls.VersionTLS12,
	// whose handshake takes one more round trip; 0 is the newest of
	// crypto/tls.
	MaxVersion uint16
	// Accounts are those of a client's accounts, by name, which have others than this.
	Accounts map[string]Config
}

// TLS returns the configuration for crypto/tls of a client that expects the
// certificate of name.
func (c Config) TLS(name string) *tls.Config {
	t := &tls.Config{RootCAs: c.CA, InsecureSkipVerify: c.Insecure, ServerName: name, MaxVersion: c.MaxVersion}
	if c.Certificate != nil {
		t.Certificates = []tls.Certificate{*c.Certificate}
	}
	if c.ClientCA != nil {
		t.ClientCAs, t.ClientAuth = c.ClientCA, tls.RequireAndVerifyClientCert
	}
	if c.KeyLog != nil {
		t.KeyLogWriter = c.KeyLog
	}
	return t
}

// A Layer holds the TLS connections of one program. One goroutine owns it.
type Layer struct {
	cfg   Config
	conns map[system.Socket]*conn
	now   time.Time                         // of the last step
	peers *tls.Config                       // as a server: all clients share it, for its keys open the tickets of sessions
	kept  map[string]tls.ClientSessionCache // of each account: nobody goes on with what another has proved
	// wildcards are those that servers were believed by, the last one last.
	wildcards []string
}

// maxSessions is how many servers' sessions a client keeps: a program has few
// servers (our own number).
const maxSessions = 8

// maxWildcards is how many wildcards are remembered that were warned of (our own number: a
// program has fewer accounts).
const maxWildcards = 64

// New returns a layer without a connection.
func New(cfg Config) *Layer { return &Layer{cfg: cfg, conns: map[system.Socket]*conn{}} }

// Restart begins a new life of the program: its sessions were in its memory.
func (l *Layer) Restart() { l.kept, l.wildcards = nil, nil }

// server is the configuration of a server's connection.
func (l *Layer) server() *tls.Config {
	if l.peers == nil {
		l.peers = l.cfg.TLS("")
		l.peers.Time = func() time.Time { return l.now }
	}
	return l.peers
}

// client is the configuration of a connection to a server. It resumes the last
// session of the account with it, if there is one (RFC 8446 §2.2).
func (l *Layer) client(c system.StartTLS) *tls.Config {
	if l.kept == nil {
		l.kept = map[string]tls.ClientSessionCache{}
	}
	if l.kept[c.Account] == nil {
		l.kept[c.Account] = tls.NewLRUClientSessionCache(maxSessions)
	}
	t := l.of(c.Account).TLS(c.Name)
	if c.Domain {
		t = l.of(c.Account).Domain(c.Name)
	}
	t.Time = func() time.Time { return l.now }
	t.ClientSessionCache = l.kept[c.Account]
	return t
}

// of is what an account trusts and shows.
func (l *Layer) of(account string) Config {
	if own, ok := l.cfg.Accounts[account]; ok {
		return own
	}
	return l.cfg
}

// Call takes a call of the program, and appends the calls for the kernel to
// out.
func (l *Layer) Call(now time.Time, c system.Effect, out []system.Effect) []system.Effect {
	l.now = now
	switch c := c.(type) {
	case system.StartTLS:
		return l.start(c, out)
	case system.Send:
		if k := l.conns[c.Socket]; k != nil {
			return k.send(c.Data, out)
		}
	case system.Close:
		if k := l.conns[c.Socket]; k != nil {
			l.Forget(c.Socket)
			if !c.Reset {
				out = k.closeNotify(out)
			}
		}
	}
	return append(out, c)
}

// start begins a handshake.
func (l *Layer) start(c system.StartTLS, out []system.Effect) []system.Effect {
	switch {
	case l.conns[c.Socket] != nil:
		return misused(out, "the stream speaks TLS already")
	case c.Name == "" && !c.Server:
		return misused(out, "a client must say whose certificate it wants to see")
	}
	k := newConn(c, l)
	l.conns[c.Socket] = k
	k.resume()
	return k.flush(out)
}

// misused logs a call that makes no sense.
func misused(out []system.Effect, what string) []system.Effect {
	return append(out, system.Log{Event: event.Error{Op: "start TLS", Err: what, Hint: "a mistake in the program: report it", Rule: event.RuleProgramMistake}})
}

// Receive takes a signal of the kernel. It appends the signals for the program
// to signals, and the calls for the kernel, which go first, to out.
func (l *Layer) Receive(now time.Time, s system.Signal, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	l.now = now
	switch s := s.(type) {
	case system.Received:
		if k := l.conns[s.Socket]; k != nil {
			k.pipe.in.Write(s.Data)
			return l.read(k, s, signals, out)
		}
	case system.Closed:
		if k := l.conns[s.Socket]; k != nil {
			l.Forget(s.Socket)
			s.Err = k.ended(s.Err)
			return append(signals, s), out
		}
	}
	return append(signals, s), out
}

// read processes the received bytes: the handshake first, then data, then the
// end.
func (l *Layer) read(k *conn, s system.Received, signals []system.Signal, out []system.Effect) ([]system.Signal, []system.Effect) {
	if k.shaking() {
		if k.resume(); k.shaking() {
			return signals, k.flush(out)
		}
		if k.failed == nil {
			signals = append(signals, k.secured())
			out = l.wildcardTaken(k, out)
		}
		out = l.cfg.KeyLog.unwritten(out)
	}
	data, over := k.read()
	out = k.flush(out)
	if len(data) > 0 {
		signals = append(signals, system.Received{Socket: s.Socket, From: s.From, Data: data})
	}
	if !over {
		return signals, out
	}
	if k.failed == nil {
		out = k.closeNotify(out)
	}
	l.Forget(s.Socket)
	out = append(out, system.Close{Socket: s.Socket})
	return append(signals, system.Closed{Socket: s.Socket, Err: k.why(k.failed)}), out
}

// Forget drops a connection without notifying the peer: its socket is gone, or
// its process.
func (l *Layer) Forget(id system.Socket) {
	if k := l.conns[id]; k != nil {
		k.giveUp()
		delete(l.conns, id)
	}
}
