package live

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// A hearing is what the servers of the DNS have answered in one look-up of a host. The
// standard library does not tell the TTLs, nor that one of its two questions, for A and
// for AAAA records, was not answered.
type hearing struct {
	mu    sync.Mutex
	said  map[dns.Question]system.DNSFault // what was said last to a question; "" is an answer
	heard bool
	ttl   time.Duration
}

// life is for how long what was found is good: the shortest TTL. 0 is not at all: there was
// none, or a part may be lacking.
func (h *hearing) life() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lacks() != "" {
		return 0
	}
	return h.ttl
}

// lacks says why one of the questions has no answer; "" is that all have one.
func (h *hearing) lacks() system.DNSFault {
	var all []system.DNSFault
	for q := range h.said {
		for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
			q.Qtype = t
			fault, said := h.said[q]
			if !said {
				fault = system.NoAnswer
			}
			all = append(all, fault)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return slices.Max(all)
}

// explain is the error of the look-up, with why a question had no answer, if that is so:
// the standard library may say instead that there is no such host, as the answer to the
// other one does.
func (h *hearing) explain(err error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok := errors.AsType[*net.DNSError](err)
	why := h.lacks()
	if !ok || why == "" {
		return err
	}
	return &net.DNSError{UnwrapErr: err, Err: string(why), Name: e.Name, Server: e.Server, IsTimeout: e.IsTimeout, IsTemporary: true}
}

// hear takes in a message of a server; cut is what it means if it is cut.
func (h *hearing) hear(wire []byte, cut system.DNSFault) {
	var m dns.Msg
	if m.Unpack(wire) != nil || len(m.Question) != 1 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said == nil {
		h.said = map[dns.Question]system.DNSFault{}
	}
	h.said[m.Question[0]] = faultOf(&m, cut)
	for _, rr := range m.Answer {
		if ttl := zone.TTL(rr); !h.heard || ttl < h.ttl {
			h.heard, h.ttl = true, ttl
		}
	}
}

// faultOf is why a message is no answer, "" if it is one, be it that there is nothing.
func faultOf(m *dns.Msg, cut system.DNSFault) system.DNSFault {
	switch fault := zone.Read(system.Query{}, m.Rcode, nil).Fault; {
	case m.Truncated:
		return cut
	case refers(m):
		return system.Referral
	case !fault.Empty():
		return fault
	}
	return ""
}

// on returns a resolver that does what r does, and has h hear what servers answer. A
// system that resolves by itself is not heard.
func (h *hearing) on(r *net.Resolver) *net.Resolver {
	dial := r.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &net.Resolver{
		PreferGo: r.PreferGo, StrictErrors: r.StrictErrors,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			switch c := conn.(type) {
			case *net.UDPConn:
				return &packetsHeard{c, h}, err
			case *net.TCPConn:
				return &streamHeard{TCPConn: c, hearing: h}, err
			}
			return conn, err
		},
	}
}

// packetsHeard is a connection to a server over UDP, each packet a message.
type packetsHeard struct {
	*net.UDPConn
	hearing *hearing
}

func (c *packetsHeard) Read(b []byte) (int, error) {
	n, err := c.UDPConn.Read(b)
	c.hearing.hear(b[:max(n, 0)], system.CutOverUDP)
	return n, err
}

// streamHeard is one over TCP, with one message, after its length (RFC 1035 §4.2.2).
type streamHeard struct {
	*net.TCPConn
	hearing *hearing
	read    []byte
}

func (c *streamHeard) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if len(c.read) < dns.MaxMsgSize {
		c.read = append(c.read, b[:max(n, 0)]...)
	}
	return n, err
}

func (c *streamHeard) Close() error {
	if len(c.read) > 2 {
		c.hearing.hear(c.read[2:], system.CutOverTCP)
	}
	return c.TCPConn.Close()
}
