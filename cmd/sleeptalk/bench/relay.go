package bench

import (
	"net/netip"
	"sync/atomic"
)

// A relay stands between two phones, each of which is called by the bench, and hands the RTP
// of each to the other as it comes.
type relay struct{ near, far *leg }

// A leg is the relay's end of one call.
type leg struct {
	*ports
	phone atomic.Pointer[netip.AddrPort] // where the phone sends from, and is sent to; nil: not known yet
}

func newRelay() (*relay, error) {
	near, err := newPorts()
	if err != nil {
		return nil, err
	}
	far, err := newPorts()
	if err != nil {
		near.close()
		return nil, err
	}
	r := &relay{&leg{ports: near}, &leg{ports: far}}
	go r.near.handTo(r.far)
	go r.far.handTo(r.near)
	return r, nil
}

// handTo hands what comes to the other leg, until this one is closed.
func (l *leg) handTo(other *leg) {
	for buf := make([]byte, 2048); ; {
		n, from, err := l.rtp.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		l.phone.Store(&from)
		other.send(buf[:n])
	}
}

// send sends to the phone, if it is known where that is. What cannot be sent is lost, as any
// packet may be.
func (l *leg) send(packet []byte) {
	if to := l.phone.Load(); to != nil {
		_, _ = l.rtp.WriteToUDPAddrPort(packet, *to)
	}
}

func (r *relay) close() {
	r.near.close()
	r.far.close()
}
