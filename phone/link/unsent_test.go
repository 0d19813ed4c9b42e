package link

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestUnsentIsOfTheAppsSocket: the app knows its sockets by other numbers than the kernel,
// once a NAT has moved them.
func TestUnsentIsOfTheAppsSocket(t *testing.T) {
	l := &Link{flows: flows{{kind: datagram, app: 5, app2: 6, kernel: 7, kernel2: 8}}}
	for kernel, app := range map[system.Socket]system.Socket{7: 5, 8: 6} {
		if s, ok := l.receive(start, system.Unsent{Socket: kernel}).(system.Unsent); !ok || s.Socket != app {
			t.Errorf("socket %d of the kernel: %+v, want %d", kernel, s, app)
		}
	}
}
