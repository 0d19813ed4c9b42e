package lab

import (
	"net/netip"

	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// robotPort is what a robot's Contact says: a port on which nothing listens, the
// discard service's, as it is only reached inside the lab.
const robotPort = 9

// A stream is a robot's connection to the SIP server, inside the lab.
type stream struct {
	robot  *robot
	socket system.Socket // the robot's own number
	server netip.AddrPort
	inside *server.Inside
}

// connect opens the robot's stream.
func (r *robot) connect(socket system.Socket) {
	host := r.host.host()
	local, remote := netip.AddrPortFrom(host, r.host.sip.Local().Port()), netip.AddrPortFrom(host, robotPort)
	s := &stream{robot: r, socket: socket, server: local}
	r.stream = s
	s.inside = r.host.sip.Connect(s, local, remote)
	r.signal(system.Connected{Socket: socket, Local: remote, Remote: local})
}

// Receive is data that the server writes.
func (s *stream) Receive(data []byte) {
	if s.robot.stream == s {
		s.robot.signal(system.Received{Socket: s.socket, From: s.server, Data: data})
	}
}

// Closed is the server closing the stream.
func (s *stream) Closed(reset bool) {
	if s.robot.stream != s {
		return
	}
	s.robot.stream = nil
	var err error
	if reset {
		err = system.Reset
	}
	s.robot.signal(system.Closed{Socket: s.socket, Err: err})
}
