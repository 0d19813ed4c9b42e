package xmpp

import (
	"fmt"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// stage is where the stream on the connection is.
//
//	none ─▶ greeting ─▶ starting TLS ─▶ greeting
//	           │
//	           ├─▶ authenticating ─▶ greeting
//	           ├─▶ resuming ─▶ up
//	           └─▶ binding ──▶ up ─▶ ending
type stage int

const (
	none           stage = iota // there is no stream
	greeting                    // we have opened one, and wait for its features (RFC 6120 §4.3.2)
	starting                    // we have asked for TLS (RFC 6120 §5.4.2.1), or it shakes hands
	authenticating              // SASL is at work (RFC 6120 §6)
	resuming                    // we have asked for our session back (XEP-0198 §5)
	binding                     // we have asked for a new one (RFC 6120 §7)
	up                          // stanzas flow
	ending                      // we have closed our side of the stream (RFC 6120 §4.4)
)

const endOfStream = "</stream:stream>"

// A stream is the XML stream on the connection, and writes our side of it.
type stream struct {
	cfg     *Config
	account jid.JID // with the resource that is asked for
	full    jid.JID // as the server has bound it last
	conn    *control.Conn

	stage  stage
	framer Framer // of the server's side
	turn   int    // streams begun on this connection
}

// reset is the end of the connection.
func (m *stream) reset() { m.stage, m.framer, m.turn = none, Framer{}, 0 }

// isUp reports whether stanzas can be sent.
func (m *stream) isUp() bool { return m.stage == up }

// token is a name that nobody guesses by chance.
func (m *stream) token() string { return fmt.Sprintf("%016x", m.cfg.Rand.Uint64()) }

// open opens a stream on the connection. Our own name is sent only where nobody
// listens in (RFC 6120 §4.7.1).
func (m *stream) open(s *step) {
	from := ""
	if m.conn.Secure() {
		from = " from='" + escape(m.account.Bare().String()) + "'"
	}
	m.stage, m.framer = greeting, Framer{}
	m.turn++
	m.writeRaw(s, "stream", fmt.Sprintf("<?xml version='1.0'?><stream:stream to='%s'%s version='1.0' xml:lang='en' xmlns='%s' xmlns:stream='%s'>",
		escape(m.account.Domainpart()), from, nsClient, nsStream))
}

// startTLS has the connection speak TLS, with a server that shows the
// certificate of our domain (RFC 6120 §13.7.2).
func (m *stream) startTLS(s *step) {
	m.turn++
	m.conn.StartTLS(s, m.account.Domainpart())
}

// writeRaw sends what is no element.
func (m *stream) writeRaw(s *step, what, text string) {
	s.Do(system.Send{Socket: m.conn.Socket(), Data: []byte(text)})
	s.Log(event.Data{Out: true, What: what, Bytes: len(text), Raw: text})
}

// write sends an element.
func (m *stream) write(s *step, e *Element) { m.transmit(s, e, nil) }

// transmit sends an element. as makes another event of its length than the
// element's own, if it is not nil.
func (m *stream) transmit(s *step, e *Element, as func(bytes int) event.Event) {
	data := e.encode(nsClient)
	s.Do(system.Send{Socket: m.conn.Socket(), Data: data})
	if as != nil {
		s.Log(as(len(data)))
		return
	}
	s.Log(trace(true, e, data))
}
