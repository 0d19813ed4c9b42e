package live

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// chunks is n numbered blocks of 32 KiB.
func chunks(n int) (blocks []system.Effect, all []byte) {
	for i := range n {
		b := bytes.Repeat([]byte{byte(i)}, 32<<10)
		all = append(all, b...)
		blocks = append(blocks, system.Send{Socket: 1, Data: b})
	}
	return blocks, all
}

// narrow makes the buffers on the way to the peer small, so that a few blocks
// fill them.
func narrow(t *testing.T, r *rig, peer *net.TCPConn) {
	t.Helper()
	if err := peer.SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	r.within(func() []system.Effect {
		r.host.sockets[1].(*stream).conn.SetWriteBuffer(4 << 10)
		return nil
	})
}

func TestSendToASlowPeer(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	narrow(t, r, peer)
	blocks, all := chunks(7)
	r.do(blocks...)
	queued := 0
	r.within(func() []system.Effect {
		queued = r.host.sockets[1].(*stream).queued
		return nil
	})
	if queued == 0 {
		t.Error("the kernel took everything: nothing was tested")
	}
	// What was sent before a close arrives before its FIN.
	r.do(system.Close{Socket: 1})
	got, err := io.ReadAll(peer)
	if err != nil || !bytes.Equal(got, all) {
		t.Errorf("%d bytes of %d arrived, %v", len(got), len(all), err)
	}
	r.silent()
}

func TestSendToAStalledPeer(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	narrow(t, r, peer)
	blocks, _ := chunks(200)
	r.do(blocks...)
	if got := next[system.Closed](r); !errors.Is(got.Err, system.Stalled) {
		t.Errorf("closed: %v", got.Err)
	}
	if _, err := io.ReadAll(peer); !errors.Is(err, errReset) {
		t.Errorf("the peer reads %v, want a reset", err)
	}
}

func TestSendAfterReset(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	peer.SetLinger(0)
	peer.Close()
	if got := next[system.Closed](r); !errors.Is(got.Err, system.Reset) {
		t.Errorf("closed: %v", got.Err)
	}
	r.do(system.Send{Socket: 1, Data: []byte("x")})
	r.silent()
	if errs := events[event.Error](r); len(errs) != 1 || errs[0].Err != "socket 1 is not open" {
		t.Errorf("log: %+v", errs)
	}
}

func TestCloseWithReset(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	r.do(system.Close{Socket: 1, Reset: true})
	if _, err := peer.Read(make([]byte, 1)); !errors.Is(err, errReset) {
		t.Errorf("the peer reads %v, want a reset", err)
	}
	r.silent()
}

func TestAcceptedFromTheTopDown(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Listen{Socket: 1, Addr: "127.0.0.1:0"})
	at := next[system.Bound](r).Local.String()
	for want := system.Socket(math.MaxUint32); want > math.MaxUint32-3; want-- {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := next[system.Accepted](r); got.Socket != want || got.Listener != 1 {
			t.Errorf("accepted %+v, want number %d", got, want)
		}
		r.write(c, "ping")
		if got := next[system.Received](r); got.Socket != want || string(got.Data) != "ping" {
			t.Errorf("received %+v", got)
		}
	}
}

// TestListenerWaits: the gate of a listener must wait, not spin.
func TestListenerWaits(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{ln: ln.(*net.TCPListener)}
	defer l.shut(false)
	dialled := make(chan net.Conn, 1)
	go func() {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Error(err)
		}
		dialled <- conn
	}()
	if err := l.wait(); err != nil {
		t.Fatalf("wait: %v", err)
	}
	conn := <-dialled
	defer conn.Close()
	if l.conn == nil || l.conn.RemoteAddr().String() != conn.LocalAddr().String() {
		t.Errorf("accepted %v", l.conn)
	}
	l.drop()
}

func TestListenOnATakenPort(t *testing.T) {
	r := newRig(t, Config{})
	at := server(t).Addr().String()
	r.do(system.Listen{Socket: 1, Addr: at})
	got := next[system.Failed](r)
	if want := at + "/tcp is taken: another program listens there"; !errors.Is(got.Err, system.AddrInUse) ||
		!bytes.HasPrefix([]byte(got.Err.Error()), []byte(want)) {
		t.Errorf("failed: %v", got.Err)
	}
}

func TestMisuseIsLogged(t *testing.T) {
	r := newRig(t, Config{})
	r.connect(server(t), 1)
	r.do(
		system.Connect{Socket: 1, Target: "127.0.0.1:1"},
		system.Bind{RTP: 2, RTCP: 1},
		system.Listen{Socket: 1, Addr: "127.0.0.1:0"},
		system.MarkVoIP{Socket: 1},
		system.Close{Socket: 9}, // already closed: not an error
	)
	want := []event.Error{
		{Op: "connect", Err: "socket 1 is in use", Rule: event.RuleProgramMistake},
		{Op: "bind", Err: "socket 1 is in use", Rule: event.RuleProgramMistake},
		{Op: "listen", Err: "socket 1 is in use", Rule: event.RuleProgramMistake},
		{Op: "system.MarkVoIP", Err: "this call is not one for the kernel", Rule: event.RuleProgramMistake},
	}
	got := events[event.Error](r)
	if len(got) != len(want) {
		t.Fatalf("log: %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("log: %+v, want %+v", got[i], want[i])
		}
	}
	r.silent()
}

// A reset breaks reading and writing; the machine learns of it once, and not
// before it thaws.
func TestWriterBreaksWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	narrow(t, r, peer)
	blocks, _ := chunks(7)
	r.do(append(blocks, system.Freeze{Watch: []system.Socket{1}})...)
	peer.SetLinger(0)
	peer.Close()
	next[system.Readable](r)
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Closed](r); got.Err == nil {
		t.Error("closed without an error")
	}
	r.silent()
}

// A close during a freeze withdraws an error from that freeze.
func TestCloseABrokenStream(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	narrow(t, r, peer)
	blocks, _ := chunks(7)
	r.do(append(blocks, system.Freeze{Watch: []system.Socket{1}})...)
	peer.SetLinger(0)
	peer.Close()
	next[system.Readable](r)
	r.do(system.Close{Socket: 1}, system.Thaw{})
	r.silent()
	r.within(func() []system.Effect {
		if n := len(r.host.sockets); n > 0 {
			t.Errorf("%d sockets are left", n)
		}
		return nil
	})
}
