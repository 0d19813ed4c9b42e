package device

import (
	"errors"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// socket is one that the app's process owns.
type socket struct {
	id     system.Socket
	kind   kind
	pair   system.Socket // of a UDP socket: the other of its pair
	target string        // where it leads, as the app has named it
	marked bool          // for VoIP
	used   bool          // the app has sent on it: its streams are open
	tls    bool          // TLS has been set on its streams
	// securing says that the handshake of TLS goes on: the streams are not open
	// before it is over, and nobody watches them.
	securing bool
}

type kind int

const (
	stream   kind = iota // an outgoing one: only these can be marked
	accepted             // an incoming stream
	listener
	datagram
)

// reclaimed is the error that a reclaimed socket of this kind gives its owner.
func (k kind) reclaimed() error {
	if k == listener {
		return ErrAborted
	}
	return ErrNotConnected
}

// sockets are those of the app's process, and what it has still to hear of
// them.
type sockets struct {
	*sink
	list []socket            // in the order in which they were opened
	held []system.Signal     // came while the app could not be told
	lost []system.Signal     // reclaimed sockets that the app does not know of yet
	gone func(system.Socket) // is told of each that the process no longer has
}

// called notes which sockets the process opens and closes. It reports whether
// the call goes on to the kernel: one on a socket that the system has
// reclaimed, and the app does not know it yet, is lost (EPIPE).
func (t *sockets) called(c system.Effect) bool {
	switch c := c.(type) {
	case system.Connect:
		t.own(socket{id: c.Socket, kind: stream, target: c.Target})
	case system.Listen:
		t.own(socket{id: c.Socket, kind: listener})
	case system.Bind:
		t.own(socket{id: c.RTP, kind: datagram, pair: c.RTCP, target: c.Target})
		if c.RTCP != 0 {
			t.own(socket{id: c.RTCP, kind: datagram, pair: c.RTP})
		}
	case system.StartTLS:
		s := t.use(c.Socket)
		if s != nil {
			s.tls, s.securing = true, true
		}
		return s != nil
	case system.StartWebSocket:
		return t.use(c.Socket) != nil
	case system.Send:
		return t.use(c.Socket) != nil
	case system.Close:
		known := t.owned(c.Socket) != nil
		t.disown(c.Socket)
		return known
	}
	return true
}

// use finds a socket that the app uses from now on; nil if it has none of that name.
func (t *sockets) use(id system.Socket) *socket {
	s := t.owned(id)
	if s != nil {
		s.used = true
	}
	return s
}

func (t *sockets) own(s socket) { t.list = append(t.list, s) }

func (t *sockets) disown(id system.Socket) {
	t.list = slices.DeleteFunc(t.list, func(s socket) bool { return s.id == id })
	t.gone(id)
}

// failed is a socket that could not be opened; of a pair, both are gone.
func (t *sockets) failed(id system.Socket) {
	if s := t.owned(id); s.kind == datagram {
		t.disown(s.pair)
	}
	t.disown(id)
}

// owned finds a socket of the app; nil if it has none of that name.
func (t *sockets) owned(id system.Socket) *socket {
	for i := range t.list {
		if t.list[i].id == id {
			return &t.list[i]
		}
	}
	return nil
}

// these lists the sockets that a family watches, or others that it picks.
func (t *sockets) these(pick func(socket) bool) []system.Socket {
	var ids []system.Socket
	for _, s := range t.list {
		if pick(s) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// reclaim takes the sockets that the system does not watch from a suspended
// app, which learns of it when it runs again.
func (t *sockets) reclaim(why string, watched func(socket) bool) {
	t.take(slices.DeleteFunc(slices.Clone(t.list), watched), why, t.close, kind.reclaimed)
}

// destroy ends the streams of a frozen app, which learns of it when it runs
// again, and returns how many they are. end ends each in the kernel.
func (t *sockets) destroy(why string, end func(system.Socket)) int {
	streams := slices.DeleteFunc(slices.Clone(t.list), func(s socket) bool { return s.kind != stream && s.kind != accepted })
	t.take(streams, why, end, func(kind) error { return ErrDestroyed })
	return len(streams)
}

// take takes sockets from an app that does not run: end ends each in the kernel, and lost
// is the error that the app gets when it runs again.
func (t *sockets) take(taken []socket, why string, end func(system.Socket), lost func(kind) error) {
	if len(taken) == 0 {
		return
	}
	t.log(event.Reclaim{Sockets: len(taken), Why: why})
	for _, s := range taken {
		end(s.id)
		t.disown(s.id)
		t.drop(func(about system.Socket) bool { return about == s.id }, end)
		t.lost = append(t.lost, system.Closed{Socket: s.id, Err: lost(s.kind)})
	}
}

// closeAll closes what a process that ends has left open.
func (t *sockets) closeAll() {
	for _, s := range t.list {
		t.close(s.id)
	}
}

// hold keeps a signal until the app can be told.
func (t *sockets) hold(s system.Signal) { t.held = append(t.held, s) }

// drop forgets the held signals about some sockets. end ends what was accepted for one.
func (t *sockets) drop(about func(system.Socket) bool, end func(system.Socket)) {
	t.held = slices.DeleteFunc(t.held, func(s system.Signal) bool {
		id, _ := subject(s) // all that are held are about a socket
		if about(id) {
			orphaned(s, end)
			return true
		}
		return false
	})
}

// orphan is a signal for a process that is gone, or about a socket that it no
// longer has.
func (t *sockets) orphan(s system.Signal) { orphaned(s, t.close) }

func (t *sockets) close(id system.Socket) { t.kernel(system.Close{Socket: id}) }

// orphaned ends a connection that was accepted for nobody.
func orphaned(s system.Signal, end func(system.Socket)) {
	if a, ok := s.(system.Accepted); ok {
		end(a.Socket)
	}
}

// waiting takes all that the app has to hear of its sockets: first those that
// it has lost, then what was held.
func (t *sockets) waiting() (lost, held []system.Signal) {
	lost, held = t.lost, t.held
	t.lost, t.held = nil, nil
	return lost, held
}

// subject is the socket of the app that a signal is about.
func subject(s system.Signal) (id system.Socket, ok bool) {
	if a, is := s.(system.Accepted); is {
		return a.Listener, true
	}
	return system.SocketOf(s)
}

// closeOf names how a stream ended.
func closeOf(err error) string {
	switch {
	case err == nil:
		return "FIN"
	case errors.Is(err, system.Reset):
		return "RST"
	}
	return "error"
}
