//go:build !linux

package bench

import (
	"net"
	"time"
)

// stampedBy says who notes when a packet comes.
const stampedBy = "the bench has read them, which may itself be late"

// stamps read packets, with when they were read.
type stamps struct {
	conn  *net.UDPConn
	began time.Time
}

func newStamps(conn *net.UDPConn) *stamps { return &stamps{conn, time.Now()} }

// read reads a packet. Times count from when the stamps began.
func (s *stamps) read(buf []byte) (n int, at time.Duration, err error) {
	n, err = s.conn.Read(buf)
	return n, time.Since(s.began), err
}
