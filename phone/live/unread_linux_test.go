package live

import (
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestUnreadIsCounted: the kernel says how much lies in a socket of a frozen program, and
// that an end is no data; nothing is read for that.
func TestUnreadIsCounted(t *testing.T) {
	r := newRig(t, Config{})
	peer, other := r.connect(server(t), 1), r.connect(server(t), 2)
	r.do(system.Freeze{Watch: []system.Socket{1, 2}})
	if _, err := peer.Write([]byte("INVITE")); err != nil {
		t.Fatal(err)
	}
	if got := next[system.Readable](r); got != (system.Readable{Socket: 1, Bytes: 6}) {
		t.Errorf("%+v", got)
	}
	if err := other.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := next[system.Readable](r); got != (system.Readable{Socket: 2}) {
		t.Errorf("%+v", got)
	}
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Received](r); string(got.Data) != "INVITE" {
		t.Errorf("%q", got.Data)
	}
}
