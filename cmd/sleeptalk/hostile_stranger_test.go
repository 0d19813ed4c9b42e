//go:build hostile

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A stranger is a client that says what it likes to a SIP server.
type stranger struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
	n int
}

func dialSIP(t *testing.T, transport, addr string) *stranger {
	t.Helper()
	c, err := net.Dial(transport, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &stranger{Conn: c, t: t, r: bufio.NewReaderSize(c, 1<<16)}
}

func (c *stranger) local() string { return c.LocalAddr().String() }

// write sends something. That a server which has hung up does not take it is
// its right.
func (c *stranger) write(text string) { c.Conn.Write([]byte(text)) }

// options asks the server for its OPTIONS and is the status of the answer,
// whatever else comes before it.
func (c *stranger) options() int {
	c.t.Helper()
	c.n++
	id := fmt.Sprintf("alive-%d-%s", c.n, strings.ReplaceAll(c.local(), ":", "-"))
	network := c.LocalAddr().Network()
	for interval := range transmissions(network) {
		c.write(request("OPTIONS", "sip:lab.test", network, c.local(), id, ""))
		c.SetReadDeadline(time.Now().Add(interval))
		if status, err := c.statusOf(id); err == nil {
			return status
		} else if !errors.Is(err, os.ErrDeadlineExceeded) {
			c.t.Fatalf("no answer to OPTIONS: %v", err)
		}
	}
	c.t.Fatalf("no answer to OPTIONS within %s", patience)
	return 0
}

// statusOf reads messages up to a response in that dialog.
func (c *stranger) statusOf(id string) (status int, err error) {
	for {
		text, err := readMessage(c.r)
		if err != nil {
			return 0, err
		}
		if fmt.Sscanf(text, "SIP/2.0 %d", &status); sipField(text, "Call-ID") == id {
			return status, nil
		}
	}
}
