//go:build hostile

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A sipServer is a registrar that says yes to everything, over UDP and TCP at
// one address, unless a test has it lie.
type sipServer struct {
	t    *testing.T
	addr string
	udp  net.PacketConn
	// lie answers a request; nil lets the server answer as it should.
	lie func(req string) []string

	mu    sync.Mutex
	write func(text string) // to the phone, the way that its last message came
	asked int               // requests that came
	heard output            // "180 probe-1 INVITE", a line each, of responses to probes
	last  string            // the last response to a probe, whole
	n     int
}

func newSIPServer(t *testing.T, lie func(req string) []string) *sipServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &sipServer{t: t, addr: l.Addr().String(), udp: udp, lie: lie}
	t.Cleanup(func() { l.Close(); udp.Close() })
	go s.datagrams()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.stream(c)
		}
	}()
	return s
}

// at is the address of the server as a phone is given it.
func (s *sipServer) at(transport string) string { return "sip:" + s.addr + ";transport=" + transport }

func (s *sipServer) datagrams() {
	for buf := make([]byte, 1<<16); ; {
		n, from, err := s.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		s.take(string(buf[:n]), func(text string) { s.udp.WriteTo([]byte(text), from) })
	}
}

func (s *sipServer) stream(c net.Conn) {
	defer c.Close()
	for r := bufio.NewReader(c); ; {
		text, err := readMessage(r)
		if err != nil {
			return
		}
		s.take(text, func(text string) { io.WriteString(c, text) })
	}
}

// readMessage reads one message with its body from a stream.
func readMessage(r *bufio.Reader) (string, error) {
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if text.WriteString(line); line == "\r\n" && text.Len() > 2 {
			break
		}
	}
	length, _ := strconv.Atoi(sipField(text.String(), "Content-Length"))
	_, err := io.CopyN(&text, r, int64(length))
	return text.String(), err
}

func (s *sipServer) take(text string, write func(string)) {
	s.mu.Lock()
	s.write = write
	s.mu.Unlock()
	if id := sipField(text, "Call-ID"); strings.HasPrefix(text, "SIP/2.0 ") {
		if strings.HasPrefix(id, "probe-") {
			s.mu.Lock()
			s.last = text
			s.mu.Unlock()
			_, method, _ := strings.Cut(sipField(text, "CSeq"), " ")
			fmt.Fprintf(&s.heard, "%s %s %s\n", text[8:11], id, method)
		}
		return
	}
	if sipField(text, "Via") == "" {
		return // keepalives
	}
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	var answers []string
	if s.lie != nil {
		answers = s.lie(text)
	}
	if answers == nil && !strings.HasPrefix(text, "ACK ") {
		answers = []string{answer(text, "200 OK")}
	}
	for _, a := range answers {
		write(a)
	}
}

// requests is how many came so far.
func (s *sipServer) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// send sends the phone something, the way that its last message came.
func (s *sipServer) send(text string) {
	s.mu.Lock()
	write := s.write
	s.mu.Unlock()
	write(text)
}

// probe sends the phone a request in a transaction of its own, and waits for
// that status, or any if it is empty.
func (s *sipServer) probe(method, status string, more ...string) (response string) {
	s.t.Helper()
	s.n++
	s.ask(s.n, method, more...)
	s.heard.wait(s.t, fmt.Sprintf("%s probe-%d %s\n", status, s.n, method))
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// ask sends a request of the nth probe.
func (s *sipServer) ask(n int, method string, more ...string) {
	body := ""
	if len(more) > 0 {
		body = more[0]
	}
	s.send(fmt.Sprintf("%s sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bKprobe%d\r\nMax-Forwards: 70\r\n"+
		"From: <sip:pat@lab.test>;tag=p%d\r\nTo: <sip:alice@lab.test>\r\nCall-ID: probe-%d\r\nCSeq: 1 %s\r\n"+
		"Contact: <sip:pat@%s>\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		method, s.addr, n, n, n, method, s.addr, len(body), body))
}

// acknowledge sends the ACK for a 200 to an INVITE.
func (s *sipServer) acknowledge(ok string) {
	s.send(fmt.Sprintf("ACK sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bKack%d\r\nMax-Forwards: 70\r\n"+
		"From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
		s.addr, s.n, sipField(ok, "From"), sipField(ok, "To"), sipField(ok, "Call-ID")))
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"

// rings wants a phone that is busy by itself to take a call and refuse it.
func (s *sipServer) rings() {
	s.t.Helper()
	s.probe("INVITE", "486", offer)
	s.ask(s.n, "ACK")
}

// answer is a response to a request.
func answer(req, status string, more ...string) string {
	lines := []string{"SIP/2.0 " + status}
	for line := range strings.SplitSeq(req, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "via", "from", "call-id", "cseq":
			lines = append(lines, line)
		case "contact":
			if strings.HasPrefix(status, "200") {
				lines = append(lines, line+";expires=3600")
			}
		case "to":
			lines = append(lines, line+";tag=server")
		}
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

// sipField is the value of a header field, without what a parser is for.
func sipField(text, name string) string {
	found := regexp.MustCompile(`(?im)^` + name + `[ \t]*:[ \t]*([^\r\n]*)`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}
