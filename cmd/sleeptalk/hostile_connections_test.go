//go:build hostile

package main

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

const (
	// halfOpen is how many connect to a lab and say nothing.
	halfOpen = 10_000
	// slow is how many begin with TLS or a message and do not go on.
	slow = 500
)

// TestHostileConnections has a lab serve a phone while thousands are connected to
// it who say nothing, or not all, and has them leave no trace.
func TestHostileConnections(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t)
	before := lab.usage()
	begun := []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "INVITE sip:bob@lab.test SIP/2.0\r\nVia: "}
	var open []net.Conn
	for i := range halfOpen {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		open = append(open, c)
		if i < slow {
			io.WriteString(c, begun[i%len(begun)])
		}
	}
	serves(t, addr)
	lab.within(160)
	for _, c := range open {
		c.Close()
	}
	serves(t, addr)
	lab.emptied(before)
	if code := lab.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// emptied wants a process to come back to what it had, when it has noticed that
// the others have gone.
func (v *victim) emptied(before usage) {
	v.t.Helper()
	for until := time.Now().Add(patience); ; {
		if u := v.usage(); !u.more(before) {
			return
		} else if time.Now().After(until) {
			v.t.Errorf("before %v, now %v", before, u)
			return
		}
	}
}

// TestHostileConnects has a thousand connect and leave at once, from many sides.
func TestHostileConnects(t *testing.T) {
	t.Parallel()
	lab, addr := attackedLab(t, "--xmpp-listen", "127.0.0.1:0", "--raw", "lines", "--raw-listen", "127.0.0.1:0")
	before := lab.usage()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 200 {
				if c, err := net.Dial("tcp", addr); err == nil {
					c.(*net.TCPConn).SetLinger(0) // RST
					c.Close()
				}
			}
		})
	}
	wg.Wait()
	serves(t, addr)
	lab.emptied(before)
	lab.within(64)
}
