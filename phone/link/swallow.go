package link

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Why a datagram is lost that no fault of its flow has lost.
const (
	byLoss     = "loss"
	byOverflow = "bandwidth"
	noMapping  = "no mapping"
)

// What is told of what a flow has lost (our own numbers): as much as a server that calls
// again and again sends in a minute, and then something every ten seconds. A flood costs no
// more log than that.
const (
	maxTold   = 16
	tellAgain = 10 * time.Second
)

// A Reader says what lost bytes were, of which socket of the app, as far as it can: it fills
// in What, From and CallID.
type Reader func(socket system.Socket, data []byte) event.Swallowed

// A toll counts what the network has lost of a flow, and says what of it is told.
type toll struct {
	told  int       // in quick succession
	since time.Time // when the first of those was
	more  int       // not told since the last that was
}

// pays reports whether a loss at now is told; rare is for a flow of which little is told.
func (t *toll) pays(now time.Time, rare bool) bool {
	most := maxTold
	if rare {
		most = 1
	}
	if gone := int(now.Sub(t.since) / tellAgain); t.told > 0 && gone > 0 {
		t.told = max(0, t.told-gone)
		t.since = t.since.Add(time.Duration(gone) * tellAgain)
	}
	if t.told >= most {
		t.more++
		return false
	}
	if t.told++; t.told == 1 {
		t.since = now
	}
	return true
}

// swallow tells that data of a flow is lost. Of the audio of a call little is told: its own
// reports count what is missing.
func (t *teller) swallow(now time.Time, f *flow, data []byte, remote netip.AddrPort, out bool, why string) {
	if len(data) == 0 || !f.losses.pays(now, f.paired()) {
		return
	}
	e := event.Swallowed{What: "data"}
	if t.read != nil && !f.paired() {
		e = t.read(f.app, data)
	}
	e.Out, e.Bytes, e.More, e.Why = out, len(data), f.losses.more, why
	e.Transport, e.Local, e.Remote = f.kind.String(), f.local.String(), address(remote)
	f.losses.more = 0
	t.log(e)
}

// swallowAll tells of what is on its way over a flow that the network forgets.
func (t *teller) swallowAll(now time.Time, f *flow, why string) {
	for _, list := range [][]packet{f.up.queue, f.up.way} {
		for _, p := range list {
			if c, ok := p.effect.(system.Send); ok {
				t.swallow(now, f, c.Data, f.other(c.To), true, why)
			}
		}
	}
	for _, list := range [][]packet{f.down.queue, f.down.way} {
		for _, p := range list {
			if s, ok := p.sig.(system.Received); ok {
				t.swallow(now, f, s.Data, f.other(s.From), false, why)
			}
		}
	}
}

// shaped tells of a datagram that the link's own shape has lost. Of the audio of a call its
// reports tell.
func (t *teller) shaped(now time.Time, f *flow, s *shape, data []byte, remote netip.AddrPort, out bool) {
	if f.paired() {
		return
	}
	why := byLoss
	if s.Loss == 0 {
		why = byOverflow
	}
	t.swallow(now, f, data, remote, out, why)
}

// lost is why what comes over a flow gets no further.
func (l *Link) lost(f *flow) string {
	switch {
	case l.offline():
		return Offline
	case f.why != "":
		return f.why
	}
	return noMapping
}

// mapping tells of what the network remembers of a flow, if it ever knew it.
func (l *Link) mapping(now time.Time, f *flow, phase event.MappingPhase, why string) {
	if !f.local.IsValid() {
		return
	}
	e := event.Mapping{Phase: phase, Transport: f.kind.String(), Local: f.local.String(), Remote: address(f.remote), Why: why}
	if l.nat.on() {
		e.Limit = event.Seconds(l.nat.ttl(f.kind))
		if phase == event.MappingForgotten && !f.touched.IsZero() {
			e.Idle = event.Seconds(now.Sub(f.touched))
		}
	}
	l.log(e)
}

func (k kind) String() string {
	if k == datagram {
		return "udp"
	}
	return "tcp"
}

// address writes an address, or "" if there is none.
func address(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// paired reports whether the flow is one for the audio of a call.
func (f *flow) paired() bool { return f.bind.RTCP != 0 }

// other is the other end of a flow, or of one of its packets.
func (f *flow) other(packet netip.AddrPort) netip.AddrPort {
	if f.kind == datagram {
		return packet
	}
	return f.remote
}

// drain has the kernel read what a frozen app's sockets get of which the network knows no
// more: that is lost, and nobody else would ever tell what it was.
func (l *Link) drain(f *flow) {
	if l.frozen && f.kernel != 0 && !f.alive() && !f.paired() {
		l.kernel(system.Drain{Socket: f.kernel})
	}
}
