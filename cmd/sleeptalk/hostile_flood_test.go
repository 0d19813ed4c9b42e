//go:build hostile

package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// floodTime is how long an attack on amplification or by a lie lasts, from the
// first that comes back, or from the first lie.
const floodTime = 3 * time.Second

// A flooder sends from one address of this machine, and names another in its SDP.
type flooder struct {
	t             *testing.T
	from          *net.UDPConn
	named         [2]*net.UDPConn // for audio, and for the reports on it
	sent          int
	had, othersIn atomic.Int64 // bytes that came back, and that went to who was named
}

func newFlooder(t *testing.T, from, named string) *flooder {
	t.Helper()
	s := &flooder{t: t, from: udpAt(t, from)}
	for s.named[1] == nil { // two ports in a row
		s.named[0] = udpAt(t, named)
		at := s.named[0].LocalAddr().(*net.UDPAddr)
		if second, err := net.ListenUDP("udp", &net.UDPAddr{IP: at.IP, Port: at.Port + 1}); err == nil {
			s.named[1] = second
			t.Cleanup(func() { second.Close() })
		}
	}
	return s
}

// udpAt is a socket at one of the many addresses of loopback.
func udpAt(t *testing.T, host string) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(host)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// invite calls somebody once.
func (s *flooder) invite(user, at string) {
	s.t.Helper()
	audio := s.named[0].LocalAddr().(*net.UDPAddr)
	text := request("INVITE", "sip:"+user+"@"+at, "udp", s.from.LocalAddr().String(), fmt.Sprintf("%x", rand.Uint32()), offerOf(audio.IP.String(), audio.Port))
	to, err := net.ResolveUDPAddr("udp", at)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.from.WriteTo([]byte(text), to); err != nil {
		s.t.Fatal(err)
	}
	s.sent += len(text)
}

// listen counts what comes for as long as the attack lasts.
func (s *flooder) listen() {
	done := make(chan struct{})
	all := []*net.UDPConn{s.from, s.named[0], s.named[1]}
	count := func(c *net.UDPConn, n *atomic.Int64) {
		defer func() { done <- struct{}{} }()
		for data := make([]byte, 64<<10); ; {
			got, err := c.Read(data)
			if err != nil {
				return
			}
			if n.Add(int64(got)) == int64(got) && n == &s.had {
				for _, c := range all {
					c.SetReadDeadline(time.Now().Add(floodTime))
				}
			}
		}
	}
	for _, c := range all {
		c.SetReadDeadline(time.Now().Add(patience))
	}
	for i, n := range []*atomic.Int64{&s.had, &s.othersIn, &s.othersIn} {
		go count(all[i], n)
	}
	for range all {
		<-done
	}
}

// TestHostileAmplification: one INVITE of some 400 bytes over UDP, without an ACK, once
// had 275 kB of audio sent to whoever its SDP named, and eleven copies of the 200 to
// where it seemed to come from.
func TestHostileAmplification(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T) (user, at string){
		"lab": func(t *testing.T) (user, at string) {
			_, at = attackedLab(t)
			return "bob", at
		},
		"grade": func(t *testing.T) (user, at string) {
			_, at = attackedGrade(t)
			return "echo", at
		},
		"phone": func(t *testing.T) (user, at string) {
			phone := attackedPhone(t, "127.0.0.1:9", "--transport", "udp", "--auto", "answer", "--mic", "tone:440", "--speaker", "none", "--accept-from", "any")
			return "alice", phone.control().String()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, at := begin(t)
			s := newFlooder(t, "127.0.0.8", "127.0.0.9")
			s.invite(user, at)
			s.listen()
			t.Logf("%d bytes had %d sent back, and %d to somebody else", s.sent, s.had.Load(), s.othersIn.Load())
			if had := int(s.had.Load()); had < 100 || had > 3*s.sent {
				t.Errorf("%d bytes to where the INVITE seemed to come from, want an answer of at most %d", had, 3*s.sent)
			}
			if n := s.othersIn.Load(); n > 0 {
				t.Errorf("%d bytes to whom the SDP named, want none", n)
			}
		})
	}
}

// A lyingRegistrar is one that answers on TCP as it likes, and counts.
type lyingRegistrar struct {
	addr                  string
	connections, requests atomic.Int64
	lied                  chan struct{}                        // closed at the first request
	answer                func(n int64, request string) string // "" closes
}

func newLyingRegistrar(t *testing.T, answer func(n int64, request string) string) *lyingRegistrar {
	t.Helper()
	r := &lyingRegistrar{answer: answer, lied: make(chan struct{})}
	r.addr = accepting(t, r.serve).String()
	return r
}

func (r *lyingRegistrar) serve(c net.Conn) {
	r.connections.Add(1)
	for in := bufio.NewReader(c); ; {
		request, err := readMessage(in)
		if err != nil {
			return
		}
		if sipField(request, "Via") == "" {
			continue // keepalives
		}
		n := r.requests.Add(1)
		if n == 1 {
			close(r.lied)
		}
		text := r.answer(n, request)
		if text == "" {
			return
		}
		io.WriteString(c, text)
	}
}

// TestHostileRegistrar: registrars that would be asked for ever. The first of them
// once had 7,282 REGISTERs in 5 s.
func TestHostileRegistrar(t *testing.T) {
	for name, lie := range map[string]func(n int64, request string) string{
		"423 rises": func(n int64, req string) string {
			return answer(req, "423 Interval Too Brief", fmt.Sprintf("Min-Expires: %d", 3600+n))
		},
		"401 is always stale": func(n int64, req string) string {
			return answer(req, "401 Unauthorized", fmt.Sprintf("WWW-Authenticate: Digest realm=\"r\", nonce=\"%d\", stale=true", n))
		},
		"503 at once": func(_ int64, req string) string { return answer(req, "503 Service Unavailable", "Retry-After: 0") },
		"closes":      func(int64, string) string { return "" },
		"expires in a second": func(_ int64, req string) string {
			return strings.Replace(answer(req, "200 OK", "Expires: 1"), ";expires=3600", "", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLyingRegistrar(t, lie)
			phone := attackedPhone(t, r.addr)
			select {
			case <-r.lied:
			case <-time.After(patience):
				t.Fatal("it asks nothing")
			}
			<-time.After(floodTime)
			requests, connections := r.requests.Load(), r.connections.Load()
			t.Logf("%d requests over %d connections in %s", requests, connections, floodTime)
			if requests < 1 || requests > 10 || connections > 3 {
				t.Errorf("%d requests over %d connections in %s, want a few", requests, connections, floodTime)
			}
			phone.within(64)
			if code := phone.quit(); code != 0 && code != 4 { // 4: it could not register
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// TestHostileGenerator: 4,500 messages of a generator over UDP, and as many over TCP,
// each of them wrong somewhere. The lab is no larger for it, and serves.
func TestHostileGenerator(t *testing.T) {
	t.Parallel()
	lab, at := attackedLab(t)
	rng := rand.New(rand.NewPCG(5, 6))
	message := func(n int) []byte {
		method := []string{"INVITE", "REGISTER", "MESSAGE", "OPTIONS", "BYE", "ACK", "CANCEL", "SUBSCRIBE"}[n%8]
		text := fmt.Appendf(nil, "%s sip:bob@lab.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK%d;rport\r\nFrom: <sip:x@lab.test>;tag=%[2]d\r\n"+
			"To: <sip:bob@lab.test>\r\nCall-ID: %[2]d\r\nCSeq: 1 %[1]s\r\nMax-Forwards: 70\r\nContact: <sip:x@127.0.0.1:5070>\r\nContent-Length: 0\r\n\r\n", method, n)
		for range 1 + rng.IntN(6) {
			text[rng.IntN(len(text))] = byte(rng.Uint32())
		}
		return text
	}
	udp, err := net.Dial("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	go io.Copy(io.Discard, udp)
	for n := range 4500 {
		udp.Write(message(n)) // what the kernel has no room for is lost, as it may be
		if n%100 != 0 {
			continue
		}
		tcp, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			if _, err := tcp.Write(message(n + i)); err != nil {
				break // it has had enough of us
			}
		}
		tcp.Close()
	}
	serves(t, at)
	lab.within(64)
	if code := lab.quit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
