package bench

import (
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stampedBy says who notes when a packet comes.
const stampedBy = "the kernel has received them"

// stamps read packets, with when the kernel has received them: the bench itself may be late.
type stamps struct {
	conn *net.UDPConn
	oob  []byte
}

func newStamps(conn *net.UDPConn) *stamps {
	if raw, err := conn.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) // without it, no packet has a time
		})
	}
	return &stamps{conn, make([]byte, 128)}
}

// read reads a packet. Times count from the kernel's epoch.
func (s *stamps) read(buf []byte) (n int, at time.Duration, err error) {
	n, oob, _, _, err := s.conn.ReadMsgUDPAddrPort(buf, s.oob)
	if err != nil {
		return 0, 0, err
	}
	list, err := unix.ParseSocketControlMessage(s.oob[:oob])
	if err != nil {
		return 0, 0, err
	}
	for _, m := range list {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			ts := (*unix.Timespec)(unsafe.Pointer(unsafe.SliceData(m.Data)))
			return n, time.Duration(ts.Nano()), nil
		}
	}
	return n, time.Duration(time.Now().UnixNano()), nil
}
