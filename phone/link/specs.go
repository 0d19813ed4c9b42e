package link

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// A Spec describes one fault: its effect here, and its counterpart on a real
// network.
type Spec struct {
	Name string // as [verb.FaultNames] has it; how it is written is there
	// Does says what it does to the traffic, App what the app sees of it.
	Does, App string
	// Server says what a real server sees, its TCP and its program, which
	// do not know of this link.
	Server string
	// Real says how to get the same on a real network.
	Real string

	do func(*Link, time.Time, Fault) error
	on func(*Link) bool // of a setting: whether it is on
}

// Usage returns the syntax of a fault.
func (s *Spec) Usage() string { return verb.FaultUsage(s.Name) }

// Specs lists every fault, in the order of the reference.
func Specs() []Spec {
	list := append(networkSpecs(), serverSpecs()...)
	list = append(list, packetSpecs()...)
	return append(list, Spec{
		Name: "clear",
		Does: "switches everything off that is on, and brings an offline handset back; what the network has forgotten stays forgotten",
		do:   doClear,
	})
}

func networkSpecs() []Spec {
	return []Spec{
		{
			Name: "network",
			Does: "joins the handset to another network. On another one than before, everything that is open is dead, silently, and new connections come from a new port; " +
				"offline, nothing passes, and back on the same network TCP goes on where it was",
			App: "of a handover nothing, asleep or awake, until it sends and gets no answer; then its next connection is a new one. " +
				"Offline, what it sends waits and is tried again with TCP's doubling waits, for " + DataTimeout.Round(time.Second).String() + " at most, a connect for " + ConnectTimeout.String() + "; datagrams are lost, and pushes wait at their service until they expire",
			Server: "bytes that it sends meanwhile are acknowledged by this computer's kernel, so that it does not send them again; " +
				"this link counts the tries in its place, and resets the connection when a real server's TCP would have given up. The handset's address stays that of this computer: only the port is new",
			Real: "ip addr del … && ip addr add …; on a phone, walk out of the wifi's reach",
			do:   doNetwork,
		},
		{
			Name:   "nat drop",
			Does:   "makes the NAT forget every flow now. A connection is dead, both ways; a UDP flow gets a new source port with the next packet out",
			App:    "nothing: no FIN, no RST, no wake. Its pings get no pong. With a NAT that is set to reset, RST answers the next packet out",
			Server: "its connection stays up, half-open. What it sends is acknowledged by this computer's kernel, where behind a real NAT it would send again and give up; this link resets the connection at that time",
			Real:   "conntrack -D -p tcp --orig-port-dst 5060, with net.netfilter.nf_conntrack_tcp_loose=0",
			do:     doNATDrop,
		},
		{
			Name: "nat",
			Does: "puts a NAT on the path that forgets idle flows: UDP and TCP after 60 s and 1 h (home), 30 s and 4 min (short), 2 and 5 min (carrier), 5 min and 2 h 4 min (rfc). " +
				"Traffic either way keeps a flow; a datagram comes in only after one has gone out of the same port",
			App:    "the same as of nat drop, when the time is over",
			Server: "the same as of nat drop. Of a sleeping app's unread bytes only the first count as traffic",
			Real:   "sysctl net.netfilter.nf_conntrack_tcp_timeout_established=240 net.netfilter.nf_conntrack_udp_timeout=30",
			do:     doNAT,
			on:     func(l *Link) bool { return l.nat.on() },
		},
	}
}

func serverSpecs() []Spec {
	return []Spec{
		{
			Name:   "server close",
			Does:   "ends every open connection as if the server had closed it",
			App:    "FIN: on a watched socket it wakes the app",
			Server: "a FIN from the phone, at the same time, so that it no longer has the connection either",
			Real:   "restart the server in order; ss -K dport = :5060 on its machine",
			do:     doServerClose,
		},
		{
			Name:   "server reset",
			Does:   "ends every open connection as if the server had reset it",
			App:    "RST: the error \"" + system.Reset.Error() + "\"; on a watched socket it wakes the app",
			Server: "an RST from the phone, at the same time",
			Real:   "tcpkill; iptables -A INPUT -p tcp --dport 5060 -j REJECT --reject-with tcp-reset, and one packet",
			do:     doServerReset,
		},
		{
			Name:   "server half-open",
			Does:   "makes the server forget every open connection and say nothing, as after a loss of power",
			App:    "nothing, asleep or awake, until it sends; then RST after a round trip (RFC 9293 §3.5.1)",
			Server: "an RST from the phone at once, because it must no longer have the connection",
			Real:   "power off the server and on",
			do:     doServerHalfOpen,
		},
		{
			Name:   "server stall",
			Does:   "makes the server hang: on every connection that is open, bytes are accepted and nothing answers. Later connections work",
			App:    "what it sends is acknowledged and not answered; no FIN, no wake",
			Server: "nothing of what the phone sends, until server unstall; what it sends waits in this link",
			Real:   "kill -STOP the server",
			do:     doServerStall,
		},
		{
			Name:   "server unstall",
			Does:   "lets the server continue: everything queued arrives, both ways and in order",
			App:    "late answers, in a lump",
			Server: "late requests, in a lump",
			Real:   "kill -CONT the server",
			do:     doServerUnstall,
		},
	}
}

func packetSpecs() []Spec {
	const late = "its own packets take as long; it sees a slow phone"
	return []Spec{
		{
			Name: "latency",
			Does: "delays each packet by TIME, each way: a round trip by twice that", App: "slow answers; asleep, a later wake",
			Server: late, Real: "tc qdisc add dev eth0 root netem delay 150ms",
			do: setting(func(s *shape, f Fault) { s.Latency = f.Time }),
			on: func(l *Link) bool { return l.up.Latency > 0 },
		},
		{
			Name: "jitter",
			Does: "delays each packet by a random time up to TIME, each way: datagrams overtake each other, TCP keeps its order", App: "jitter in the statistics of the call",
			Server: late, Real: "tc qdisc add dev eth0 root netem delay 100ms 50ms",
			do: setting(func(s *shape, f Fault) { s.Jitter = f.Time }),
			on: func(l *Link) bool { return l.up.Jitter > 0 },
		},
		{
			Name: "loss",
			Does: "loses that share of the packets, each way. A datagram is gone; a piece of a stream is tried again after 1, 2, 4 … s (RFC 6298)", App: "gaps in the audio, late answers",
			Server: "lost datagrams are lost to it, too; of TCP it sees late bytes but no retransmissions, because this link makes those", Real: "tc qdisc add dev eth0 root netem loss 5%",
			do: setting(func(s *shape, f Fault) { s.Loss = f.Share }),
			on: func(l *Link) bool { return l.up.Loss > 0 },
		},
		{
			Name: "duplicate",
			Does: "delivers that share of the datagrams twice, each way", App: "nothing, if its RTP code is correct",
			Server: "the phone's datagrams twice", Real: "tc qdisc add dev eth0 root netem duplicate 5%",
			do: setting(func(s *shape, f Fault) { s.duplicate = f.Share }),
			on: func(l *Link) bool { return l.up.duplicate > 0 },
		},
		{
			Name: "reorder",
			Does: "delivers that share of the datagrams " + reorderDelay.String() + " late, each way, so that others overtake them", App: "jitter, and late packets",
			Server: "the phone's datagrams out of order", Real: "tc qdisc add dev eth0 root netem delay 50ms reorder 95%",
			do: setting(func(s *shape, f Fault) { s.reorder = f.Share }),
			on: func(l *Link) bool { return l.up.reorder > 0 },
		},
		{
			Name: "bandwidth",
			Does: "limits the traffic to that rate, each way; a datagram that would wait for more than " + maxWaiting.String() + " is lost", App: "delay that grows, then gaps: G.711 needs about 80 kbit/s",
			Server: late, Real: "tc qdisc add dev eth0 root tbf rate 64kbit burst 1600 latency 1s",
			do: setting(func(s *shape, f Fault) { s.rate, s.free = f.Rate, time.Time{} }),
			on: func(l *Link) bool { return l.up.rate > 0 },
		},
	}
}
