package device

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An app that runs while the network is closed to it has a kernel that is
// frozen: what has arrived stays there. What it sends meanwhile is as on
// Linux behind a firewall that drops everything: a datagram is lost; what is
// written to a stream waits in its send buffer, and so does the opening of a
// connection, until the network opens or TCP has given up.

// maxUnsent is how many bytes wait so, of all streams: the most that Linux
// lets one send buffer grow to (net.ipv4.tcp_wmem).
const maxUnsent = 4 << 20

// unsent is a call for the kernel that waits for the network.
type unsent struct {
	at   time.Time
	call system.Call
}

// goOffline closes the network to an app that runs.
func (d *Device) goOffline() {
	if !d.offline {
		d.offline, d.offlineTold = true, false
		d.kernel(system.Freeze{})
	}
}

// goOnline opens it again.
func (d *Device) goOnline(now time.Time) {
	if d.offline {
		d.handOver(now)
	}
}

// reconnect is the network open again: the kernel goes on, and takes what
// waited to be sent.
func (d *Device) reconnect(now time.Time) {
	if d.offline {
		d.offline = false
		d.kernel(system.Thaw{})
	}
	d.flush(now)
}

// keepUnsent holds back a call that would reach the network, and reports
// whether it was one.
func (d *Device) keepUnsent(now time.Time, c system.Call) bool {
	if !d.offline {
		return false
	}
	switch c := c.(type) {
	case system.Send:
		d.sendOffline(now, c)
	case system.Connect, system.StartTLS:
		d.warnOffline()
		d.unsent = append(d.unsent, unsent{now, c})
	case system.Close:
		d.closeOffline(now, c)
	default:
		return false
	}
	return true
}

func (d *Device) sendOffline(now time.Time, c system.Send) {
	d.warnOffline()
	s := d.owned(c.Socket)
	switch {
	case s.kind == datagram:
	case d.unsentBytes+len(c.Data) > maxUnsent:
		d.abandon(c.Socket, ErrNoBuffers)
	default:
		d.unsentBytes += len(c.Data)
		d.unsent = append(d.unsent, unsent{now, c})
	}
}

// closeOffline closes a socket as soon as the network opens, or forgets one
// that has not been opened yet.
func (d *Device) closeOffline(now time.Time, c system.Close) {
	opens := func(u unsent) bool {
		connect, ok := u.call.(system.Connect)
		return ok && connect.Socket == c.Socket
	}
	if i := slices.IndexFunc(d.unsent, opens); i >= 0 {
		d.unsent = slices.Delete(d.unsent, i, i+1)
		return
	}
	d.unsent = append(d.unsent, unsent{now, c})
}

// warnOffline says, once for each time that the app runs without network,
// that it tried to use it.
func (d *Device) warnOffline() {
	if d.offlineTold {
		return
	}
	d.offlineTold = true
	d.log(event.Warning{
		Rule: event.RuleDozeOffline, Note: "the app sends while the network is closed to it: datagrams are lost, a stream waits",
		Hint: "sleeptalk explain doze-offline",
	})
}

// flush hands the kernel what has waited for the network, but for what TCP
// has given up.
func (d *Device) flush(now time.Time) {
	waiting := d.unsent
	d.unsent, d.unsentBytes = nil, 0
	for _, u := range waiting {
		waited := now.Sub(u.at)
		switch c := u.call.(type) {
		case system.Connect:
			if waited >= d.profile.ConnectTimeout && d.owned(c.Socket) != nil {
				d.disown(c.Socket)
				d.tell(system.Failed{Socket: c.Socket, Err: ErrTimedOut})
				continue
			}
		case system.StartTLS:
			if d.owned(c.Socket) == nil {
				continue
			}
		case system.Send:
			if waited >= d.profile.SendTimeout {
				d.abandon(c.Socket, ErrTimedOut)
			}
			if d.owned(c.Socket) == nil {
				continue
			}
		}
		d.kernel(u.call)
	}
}

// abandon ends a connection that TCP has given up.
func (d *Device) abandon(id system.Socket, why error) {
	if d.owned(id) == nil {
		return
	}
	gone := system.Close{Socket: id, Reset: true}
	if d.offline {
		d.unsent = append(d.unsent, unsent{call: gone})
	} else {
		d.kernel(gone)
	}
	d.disown(id)
	d.drop(func(about system.Socket) bool { return about == id })
	d.tell(system.Closed{Socket: id, Err: why})
}

// closeUnsent closes what a process that ends had closed already.
func (d *Device) closeUnsent() {
	for _, u := range d.unsent {
		if c, ok := u.call.(system.Close); ok {
			d.kernel(c)
		}
	}
}
