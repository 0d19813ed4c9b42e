package live

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// lookEvery is how often, at most, a socket that sends looks whether its address
// still faces its server (our own number: a look takes a few system calls).
const lookEvery = 10 * time.Second

// lookAfter is how often, at most, a failure to send is reason to look.
const lookAfter = time.Second

// facing returns our address on the route to a remote one. Connecting a UDP
// socket sends nothing.
func facing(remote netip.AddrPort) (netip.Addr, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(remote))
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	return address(conn.LocalAddr()).Addr(), nil
}

// look closes the sockets that are bound to an address which no longer faces
// their server: the machine has moved to another network. The program opens
// another socket, which is bound to the new address. While there is no network
// at all, the sockets stay.
func (h *Host) look(now time.Time) {
	for _, id := range h.numbers() {
		d, ok := h.sockets[id].(*datagram)
		if !ok || !d.server.IsValid() {
			continue
		}
		d.looked = now
		at, err := h.facing(d.server)
		if err != nil || at == d.local.Addr() {
			continue
		}
		h.closeSocket(system.Close{Socket: id})
		h.pending = append(h.pending, system.Closed{
			Socket: id, Err: fmt.Errorf("%w: %s faces the server now, not %s", system.Moved, at, d.local.Addr()),
		})
	}
}
