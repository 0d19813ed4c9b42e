package live

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// bindTries bounds the search for a free pair of ports. Each try takes a port
// that the kernel offers, so it fails only if the next port is taken.
const bindTries = 32

// errorPause is the wait after a failed read, so that an error that stays
// does not keep the loop busy: one RTP packet's time.
const errorPause = 20 * time.Millisecond

// A datagram is one UDP socket.
type datagram struct {
	g       gate
	conn    *net.UDPConn
	local   netip.AddrPort
	packets packetConn
	paired  bool // it is one of a call's

	server netip.AddrPort // of a socket that is bound to face one
	looked time.Time      // when that was last seen to be so
}

func (d *datagram) gate() *gate { return &d.g }

// bind opens the pair of sockets of a call, or a single one.
func (h *Host) bind(c system.Bind) {
	if c.RTCP == 0 {
		h.bindSingle(c)
		return
	}
	rtp, rtcp, err := bindPair(c)
	if err != nil {
		h.pending = append(h.pending, system.Failed{Socket: c.RTP, Err: SocketError(err)})
		return
	}
	for _, d := range []*datagram{rtp, rtcp} {
		d.paired = true
		h.sockets[d.g.id] = d
		h.watchGate(d, waiter(d.packets.raw))
	}
	h.pending = append(h.pending, system.Bound{Socket: c.RTP, Local: rtp.local})
}

// bindPair finds an even port that is free together with the next one
// (RFC 3550 §11).
func bindPair(c system.Bind) (rtp, rtcp *datagram, err error) {
	for range bindTries {
		var first, second *net.UDPConn
		if first, err = listenUDP(c.Addr, 0); err != nil {
			return nil, nil, fmt.Errorf("no UDP port for RTP: %w", err)
		}
		port := address(first.LocalAddr()).Port()
		if second, err = listenUDP(c.Addr, port^1); err != nil {
			first.Close()
			continue
		}
		if port%2 == 1 {
			first, second = second, first
		}
		return pair(c, first, second)
	}
	return nil, nil, fmt.Errorf("no pair of UDP ports for RTP in %d tries: %w", bindTries, err)
}

func pair(c system.Bind, first, second *net.UDPConn) (rtp, rtcp *datagram, err error) {
	rtp, err = newDatagram(c.RTP, first)
	rtcp, err2 := newDatagram(c.RTCP, second)
	if err = errors.Join(err, err2); err != nil {
		first.Close()
		second.Close()
		return nil, nil, err
	}
	return rtp, rtcp, nil
}

func newDatagram(id system.Socket, conn *net.UDPConn) (*datagram, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	d := &datagram{g: gate{id: id}, conn: conn, local: address(conn.LocalAddr())}
	return d, d.packets.init(conn, raw)
}

func listenUDP(a netip.Addr, port uint16) (*net.UDPConn, error) {
	if !a.IsValid() {
		return net.ListenUDP("udp", &net.UDPAddr{Port: int(port)})
	}
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, port)))
}

// receive passes on the datagrams that have arrived, up to maxPackets.
func (d *datagram) receive(h *Host) {
	for range maxPackets {
		n, from, err := d.packets.receive(h.scratch)
		switch {
		case errors.Is(err, errAgain):
			d.g.rearm(0)
			return
		case err != nil:
			// This is mostly an ICMP error about an earlier
			// datagram, reported late. The app is not told: a lost
			// datagram is silent.
			d.g.rearm(errorPause)
			return
		}
		h.tapped(d, from, false, h.scratch[:n])
		h.signal(system.Received{Socket: d.g.id, From: from, Data: append([]byte(nil), h.scratch[:n]...)})
		if d.g.closed || h.frozen {
			break
		}
	}
	d.g.rearm(0)
}

// send sends one datagram; if that fails, it is lost like any other. A failure
// may mean that our address is gone.
func (d *datagram) send(h *Host, to netip.AddrPort, data []byte) {
	err := d.packets.send(to, data)
	switch {
	case err == nil:
		h.tapped(d, to, true, data)
	case d.paired:
		h.pending = append(h.pending, system.Unsent{Socket: d.g.id, To: to, Data: data, Err: SocketError(err)})
	}
	now := time.Now()
	if err != nil && now.Sub(h.looked) >= lookAfter || d.server.IsValid() && now.Sub(d.looked) >= lookEvery {
		h.looked = now
		h.look(now)
	}
}

// tapped reports a datagram that passed a socket to the tap, if there is one.
func (h *Host) tapped(d *datagram, remote netip.AddrPort, out bool, data []byte) {
	if h.tap != nil {
		h.tap(system.Datagram{At: time.Now(), Local: d.local, Remote: remote, Out: out, Data: data})
	}
}

func (d *datagram) shut(bool) {
	if d.g.close() {
		d.conn.Close()
	}
}
