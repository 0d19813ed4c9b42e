package live

import (
	"context"
	"net"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// dialTimeout bounds the look-up of a name and the connect together.
const dialTimeout = system.ConnectAll

// An opening is a socket that is being opened.
type opening struct {
	g      gate
	cancel context.CancelFunc
}

func (o *opening) gate() *gate   { return &o.g }
func (o *opening) receive(*Host) {}

func (o *opening) shut(bool) {
	if o.g.close() {
		o.cancel()
	}
}

// open runs f in the background and puts the socket that it makes into the
// table, under the number that it takes at once.
func (h *Host) open(id system.Socket, what string, f func(context.Context) (socket, system.Signal, error)) {
	ctx, cancel := context.WithTimeout(h.ctx, dialTimeout)
	o := &opening{g: gate{id: id}, cancel: cancel}
	h.sockets[id] = o
	h.safego(what, func() {
		defer cancel()
		s, sig, err := f(ctx)
		if err != nil {
			s, sig = nil, system.Failed{Socket: id, Err: SocketError(err)}
		}
		if it := (opened{o, s, sig}); !h.post(it) {
			discard(it)
		}
	})
}

// opened handles the end of an opening.
func (h *Host) opened(it opened) {
	if it.d.g.closed { // the program has closed it meanwhile
		discard(it)
		return
	}
	it.d.g.close()
	id := it.d.g.id
	if h.drained[id] {
		h.passing = append(h.passing, it.sig)
	} else {
		h.pending = append(h.pending, it.sig)
	}
	switch s := it.s.(type) {
	case *stream:
		h.sockets[id] = s
		h.watchGate(s, waiter(s.raw))
	case *datagram:
		h.sockets[id] = s
		h.watchGate(s, waiter(s.packets.raw))
	case *listener:
		h.sockets[id] = s
		h.watchGate(s, s.wait)
	default:
		if h.frozen {
			h.announce(id, nil) // it has an error to read
		}
		h.forget(id)
	}
}

// connect opens a stream in the background.
func (h *Host) connect(c system.Connect) {
	h.open(c.Socket, "dial", func(ctx context.Context) (socket, system.Signal, error) {
		conn, addrs, err := h.lookups.dial(ctx, "tcp", c.Target, c.Avoid)
		if err != nil {
			return nil, nil, err
		}
		s, err := newStream(c.Socket, conn.(*net.TCPConn))
		if err != nil {
			return nil, nil, err
		}
		return s, system.Connected{Socket: c.Socket, Local: address(conn.LocalAddr()), Remote: s.remote, Addrs: addrs}, nil
	})
}
