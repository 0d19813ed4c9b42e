package live

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// guardTime bounds a read that follows a gate's word that it will not wait.
// Windows sockets wait inside the kernel, not in poll(2), so a reader that was
// told wrongly must be able to leave.
const guardTime = 20 * time.Millisecond

// waiter returns a function that returns when something lies in the socket.
// RawConn.Read parks in a receive of zero bytes each time the callback returns
// false; it completes when there is something, and takes nothing away.
func waiter(raw syscall.RawConn) func() error {
	return func() error {
		parked := false
		return raw.Read(func(uintptr) bool {
			defer func() { parked = true }()
			return parked
		})
	}
}

// readStream reads what lies in a stream: io.EOF after a FIN, errAgain if
// there is nothing.
func readStream(c *net.TCPConn, _ syscall.RawConn, p []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(guardTime))
	n, err := c.Read(p)
	c.SetReadDeadline(time.Time{})
	return n, again(err)
}

// writeStream never writes here: a socket cannot be asked to take only what it
// can take now, so that every write is left to drain.
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

// receive reads one datagram; errAgain if there is none.
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
