package live

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// maxQueued is how many bytes a stream queues for a peer that does not read,
// besides the kernel's buffer: four SIP messages of the largest size.
const maxQueued = 256 << 10

// lingerTime is how long a closed stream goes on sending what it was given
// before the close.
const lingerTime = 5 * time.Second

// errAgain means that a read or a write would block.
var errAgain = errors.New("would block")

// errStalled ends a stream whose peer reads nothing while the program keeps
// sending.
var errStalled = fmt.Errorf("%w: %d KiB unsent", system.Stalled, maxQueued>>10)

// A stream is one open TCP connection.
type stream struct {
	g      gate
	conn   *net.TCPConn
	raw    syscall.RawConn
	remote netip.AddrPort

	queue   net.Buffers // data that the kernel has not accepted yet, in order
	queued  int         // bytes in queue, and with the writer
	writing bool        // a writer has a batch; queue holds later data
	broken  error       // why a writer failed; not yet reported
}

func (s *stream) gate() *gate { return &s.g }

// newStream wraps conn, whose keepalives are off: a phone's kernel sends
// nothing of its own, and only the peer may wake a suspended app.
func newStream(id system.Socket, conn *net.TCPConn) (*stream, error) {
	raw, err := conn.SyscallConn()
	if err == nil {
		err = conn.SetNoDelay(true)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &stream{g: gate{id: id}, conn: conn, raw: raw, remote: address(conn.RemoteAddr())}, nil
}

// receive reads once and passes on the result: data, or the end.
func (s *stream) receive(h *Host) {
	if s.broken != nil {
		h.lose(s, s.broken)
		return
	}
	n, err := readStream(s.conn, s.raw, h.scratch)
	switch {
	case err == nil:
		h.signal(system.Received{Socket: s.g.id, From: s.remote, Data: append([]byte(nil), h.scratch[:n]...)})
		s.g.rearm(0)
	case errors.Is(err, errAgain):
		s.g.rearm(0)
	case errors.Is(err, io.EOF):
		h.lose(s, nil)
	default:
		h.lose(s, err)
	}
}

// lose tells the machine that a stream has ended.
func (h *Host) lose(s *stream, err error) {
	h.forget(s.g.id)
	s.shut(err != nil)
	h.signal(system.Closed{Socket: s.g.id, Err: SocketError(err)})
}

// send writes as much of data as the kernel accepts now, and queues the rest.
func (s *stream) send(h *Host, data []byte) {
	if s.broken != nil {
		return // the machine is about to learn of its end
	}
	s.queue = append(s.queue, data)
	s.queued += len(data)
	err := s.flush(h)
	if err == nil && s.queued > maxQueued {
		err = errStalled
	}
	if err != nil {
		s.fail(h, err)
	}
}

// flush writes as much of the queue as the kernel accepts, and leaves the rest
// to a writer. It does nothing while a writer is at work.
func (s *stream) flush(h *Host) error {
	for len(s.queue) > 0 && !s.writing {
		n, err := writeStream(s.conn, s.raw, s.queue[0])
		s.queued -= n
		switch {
		case errors.Is(err, errAgain):
			s.write(h)
		case err != nil:
			return err
		case n == len(s.queue[0]):
			s.queue = s.queue[1:]
		default:
			s.queue[0] = s.queue[0][n:]
		}
	}
	return nil
}

// write starts a writer on all that is queued.
func (s *stream) write(h *Host) {
	batch := s.queue
	s.queue, s.writing = nil, true
	h.safego("writer", func() {
		rest, err := drain(s.conn, s.raw, batch)
		h.post(written{s, rest, err})
	})
}

// written takes back the data that a writer did not write.
func (s *stream) written(h *Host, rest net.Buffers, err error) {
	s.writing = false
	if s.broken != nil {
		return
	}
	s.queue = append(rest, s.queue...)
	s.queued = 0
	for _, b := range s.queue {
		s.queued += len(b)
	}
	if err == nil {
		err = s.flush(h)
	}
	switch {
	case s.g.closed && (err != nil || !s.writing):
		delete(h.closing, s)
		s.conn.Close()
	case err != nil:
		s.fail(h, err)
	}
}

// fail marks a stream after a failed write. The machine sees it end as if the
// peer had ended it: at once, or when it thaws.
func (s *stream) fail(h *Host, err error) {
	s.broken = err
	s.queue, s.queued = nil, 0
	h.arrived(s)
}

func (s *stream) shut(reset bool) {
	if !s.g.close() {
		return
	}
	if reset {
		_ = s.conn.SetLinger(0) // fails only on a socket that is already gone
	}
	s.conn.Close()
}

// linger closes a stream with FIN after all queued data is sent.
func (s *stream) linger(h *Host) {
	if !s.writing || s.broken != nil {
		s.shut(false)
		return
	}
	s.g.close()
	h.closing[s] = struct{}{}
	_ = s.conn.SetWriteDeadline(time.Now().Add(lingerTime)) // the writer's error, if any, says more
	_ = s.conn.SetReadDeadline(time.Now())                  // ends the gate
}

// address returns the IP address and port of a TCP or UDP address.
func address(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.TCPAddr:
		ap = a.AddrPort()
	case *net.UDPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
