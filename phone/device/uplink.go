package device

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxUnsent is how many bytes wait so, of all streams: the most that Linux
// lets one send buffer grow to (net.ipv4.tcp_wmem).
const maxUnsent = 4 << 20

// unsent is a call for the kernel that waits for the network.
type unsent struct {
	at     time.Time
	effect system.Effect
}

// uplink holds back what an app sends while the network is closed to it. The
// kernel is frozen then: what has arrived stays there. What the app sends
// meanwhile fares as on Linux behind a firewall that drops everything: a
// datagram is lost; what is written to a stream waits in its send buffer, and
// so does the opening of a connection, until the network opens or TCP has given
// up.
type uplink struct {
	*sink
	sockets *sockets
	p       *dozeSettings
	waiting []unsent
	bytes   int
	told    bool // that the app tries, since the network was closed
}

// keep holds back a call that would reach the network, and reports whether it
// was one.
func (u *uplink) keep(now time.Time, c system.Effect) bool {
	switch c := c.(type) {
	case system.Send:
		u.send(now, c)
	case system.Connect, system.StartTLS, system.StartWebSocket:
		u.warn()
		u.waiting = append(u.waiting, unsent{now, c})
	case system.Close:
		u.close(now, c)
	default:
		return false
	}
	return true
}

func (u *uplink) send(now time.Time, c system.Send) {
	u.warn()
	s := u.sockets.owned(c.Socket)
	switch {
	case s.kind == datagram:
	case u.bytes+len(c.Data) > maxUnsent:
		u.waiting = append(u.waiting, unsent{effect: system.Close{Socket: c.Socket, Reset: true}})
		u.abandon(c.Socket, ErrNoBuffers)
	default:
		u.bytes += len(c.Data)
		u.waiting = append(u.waiting, unsent{now, c})
	}
}

// close closes a socket as soon as the network opens, or forgets one that has
// not been opened yet.
func (u *uplink) close(now time.Time, c system.Close) {
	if !u.unopened(c.Socket) {
		u.waiting = append(u.waiting, unsent{now, c})
	}
}

// unopened forgets a connection that has not been opened yet, and reports
// whether it is one.
func (u *uplink) unopened(id system.Socket) bool {
	i := slices.IndexFunc(u.waiting, func(w unsent) bool {
		connect, ok := w.effect.(system.Connect)
		return ok && connect.Socket == id
	})
	if i >= 0 {
		u.waiting = slices.Delete(u.waiting, i, i+1)
	}
	return i >= 0
}

// warn says, once for each time that the app runs without network, that it
// tried to use it.
func (u *uplink) warn() {
	if u.told {
		return
	}
	u.told = true
	u.log(event.Warning{
		Rule: event.RuleDozeOffline, Note: "the app sends while the network is closed to it: datagrams are lost, a stream waits",
		Hint: "sleeptalk explain doze-offline",
	})
}

// flush hands the kernel, which runs again, what has waited for the network,
// but for what TCP has given up.
func (u *uplink) flush(now time.Time) {
	waiting := u.waiting
	u.waiting, u.bytes = nil, 0
	for _, w := range waiting {
		if u.stands(w.effect, now.Sub(w.at)) {
			u.kernel(w.effect)
		}
	}
}

// stands reports whether a call that has waited for so long can still be
// carried out. If TCP has given up by now, the app is told.
func (u *uplink) stands(c system.Effect, waited time.Duration) bool {
	switch c := c.(type) {
	case system.Connect:
		if waited < u.p.ConnectTimeout || u.sockets.owned(c.Socket) == nil {
			return true
		}
		u.sockets.disown(c.Socket)
		u.tell(system.Failed{Socket: c.Socket, Err: ErrTimedOut})
		return false
	case system.StartTLS:
		return u.sockets.owned(c.Socket) != nil
	case system.StartWebSocket:
		return u.sockets.owned(c.Socket) != nil
	case system.Send:
		known := u.sockets.owned(c.Socket) != nil
		if known && waited >= u.p.SendTimeout {
			u.kernel(system.Close{Socket: c.Socket, Reset: true})
			u.abandon(c.Socket, ErrTimedOut)
			return false
		}
		return known
	}
	return true
}

// abandon tells the app that TCP has given up a connection.
func (u *uplink) abandon(id system.Socket, why error) {
	u.sockets.disown(id)
	u.sockets.drop(func(about system.Socket) bool { return about == id }, u.sockets.close)
	u.tell(system.Closed{Socket: id, Err: why})
}

// closeAll closes what a process that ends had closed already.
func (u *uplink) closeAll() {
	for _, w := range u.waiting {
		if c, ok := w.effect.(system.Close); ok {
			u.kernel(c)
		}
	}
}
