package link

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

type kind uint8

const (
	stream kind = iota
	datagram
)

// A flow is a stream or a pair of UDP sockets of the app, with its packets on
// the way.
//
// The app numbers its sockets itself. The kernel's numbers are the same until a
// NAT gives a UDP flow another port: then the link has opened another pair of
// sockets beneath it.
//
// A flow is in the table as long as the app or the kernel has it. A connection
// that the network has forgotten, and the app has closed, stays open in the
// kernel: its FIN is lost, and the server must not see one.
type flow struct {
	kind   kind
	app    system.Socket // 0: the app is done with it
	kernel system.Socket // 0: the kernel is
	// Of the second socket of a pair, for RTCP.
	app2, kernel2 system.Socket

	bind          system.Bind    // of a pair: how it was asked for
	local, remote netip.AddrPort // once it is open
	began         time.Time      // when a stream was asked for
	asked         bool           // the kernel has been asked for it
	open          bool           // the handshake of a stream is over
	up, down      lane

	// dead: the network has forgotten the flow. ended: its end is on the
	// way to the app. cause is the fault that did it, until the app knows.
	dead, ended bool
	cause       string
	why         string // the fault that made it dead
	losses      toll
	answers     bool // with RST, when something is sent on it
	// When TCP gives up on a dead connection: ours, and the server's.
	ours, theirs time.Time

	stalled   bool
	rebinding bool // the kernel has been asked for a pair to replace this one
	half      bool // the app has closed one of a pair: it is not replaced
	apart     bool // of a process that is never frozen
	watched   bool // the system watches it for a frozen app
	told      bool // and knows that something lies there
	touched   time.Time
	held      waiting

	// Whether each socket of a pair has sent a datagram: behind a NAT none
	// comes in before. RTP and RTCP each have a mapping (RFC 4787 §4.1 maps
	// an address and a port), but the link forgets both together.
	sent, sent2 bool
}

// alive reports whether packets can pass, as far as it depends on the flow
// itself.
func (f *flow) alive() bool { return !f.dead && !f.ended && f.app != 0 }

// ending reports whether the end of a stream is still on the way to the app.
func (f *flow) ending(now time.Time) bool {
	return f.ended && f.app != 0 && (len(f.down.queue) > 0 || f.down.way[len(f.down.way)-1].at.After(now))
}

// limit is how long a lost segment is retransmitted.
func (f *flow) limit() time.Duration {
	if !f.open {
		return ConnectTimeout
	}
	return DataTimeout
}

// plain reports whether the flow can pass the link unchanged.
func (f *flow) plain() bool {
	return f.alive() && !f.stalled && f.app == f.kernel && f.app2 == f.kernel2 && f.up.empty() && f.down.empty()
}

// over reports whether neither the app nor the kernel has the flow any more.
func (f *flow) over() bool { return f.app == 0 && f.app2 == 0 && f.kernel == 0 && f.kernel2 == 0 }

// send notes that one of the app's sockets sends a datagram. It reports whether it is the
// first of the flow.
func (f *flow) send(app system.Socket) (first bool) {
	first = !f.sent && !f.sent2
	f.sent, f.sent2 = f.sent || app == f.app, f.sent2 || app == f.app2
	return first
}

// mapped reports whether a NAT lets datagrams in to one of the app's sockets.
func (f *flow) mapped(app system.Socket) bool {
	return app == f.app && f.sent || app == f.app2 && f.sent2
}

// kernelOf is the kernel's number of one of the app's sockets.
func (f *flow) kernelOf(app system.Socket) system.Socket {
	if app == f.app2 {
		return f.kernel2
	}
	return f.kernel
}

// appOf is the app's number of one of the kernel's sockets.
func (f *flow) appOf(kernel system.Socket) system.Socket {
	if kernel == f.kernel2 {
		return f.app2
	}
	return f.app
}

func (f *flow) String() string {
	switch {
	case f.kind == datagram:
		return fmt.Sprintf("UDP %s", f.local)
	case !f.open:
		return "a connection that is not open yet"
	}
	return fmt.Sprintf("TCP %s <-> %s", f.local, f.remote)
}

// hung reports whether arrivals are held back: a server that hangs reads and
// sends nothing, while its kernel still accepts data.
func (f *flow) hung() bool { return f.stalled && f.open }

// flows are those of a link, in the order in which they began.
type flows []*flow

// of finds a flow by the app's number.
func (list flows) of(app system.Socket) *flow {
	for _, f := range list {
		if app != 0 && (f.app == app || f.app2 == app) {
			return f
		}
	}
	return nil
}

// about finds the flow that a signal of the kernel is about; nil: none.
func (list flows) about(s system.Signal) *flow {
	id, _ := system.SocketOf(s) // 0 is no socket
	return list.beneath(id)
}

// beneath finds a flow by the kernel's number.
func (list flows) beneath(kernel system.Socket) *flow {
	for _, f := range list {
		if kernel != 0 && (f.kernel == kernel || f.kernel2 == kernel) {
			return f
		}
	}
	return nil
}

// streams returns the kernel's numbers of the streams of the process that a freeze stops,
// without those that the kernel has closed.
func (list flows) streams() []system.Socket {
	var found []system.Socket
	for _, f := range list {
		if f.kind == stream && !f.apart && f.asked && f.app != 0 && f.kernel != 0 {
			found = append(found, f.kernel)
		}
	}
	return found
}

// stalled reports whether a server hangs.
func (list flows) stalled() bool {
	return slices.ContainsFunc(list, func(f *flow) bool { return f.stalled })
}

// firstOwn is where the numbers of the link's own sockets begin: above those
// of an app, which counts from 1, and below those of accepted streams, which
// the kernel counts from the top down.
const firstOwn = 1 << 30

// number is the kernel's number for a socket of the app: the app's own, unless
// the kernel has one of that number still, of an earlier process.
func (l *Link) number(app system.Socket) system.Socket {
	if app == 0 || l.flows.beneath(app) == nil {
		return app
	}
	return l.own()
}

func (l *Link) own() system.Socket {
	l.numbered++
	return firstOwn + l.numbered
}
