package device

import (
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// What the tests look at inside of a device.

// named names a frame as the agent of an app that speaks SIP does, on a socket
// that it has.
func named(s system.Socket, data []byte) string {
	if s == 0 {
		return "no socket"
	}
	return control.NameLine(data, func(line string) string {
		if status, ok := strings.CutPrefix(line, "SIP/2.0 "); ok {
			return status
		}
		return control.Method(line)
	})
}

func (d *Device) dozes() bool {
	_, ok := d.family.(*android)
	return ok
}

func (d *Device) android() *android { return d.family.(*android) }

// token is the app's with PushKit, "" elsewhere.
func (d *Device) token() string {
	if k, ok := d.family.(*pushKit); ok {
		return k.token
	}
	return ""
}

// pushesBlocked reports whether the system has stopped delivering pushes.
func (d *Device) pushesBlocked() bool {
	k, ok := d.family.(*pushKit)
	return ok && !k.record.blockedAt.IsZero()
}

// kitOwns is how many pushes and calls the process has to answer for.
func (d *Device) kitOwns() int {
	if k, ok := d.family.(*pushKit); ok {
		return len(k.duties.list) + len(k.screen.calls)
	}
	return 0
}

// kitWaits is how many pushes wait for a process.
func (d *Device) kitWaits() int {
	if k, ok := d.family.(*pushKit); ok {
		return len(k.waiting)
	}
	return 0
}

// reported reports whether the process has reported a call of that name.
func (d *Device) reported(id int) bool {
	k, ok := d.family.(*pushKit)
	return ok && k.screen.find(id) != nil
}

// closes reports whether a socket is closed as soon as the network opens.
func (d *Device) closes(id system.Socket) bool {
	a, ok := d.family.(*android)
	return ok && slices.ContainsFunc(a.uplink.waiting, func(u unsent) bool {
		c, ok := u.effect.(system.Close)
		return ok && c.Socket == id
	})
}
