package server

import (
	"cmp"
	"container/list"
	"fmt"
	"net/netip"
	"slices"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/ice/stun"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// conns are the ways to all phones: streams, addresses that send over UDP, and
// streams inside the program.
type conns struct {
	loop      *loop.Loop
	ports     *ports
	upper     upper
	max       int
	pingEvery time.Duration
	tls       bool   // is spoken with whoever begins with a client hello
	watch     string // see Config.Watch
	faults    misbehave.Conn
	tidiness  sip.Tidiness
	illegible illegibles

	byID     map[system.Socket]*conn
	peers    map[netip.AddrPort]*conn // those over UDP, by the other end
	silent   list.List                // of the peers, the one that has been silent longest first
	internal system.Socket            // the last number given to a connection that is no socket of its own
}

// An upper layer is told what comes over the connections.
type upper interface {
	request(c *conn, req *grammar.Request)
	response(c *conn, res *grammar.Response)
	lost(c *conn)
}

const (
	// firstInternal begins the numbers of connections that are no sockets,
	// halfway between the sockets that are opened and those that are accepted.
	firstInternal system.Socket = 1 << 31
	// peerLife is how long an address that sends over UDP is remembered after
	// its last datagram, if nothing hangs on it: a call that is as long finds
	// its way back still (our own number).
	peerLife = time.Hour
	// strangerLife is the same for one that has not shown that it receives, and
	// may be one of many forged ones: until its last transaction is over (64*T1,
	// RFC 3261 §17.2), twice.
	strangerLife = 128 * sip.T1
)

// accepted takes in a new connection, if there is room for it.
func (cs *conns) accepted(s system.Accepted) {
	if cs.full(s.Remote) {
		cs.loop.Ask(system.Close{Socket: s.Socket, Reset: true})
		return
	}
	c := &conn{id: s.Socket, transport: sip.TCP, local: s.Local, remote: s.Remote}
	cs.add(c)
	c.mayUpgrade()
	cs.loop.Note("connected", s.Remote.String(), "")
	c.witness().socket(event.SocketOpen, "")
}

// full reports, and logs, that there is no room for one more. Addresses that only
// seem to send keep nobody out: one of them makes room.
func (cs *conns) full(remote netip.AddrPort) bool {
	if len(cs.byID) < cs.max || cs.evict() {
		return false
	}
	cs.loop.Note("refused", remote.String(), fmt.Sprintf("%d connections are open", len(cs.byID)))
	return true
}

// evict forgets a peer over UDP that has not shown that it receives, and for whom
// nothing is under way: of those the one that has been silent longest. It reports
// false if there is none.
func (cs *conns) evict() bool {
	for e := cs.silent.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*conn); !c.reach.Proven() && !c.busy() {
			c.forget()
			return true
		}
	}
	return false
}

func (cs *conns) add(c *conn) {
	c.table, c.rest.conn, c.pings.conn = cs, c, c
	cs.byID[c.id] = c
	c.pings.keepUp()
}

func (cs *conns) remove(c *conn) {
	delete(cs.byID, c.id)
	if cs.peers[c.remote] == c {
		delete(cs.peers, c.remote)
		cs.silent.Remove(c.turn)
	}
}

func (cs *conns) nextInternal() system.Socket {
	cs.internal++
	return firstInternal + cs.internal
}

// seen answers who asks by STUN as whom he is seen, on the port of SIP (RFC 5626 §4.4.2,
// §8). The answer is shorter than twice the request, and goes to nobody else.
func (cs *conns) seen(r system.Received) {
	m, err := stun.Parse(r.Data)
	if err != nil || m.Class != stun.Request || len(m.Unknown) > 0 {
		return
	}
	answer := stun.Message{Class: stun.Success, ID: m.ID, Mapped: netip.AddrPortFrom(r.From.Addr().Unmap(), r.From.Port())}
	cs.loop.Ask(system.Send{Socket: cs.ports.udp, To: r.From, Data: answer.Append(nil, "")})
}

// datagram takes in one from anybody. What is no message leaves no trace but
// in the log.
func (cs *conns) datagram(r system.Received) {
	if stun.Is(r.Data) {
		cs.seen(r)
		return
	}
	f := sip.ParseDatagram(r.Data)
	if bad, isBad := f.(sip.Bad); isBad {
		cs.loop.Note("bad message", r.From.String(), bad.Err.Error())
		if !cs.illegible.copied(cs.loop.Now(), r.From, r.Data) {
			cs.unreadable(r.From, bad.Err.Error())
		}
		if bad.Reply != nil {
			cs.loop.Ask(system.Send{Socket: cs.ports.udp, To: r.From, Data: bad.Reply})
		}
		return
	}
	if f == nil {
		return
	}
	if c := cs.peer(r.From); c != nil && !c.stalled {
		c.heard = cs.loop.Now()
		cs.silent.MoveToBack(c.turn)
		m, _ := f.(sip.Message)
		c.reach.Heard(m.SIP, len(r.Data))
		c.frame(f)
	}
}

// peer is the connection that stands for whoever sends from an address, or nil
// if there are too many.
func (cs *conns) peer(from netip.AddrPort) *conn {
	if c := cs.peers[from]; c != nil {
		return c
	}
	if cs.full(from) {
		return nil
	}
	c := &conn{id: cs.nextInternal(), transport: sip.UDP, local: cs.ports.named(), remote: from, heard: cs.loop.Now()}
	cs.peers[from] = c
	c.turn = cs.silent.PushBack(c)
	cs.add(c)
	c.forgetLater()
	return c
}

// closeAll closes those of phones, the oldest first.
func (cs *conns) closeAll(why string) {
	var open []*conn
	for _, c := range cs.byID {
		if !c.own() {
			open = append(open, c)
		}
	}
	slices.SortFunc(open, func(a, b *conn) int { return cmp.Compare(b.id, a.id) })
	for _, c := range open {
		c.Close(false, why)
	}
}

// receive takes in a signal about a connection, and reports whether it was.
func (cs *conns) receive(s system.Signal) bool {
	switch s := s.(type) {
	case system.Accepted:
		if s.Listener == cs.ports.listener {
			cs.accepted(s)
			return true
		}
	case system.Received:
		if s.Socket == cs.ports.udp {
			cs.datagram(s)
			return true
		}
		return cs.with(s.Socket, func(c *conn) {
			if c.transport.WebSocket() {
				c.messages(s.Messages)
			} else {
				c.receive(s.Data)
			}
		})
	case system.Secured:
		return cs.with(s.Socket, func(c *conn) { c.secured(s) })
	case system.Upgraded:
		return cs.with(s.Socket, func(c *conn) { c.upgraded(s) })
	case system.Closed:
		return cs.with(s.Socket, func(c *conn) { c.gone(s.Err) })
	}
	return false
}

// with does f with the connection of that number, and reports whether there is
// one.
func (cs *conns) with(id system.Socket, f func(*conn)) bool {
	c := cs.byID[id]
	if c != nil {
		f(c)
	}
	return c != nil
}
