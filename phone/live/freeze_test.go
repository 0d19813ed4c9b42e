package live

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// fill writes as much of data as the kernel accepts without blocking, and
// returns the rest.
func fill(t *testing.T, c *net.TCPConn, data []byte) []byte {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for len(data) > 0 {
		n, err := writeStream(c, raw, data)
		if errors.Is(err, errAgain) {
			return data
		}
		if err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	return nil
}

func TestFrozenBytesStayInTheKernel(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	r.do(system.Freeze{Watch: []system.Socket{1}})

	data := make([]byte, 16<<20)
	rand.NewChaCha8([32]byte{7}).Read(data)
	rest := fill(t, peer, data)
	if len(rest) == 0 {
		t.Fatal("the window never closed: somebody reads")
	}
	if got := next[system.Readable](r); got.Socket != 1 {
		t.Fatalf("readable: %+v", got)
	}
	r.silent()

	sent := make(chan error, 1)
	go func() {
		_, err := peer.Write(rest)
		sent <- errors.Join(err, peer.CloseWrite())
	}()
	r.silent()
	r.do(system.Thaw{})
	var heard []byte
	for len(heard) < len(data) {
		heard = append(heard, next[system.Received](r).Data...)
	}
	if !bytes.Equal(heard, data) {
		t.Error("the bytes arrived changed, or in another order")
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if got := next[system.Closed](r); got.Err != nil {
		t.Errorf("closed: %v", got.Err)
	}
}

func TestFinWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	r.do(system.Freeze{Watch: []system.Socket{1}})
	r.write(peer, "bye")
	peer.CloseWrite()
	next[system.Readable](r)
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Received](r); string(got.Data) != "bye" {
		t.Errorf("received %q", got.Data)
	}
	if got := next[system.Closed](r); got.Socket != 1 || got.Err != nil {
		t.Errorf("closed: %+v", got)
	}
}

func TestRstWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	r.do(system.Freeze{Watch: []system.Socket{1}})
	peer.SetLinger(0)
	peer.Close()
	next[system.Readable](r)
	r.silent()
	r.do(system.Thaw{})
	if got := next[system.Closed](r); !errors.Is(got.Err, system.Reset) {
		t.Errorf("closed: %v, want a reset", got.Err)
	}
}

func TestReadableOnceAFreeze(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	for range 3 {
		r.do(system.Freeze{Watch: []system.Socket{1}})
		r.write(peer, "a")
		next[system.Readable](r)
		r.write(peer, "b")
		r.waits(1)
		r.silent()
		r.do(system.Thaw{})
		for heard := ""; heard != "ab"; {
			heard += string(next[system.Received](r).Data)
		}
	}
	r.silent()
}

// A socket with unread data when a freeze begins is reported in that freeze
// too.
func TestReadableAtOnce(t *testing.T) {
	r := newRig(t, Config{})
	peer := r.connect(server(t), 1)
	r.do(system.Freeze{})
	r.write(peer, "a")
	r.waits(1)
	r.silent()
	r.do(system.Thaw{}, system.Freeze{Watch: []system.Socket{1}})
	next[system.Readable](r)
	r.silent()
}

func TestUnwatchedIsSilent(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	watched, other := r.connect(ln, 1), r.connect(ln, 2)
	r.do(system.Freeze{Watch: []system.Socket{1}})
	r.write(other, "unheard")
	r.waits(2)
	r.silent()
	r.write(watched, "wake")
	if got := next[system.Readable](r); got.Socket != 1 {
		t.Errorf("readable: %+v", got)
	}
	r.silent()
}

func TestThawReadsInOrder(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	const n = 5
	var peers [n + 1]*net.TCPConn
	for id := n; id >= 1; id-- {
		peers[id] = r.connect(ln, system.Socket(id))
	}
	r.do(system.Freeze{})
	for _, id := range []system.Socket{4, 2, 5, 1, 3} {
		r.write(peers[id], "x")
		r.waits(id)
	}
	r.do(system.Thaw{})
	for id := system.Socket(1); id <= n; id++ {
		if got := next[system.Received](r); got.Socket != id {
			t.Fatalf("socket %d was read, want %d", got.Socket, id)
		}
	}
}

// A connection that opens while the machine is frozen is reported on thaw,
// before the data in it.
func TestConnectedWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	r.do(system.Connect{Socket: 1, Target: ln.Addr().String()}, system.Freeze{})
	peer, err := ln.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	r.write(peer, "hello")
	r.waits(1)
	r.silent()
	r.do(system.Thaw{})
	next[system.Connected](r)
	if got := next[system.Received](r); string(got.Data) != "hello" {
		t.Errorf("received %q", got.Data)
	}
}

// A failed dial makes a watched socket readable.
func TestFailedWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	ln := server(t)
	target := ln.Addr().String()
	ln.Close()
	r.do(system.Connect{Socket: 1, Target: target}, system.Freeze{Watch: []system.Socket{1}})
	next[system.Readable](r)
	r.silent()
	r.do(system.Thaw{})
	next[system.Failed](r)
}

func TestAcceptWaitsForThaw(t *testing.T) {
	r := newRig(t, Config{})
	r.do(system.Listen{Socket: 1, Addr: "127.0.0.1:0"})
	at := next[system.Bound](r).Local.String()
	r.do(system.Freeze{})
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r.waits(1)
	r.silent()
	r.do(system.Thaw{})
	got := next[system.Accepted](r)
	if got.Listener != 1 || got.Remote.String() != conn.LocalAddr().String() {
		t.Errorf("accepted %+v", got)
	}
	// Closed by the program: the peer reads FIN, and no signal follows.
	r.do(system.Close{Socket: got.Socket})
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("read: %v, want EOF", err)
	}
	r.silent()
}

// TestDrainedWhileFrozen: a socket that was given up to the network is read in spite of the
// freeze, whether its bytes were there before or come then; another one is not.
func TestDrainedWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	s := server(t)
	peer, other := r.connect(s, 1), r.connect(s, 2)
	r.do(system.Freeze{Watch: []system.Socket{1, 2}})
	r.write(peer, "before")
	next[system.Readable](r)
	r.do(system.Drain{Socket: 1})
	if got := next[system.Received](r); string(got.Data) != "before" {
		t.Errorf("drained %q", got.Data)
	}
	r.write(peer, "then")
	if got := next[system.Received](r); string(got.Data) != "then" {
		t.Errorf("drained %q", got.Data)
	}
	r.write(other, "x")
	if got := next[system.Readable](r); got.Socket != 2 {
		t.Errorf("readable: %+v", got)
	}
	r.silent()
	r.do(system.Thaw{}, system.Freeze{})
	r.write(peer, "in the next freeze")
	if got := next[system.Received](r); got.Socket != 1 {
		t.Errorf("drained: %+v", got)
	}
}

// TestApartWhileFrozen: a connection of a process that is never frozen is opened, read and ended in a
// freeze, and one that fails is said; the others wait.
func TestApartWhileFrozen(t *testing.T) {
	r := newRig(t, Config{})
	s, gone := server(t), server(t)
	target := gone.Addr().String()
	gone.Close()
	r.do(system.Freeze{}, system.Connect{Socket: 1, Target: s.Addr().String(), Apart: true})
	if got := next[system.Connected](r); got.Socket != 1 {
		t.Errorf("connected %+v", got)
	}
	peer, err := s.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	r.write(peer, "CALL")
	if got := next[system.Received](r); string(got.Data) != "CALL" {
		t.Errorf("received %q", got.Data)
	}
	peer.Close()
	next[system.Closed](r)
	r.do(system.Connect{Socket: 2, Target: target, Apart: true})
	if got := next[system.Failed](r); got.Socket != 2 {
		t.Errorf("failed %+v", got)
	}
	r.silent()
}
