package live

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// guardTime bounds a read after a gate reported that the socket is readable.
// Windows sockets wait inside the kernel, not in poll(2), so a read after a
// false report must be able to return.
const guardTime = 20 * time.Millisecond

// waiter returns a function that waits until the socket is readable.
// RawConn.Read parks in a receive of zero bytes each time the callback returns
// false; that receive completes when there is data, and consumes none.
func waiter(raw syscall.RawConn) func() error {
	return func() error {
		parked := false
		return raw.Read(func(uintptr) bool {
			defer func() { parked = true }()
			return parked
		})
	}
}

// readStream reads from a stream. It returns io.EOF after a FIN, and errAgain
// if there is nothing to read.
func readStream(c *net.TCPConn, _ syscall.RawConn, p []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(guardTime))
	n, err := c.Read(p)
	c.SetReadDeadline(time.Time{})
	return n, again(err)
}

// writeStream never writes here: Windows has no write that takes only what fits
// now, so every write is left to drain.
func writeStream(*net.TCPConn, syscall.RawConn, []byte) (int, error) {
	return 0, errAgain
}

// drain writes the batch, and returns what it could not write.
func drain(c *net.TCPConn, _ syscall.RawConn, batch net.Buffers) (net.Buffers, error) {
	_, err := batch.WriteTo(c)
	return batch, err
}

// A packetConn reads and sends the datagrams of one socket.
type packetConn struct {
	conn *net.UDPConn
	raw  syscall.RawConn
}

// init takes conn into use.
func (c *packetConn) init(conn *net.UDPConn, raw syscall.RawConn) error {
	c.conn, c.raw = conn, raw
	return nil
}

// receive reads one datagram; it returns errAgain if there is none.
func (c *packetConn) receive(p []byte) (int, netip.AddrPort, error) {
	c.conn.SetReadDeadline(time.Now().Add(guardTime))
	n, from, err := c.conn.ReadFromUDPAddrPort(p)
	c.conn.SetReadDeadline(time.Time{})
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return n, from, again(err)
}

// send sends one datagram.
func (c *packetConn) send(to netip.AddrPort, data []byte) error {
	_, err := c.conn.WriteToUDPAddrPort(data, to)
	return err
}

func again(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errAgain
	}
	return err
}
