package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// write makes a file, and returns its whole name.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A portBlock is ports of loopback that one process of tests gives away, in turn.
// They are below those that a system takes for a connection, so that none is taken
// between here and who is told to listen on it.
type portBlock struct {
	owner net.Listener // on the first port: another process looks for another block
	given atomic.Int32
}

const (
	firstPort  = 10000
	blockPorts = 2000 // more than twice what all tests ask for
	blocks     = 10
	portsEach  = 4 // who speaks RTP takes some of the next, too
)

var ports = sync.OnceValues(func() (*portBlock, error) {
	var err error
	for n := range blocks {
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+n*blockPorts))); err == nil {
			return &portBlock{owner: l}, nil
		}
	}
	return nil, err
})

// freePort is a port of loopback that nobody has now, of TCP and of UDP.
func freePort(t *testing.T) int {
	t.Helper()
	port, err := unusedPort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// unusedPort is the next port of the block that nobody has.
func unusedPort() (int, error) {
	block, err := ports()
	if err != nil {
		return 0, err
	}
	first := block.owner.Addr().(*net.TCPAddr).Port
	for range blockPorts / portsEach {
		if port := first + portsEach + int(block.given.Add(portsEach))%(blockPorts-portsEach); unused(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d on is free", first)
}

// unused reports whether nobody has a port.
func unused(port int) bool {
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	l, err := net.Listen("tcp", at)
	if err != nil {
		return false
	}
	defer l.Close()
	c, err := net.ListenPacket("udp", at)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// A running program is the real binary at work.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	pipe   io.Closer // what stdout reads from
	stdout *bufio.Reader
	stderr strings.Builder // to be read after its end
}

// launch runs the program in a folder, which is its home, too.
func launch(t *testing.T, dir, name string, args ...string) *running {
	t.Helper()
	return launchIn(t, dir, []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}, name, args...)
}

// launchIn runs the program in a folder, with more in its environment.
func launchIn(t *testing.T, dir string, env []string, name string, args ...string) *running {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PW=secret"), env...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, cmd: cmd, pipe: stdout, stdout: bufio.NewReader(stdout)}
	cmd.Stderr = &r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// dots waits until so many test cases have ended.
func (r *running) dots(n int) {
	r.t.Helper()
	for range n {
		if _, err := r.stdout.ReadByte(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// end waits for the exit code, and for what else is on standard output; after a
// signal, unless that is 0.
func (r *running) end(sig syscall.Signal) (code int, out string) {
	r.t.Helper()
	if sig != 0 {
		if err := r.cmd.Process.Signal(sig); err != nil {
			r.t.Fatal(err)
		}
	}
	rest := new(strings.Builder)
	if _, err := r.stdout.WriteTo(rest); err != nil {
		r.t.Fatal(err)
	}
	r.cmd.Wait()
	return r.cmd.ProcessState.ExitCode(), rest.String()
}

// A labProcess is a lab of the real binary, and what it writes.
type labProcess struct {
	*running
	addr string
}

// serve starts a lab that alice may register at.
func serve(t *testing.T, dir string) *labProcess {
	t.Helper()
	s := &labProcess{running: launch(t, dir, "sleeptalk", "lab", "--plain", "--listen", "127.0.0.1:0", "--account", "alice:secret")}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	first, err := s.stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.addr = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(first)
	return s
}
