//go:build unix

package live

import (
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

const errReset = syscall.ECONNRESET

// On a phone's streams the kernel sends nothing of its own (no keepalives), and
// it sends the phone's data at once (no delay).
func TestStreamOptions(t *testing.T) {
	r := newRig(t, Config{})
	r.connect(server(t), 1)
	r.do(system.Listen{Socket: 2, Addr: "127.0.0.1:0"})
	c, err := net.Dial("tcp", next[system.Bound](r).Local.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accepted := next[system.Accepted](r).Socket
	for _, id := range []system.Socket{1, accepted} {
		var keepalive, noDelay int
		r.within(func() []system.Effect {
			s := r.host.sockets[id].(*stream)
			_ = s.raw.Control(func(fd uintptr) {
				keepalive, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE)
				noDelay, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY)
			})
			return nil
		})
		if keepalive != 0 || noDelay == 0 {
			t.Errorf("socket %d: SO_KEEPALIVE %d, TCP_NODELAY %d", id, keepalive, noDelay)
		}
	}
}
