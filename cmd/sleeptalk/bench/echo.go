package bench

import (
	"errors"
	"net"
	"sync/atomic"
)

// An echo is the far end of a call's audio: it sends each RTP packet back as
// it comes, so at the pace of who sent it.
type echo struct {
	*ports
	packets atomic.Int64
	sealed  bool                 // nothing is sent back before there are keys
	seals   atomic.Pointer[seal] // nil: plain, or there are no keys yet
}

// rtpHeader is the least that an RTP packet has, and ssrc where its source's
// number is (RFC 3550 §5.1).
const (
	rtpHeader = 12
	ssrc      = 8
)

func newEcho(sealed bool) (*echo, error) {
	p, err := newPorts()
	if err != nil {
		return nil, err
	}
	e := &echo{ports: p, sealed: sealed}
	go e.run()
	return e, nil
}

// ports are a pair of UDP ports of loopback, the even one for RTP and the next one for RTCP
// (RFC 3550 §11), which nobody reads.
type ports struct {
	port      int
	rtp, rtcp *net.UDPConn
}

func newPorts() (*ports, error) {
	const tries = 32
	var failed error
	for range tries {
		rtp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		port := rtp.LocalAddr().(*net.UDPAddr).Port
		rtcp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + 1})
		if err == nil && port%2 == 0 {
			return &ports{port: port, rtp: rtp, rtcp: rtcp}, nil
		}
		failed = errors.Join(errors.New("no free pair of UDP ports"), err)
		rtp.Close()
		if rtcp != nil {
			rtcp.Close()
		}
	}
	return nil, failed
}

func (e *echo) run() {
	for buf := make([]byte, 2048); ; {
		n, from, err := e.rtp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		if n < rtpHeader {
			continue
		}
		e.packets.Add(1)
		// What cannot be sent is lost, as any packet may be.
		if back := e.back(buf[:n]); back != nil {
			_, _ = e.rtp.WriteToUDPAddrPort(back, from)
		}
	}
}

// back is the packet to send back, nil if there is none, from a source of our own: the phone's
// would be a loop (RFC 3550 §8.2).
func (e *echo) back(packet []byte) []byte {
	switch s := e.seals.Load(); {
	case s != nil:
		return s.back(packet)
	case e.sealed:
		return nil
	}
	packet[ssrc] ^= 0xff
	return packet
}

func (p *ports) close() {
	p.rtp.Close()
	p.rtcp.Close()
}
