//go:build hostile

package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A sipServer is a registrar that says yes to everything, over UDP and TCP at
// one address, unless a test has it lie.
type sipServer struct {
	t    *testing.T
	addr string
	udp  net.PacketConn
	// lie answers a request; nil lets the server answer as it should.
	lie func(req string) []string

	mu      sync.Mutex
	write   func(text string) // to the phone, the way that its last message came
	network string            // which way that was
	asked   int               // requests that came
	heard   output            // "180 probe-1 INVITE", a line each, of responses to probes
	last    map[string]string // the last response to each probe, "probe-1 INVITE", whole
	n       int
}

func newSIPServer(t *testing.T, lie func(req string) []string) *sipServer {
	t.Helper()
	l, udp := listenBoth(t)
	s := &sipServer{t: t, addr: l.Addr().String(), udp: udp, lie: lie, last: map[string]string{}}
	t.Cleanup(func() { l.Close(); udp.Close() })
	go s.datagrams()
	go acceptAll(l, s.stream)
	return s
}

// listenBoth takes a port of loopback that is free for TCP and for UDP.
func listenBoth(t *testing.T) (l net.Listener, udp net.PacketConn) {
	t.Helper()
	for range 100 {
		var err error
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if udp, err = net.ListenPacket("udp", l.Addr().String()); err == nil {
			return l, udp
		}
		l.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

// at is the address of the server as a phone is given it.
func (s *sipServer) at(transport string) string { return "sip:" + s.addr + ";transport=" + transport }

func (s *sipServer) datagrams() {
	for buf := make([]byte, 1<<16); ; {
		n, from, err := s.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		s.take(string(buf[:n]), "udp", func(text string) { s.udp.WriteTo([]byte(text), from) })
	}
}

func (s *sipServer) stream(c net.Conn) {
	for r := bufio.NewReader(c); ; {
		text, err := readMessage(r)
		if err != nil {
			return
		}
		s.take(text, "tcp", func(text string) { io.WriteString(c, text) })
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

func (s *sipServer) take(text, network string, write func(string)) {
	s.mu.Lock()
	s.write, s.network = write, network
	s.mu.Unlock()
	if id := sipField(text, "Call-ID"); strings.HasPrefix(text, "SIP/2.0 ") {
		if strings.HasPrefix(id, "probe-") {
			_, method, _ := strings.Cut(sipField(text, "CSeq"), " ")
			s.mu.Lock()
			s.last[id+" "+method] = text
			s.mu.Unlock()
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
	probe := fmt.Sprintf("probe-%d %s", s.n, method)
	s.mu.Lock()
	network := s.network
	s.mu.Unlock()
	for interval := range transmissions(network) {
		s.ask(s.n, method, more...)
		if s.heard.has(status+" "+probe+"\n", interval) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.last[probe]
		}
	}
	s.t.Fatalf("no %s to %s in:\n%s", status, probe, &s.heard)
	return ""
}

// transmissions are how long to wait for an answer each time that a request has
// been sent. What has no time to read loses datagrams, so that over UDP a request
// is sent again (RFC 3261 §17.1.2.2), for longer than there: until patience is over.
func transmissions(network string) iter.Seq[time.Duration] {
	if network != "udp" {
		return slices.Values([]time.Duration{patience})
	}
	return func(yield func(time.Duration) bool) {
		const t1, t2 = 500 * time.Millisecond, 4 * time.Second
		for waited, d := time.Duration(0), t1; waited < patience && yield(d); d = min(2*d, t2) {
			waited += d
		}
	}
}

// ask sends a request of the nth probe.
func (s *sipServer) ask(n int, method string, more ...string) {
	body := ""
	if len(more) > 0 {
		body = more[0]
	}
	s.send(request(method, "sip:alice@lab.test", "udp", s.addr, fmt.Sprint("probe-", n), body))
}

// request is a request of somebody at an address, in a transaction and a call of
// its own, which id names.
func request(method, uri, network, from, id, body string) string {
	return fmt.Sprintf("%[1]s %[2]s SIP/2.0\r\nVia: SIP/2.0/%[3]s %[4]s;rport;branch=z9hG4bK%[5]s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:pat@%[4]s>;tag=%[5]s\r\nTo: <%[2]s>\r\nCall-ID: %[5]s\r\nCSeq: 1 %[1]s\r\n"+
		"Contact: <sip:pat@%[4]s>\r\nContent-Type: application/sdp\r\nContent-Length: %[6]d\r\n\r\n%[7]s",
		method, uri, strings.ToUpper(network), from, id, len(body), body)
}

// acknowledge sends the ACK for a 200 to an INVITE.
func (s *sipServer) acknowledge(ok string) {
	s.send(fmt.Sprintf("ACK sip:alice@lab.test SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bKack%d\r\nMax-Forwards: 70\r\n"+
		"From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
		s.addr, s.n, sipField(ok, "From"), sipField(ok, "To"), sipField(ok, "Call-ID")))
}

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"

// offerOf is an offer that names somebody for the audio.
func offerOf(host string, port int) string {
	return strings.NewReplacer("127.0.0.1", host, "audio 9", fmt.Sprint("audio ", port)).Replace(offer)
}

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
	for line := range strings.Lines(text) {
		if found, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimRight(found, " \t"), name) {
			return strings.TrimRight(strings.TrimLeft(value, " \t"), "\r\n")
		}
	}
	return ""
}
