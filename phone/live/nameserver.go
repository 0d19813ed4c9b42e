package live

import (
	"errors"
	"fmt"
	"net"

	"github.com/miekg/dns"

	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// A NameServer answers questions to the DNS with a zone, over UDP and TCP.
type NameServer struct {
	Addr    string // "address:port"
	servers []*dns.Server
	ended   chan error
}

// ServeZone makes a server on a free port of this machine, for programs on it.
func ServeZone(z zone.Zone) (*NameServer, error) {
	packets, streams, err := onePort(func() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") })
	if err != nil {
		return nil, err
	}
	n := &NameServer{Addr: packets.LocalAddr().String(), ended: make(chan error, 2)}
	answer := dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) {
		reply := z.Reply(m)
		if w.LocalAddr().Network() == "udp" {
			reply.Truncate(dns.MinMsgSize)
		}
		_ = w.WriteMsg(reply) // who has asked asks again
	})
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: answer}, {Listener: streams, Handler: answer}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		n.servers = append(n.servers, s)
		go func() { n.ended <- s.ActivateAndServe() }()
		<-started
	}
	return n, nil
}

// onePort finds a port that is free over UDP, as the kernel chooses it, and over TCP.
func onePort(udp func() (net.PacketConn, error)) (packets net.PacketConn, streams net.Listener, err error) {
	for range bindTries {
		if packets, err = udp(); err != nil {
			return nil, nil, err
		}
		if streams, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, streams, nil
		}
		packets.Close()
	}
	return nil, nil, fmt.Errorf("no port for UDP and TCP in %d tries: %w", bindTries, err)
}

// Close ends it.
func (n *NameServer) Close() error {
	var errs []error
	for _, s := range n.servers {
		errs = append(errs, s.Shutdown())
	}
	for range n.servers {
		errs = append(errs, <-n.ended)
	}
	return errors.Join(errs...)
}
