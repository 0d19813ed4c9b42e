package live

import (
	"net"
	"testing"
)

// TestOnePort: a port that is free over UDP and taken over TCP is given back, and another
// is looked for, not for ever.
func TestOnePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tries := 0
	from := func(free int) func() (net.PacketConn, error) { // the try in which the kernel chooses
		tries = 0
		return func() (net.PacketConn, error) {
			if tries++; tries < free {
				return net.ListenPacket("udp", taken.Addr().String())
			}
			return net.ListenPacket("udp", "127.0.0.1:0")
		}
	}
	packets, streams, err := onePort(from(3))
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	defer streams.Close()
	if a, b := packets.LocalAddr().String(), streams.Addr().String(); a != b || a == taken.Addr().String() {
		t.Errorf("UDP %s, TCP %s", a, b)
	}
	if _, _, err := onePort(from(bindTries + 1)); err == nil || tries != bindTries {
		t.Errorf("after %d tries: %v", tries, err)
	}
}
