package app

import (
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/ice"
	"github.com/sleeptalk/sleeptalk/phone/internal/elsewhere"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A finder finds the way of a call's audio: by a server of STUN the address as which others
// see us, and by ICE the address of the peer's that answers.
type finder struct {
	all  *findings
	call *call

	agent *ice.Agent // nil: there is nothing to find
	local netip.AddrPort
	found func(now time.Time) // goes on when our addresses are known
	named string              // the host of the server, while its address is asked for

	offered bool             // our last description was an offer
	theirs  *ice.Description // nil: the peer has none, or it is not known yet
	routed  [2]ice.Selected  // by component, since theirs is known
	proven  bool             // checks may go: the peer has shown that it receives
	off     bool             // the log has that the peer does not speak it
	renews  bool             // we have begun it anew, and no pair was found since
	refused elsewhere.Ledger // checks
}

// bases are the addresses of the sockets.
func (f *finder) bases() [2]netip.AddrPort {
	return [2]netip.AddrPort{f.local, netip.AddrPortFrom(f.local.Addr(), f.local.Port()+1)}
}

// begin looks for our own addresses, now that the sockets are bound. found is called when
// they are known, perhaps at once.
func (f *finder) begin(now time.Time, local netip.AddrPort, found func(now time.Time)) {
	f.local, f.found, f.agent, f.theirs, f.renews, f.refused = local, found, nil, nil, false, elsewhere.Ledger{After: wrongChecks}
	f.call.voice.sdp.Addr = local
	switch host, port, named := f.server(); {
	case named:
		f.named = host
		f.call.line.out.ask(system.Resolve{Host: host})
	case port != 0 || f.all.offers():
		at, _ := netip.ParseAddr(host)
		f.gather(now, netip.AddrPortFrom(at, port))
	default:
		f.found(now)
	}
}

// carry carries out what the agent gives back.
func (f *finder) carry(now time.Time, out ice.Output) {
	v := &f.call.voice
	for _, d := range out.Send {
		socket := v.rtp
		if d.Component == ice.RTCP {
			socket = v.rtcp
		}
		v.line.out.ask(system.Send{Socket: socket, To: d.To, Data: d.Data})
	}
	for _, n := range out.News {
		f.hears(now, n)
	}
}

// takes takes in a datagram that is one of ICE, and reports whether it was.
func (f *finder) takes(now time.Time, s system.Received) bool {
	if f.agent == nil || !media.IsSTUN(s.Data) {
		return false
	}
	component := ice.RTP
	if s.Socket == f.call.voice.rtcp {
		component = ice.RTCP
	}
	f.carry(now, f.agent.Receive(now, component, s.From, s.Data))
	return true
}

func (f *finder) deadline() time.Time {
	if f.agent == nil {
		return time.Time{}
	}
	return f.agent.Deadline()
}

func (f *finder) advance(now time.Time) {
	if f.agent != nil && system.Due(f.agent.Deadline(), now) {
		f.carry(now, f.agent.Advance(now))
	}
}
