package live

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// acceptPause is the wait after an accept that failed because the process had
// run out of file descriptors or memory: they do not come back at once.
const acceptPause = 1 * time.Second

// A listener is one listening TCP socket.
//
// Package net has no way to wait for a listener to become readable, so its gate
// accepts, and keeps the connection until the loop takes it. While a program is
// frozen its gate accepts at most one connection, and the program does not
// learn of it.
type listener struct {
	g    gate
	ln   *net.TCPListener
	conn *net.TCPConn // accepted by the gate; the loop's while the gate waits
	err  error
}

func (l *listener) gate() *gate { return &l.g }

// listen opens a listener in the background: its address may be a name.
func (h *Host) listen(c system.Listen) {
	h.open(c.Socket, "listen", func(ctx context.Context) (socket, system.Signal, error) {
		var lc net.ListenConfig
		lc.KeepAlive = -1 // as in newStream
		lc.SetMultipathTCP(false)
		ln, err := lc.Listen(ctx, "tcp", c.Addr)
		if err != nil {
			return nil, nil, listenError(c.Addr, err)
		}
		l := &listener{g: gate{id: c.Socket}, ln: ln.(*net.TCPListener)}
		return l, system.Bound{Socket: c.Socket, Local: address(ln.Addr())}, nil
	})
}

func listenError(addr string, err error) error {
	switch failureOf(err) {
	case system.AddrInUse:
		return fmt.Errorf("%s/tcp is taken: another program listens there: %w", addr, err)
	case system.NotLocal:
		return fmt.Errorf("cannot listen at %s/tcp, which is no address of this machine: %w", addr, system.NotLocal)
	case system.Forbidden:
		return fmt.Errorf("cannot listen at %s/tcp, whose port is not for everybody: %w", addr, system.Forbidden)
	}
	return fmt.Errorf("cannot listen at %s/tcp: %w", addr, err)
}

// wait accepts one connection.
func (l *listener) wait() error {
	l.conn, l.err = l.ln.AcceptTCP()
	return l.err
}

// receive takes over the connection that the gate has accepted.
func (l *listener) receive(h *Host) {
	if l.err != nil {
		h.note(h.now(), event.Error{Op: "accept", Err: l.err.Error(), Rule: event.RuleHostFailed})
		l.g.rearm(acceptPause)
		return
	}
	h.accept(l, l.conn)
	l.conn = nil
	l.g.rearm(0)
}

// accept gives a connection the next number from the top down, and tells the
// machine.
func (h *Host) accept(l *listener, conn *net.TCPConn) {
	s, err := newStream(h.accepted, conn)
	if err != nil {
		return // the peer closed it before we took it
	}
	h.accepted--
	h.sockets[s.g.id] = s
	h.signal(system.Accepted{
		Listener: l.g.id, Socket: s.g.id,
		Local: address(conn.LocalAddr()), Remote: s.remote,
	})
	if !s.g.closed {
		h.watchGate(s, waiter(s.raw))
	}
}

func (l *listener) shut(bool) {
	if l.g.close() {
		l.ln.Close()
		if l.g.waiting {
			l.drop()
		}
	}
}

// drop closes an accepted connection that the loop will not take.
func (l *listener) drop() {
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
	}
}
