package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A server is the SIP server that phones are measured with: a registrar
// that lets everybody in, and, over the connections on which they registered,
// a caller.
//
//	phone ── REGISTER ──▶ serve ──▶ flow ──▶ a measurement, which calls
//	      ◀── INVITE ──────────────────────────┘
//
// One goroutine reads each connection. It notes the time right after each
// read, before it looks at what came: what parsing takes here is in nobody's
// figure.
type server struct {
	ln    net.Listener
	ctx   context.Context // ends with the server; its connections with it
	close context.CancelFunc

	mu    sync.Mutex
	flows map[string]chan *flow // by user: those who have registered
}

func newServer(ctx context.Context) (*server, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{ln: ln, flows: make(map[string]chan *flow)}
	s.ctx, s.close = context.WithCancel(ctx)
	context.AfterFunc(s.ctx, func() { ln.Close() })
	go s.accept()
	return s, nil
}

func (s *server) addr() string { return s.ln.Addr().String() }

func (s *server) accept() {
	for {
		conn, err := s.ln.Accept()
		if err != nil {
			return
		}
		go s.newFlow(conn).read()
	}
}

// registered waits for a user's next registration on a new connection.
func (s *server) registered(ctx context.Context, user string) (*flow, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case f := <-s.registrations(user):
		return f, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%s has not registered: %w", user, ctx.Err())
	}
}

func (s *server) registrations(user string) chan *flow {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flows[user] == nil {
		s.flows[user] = make(chan *flow, 1)
	}
	return s.flows[user]
}

// A flow is one TCP connection with a phone at its other end.
type flow struct {
	server *server
	conn   net.Conn
	framer sip.Framer
	// contact is the URI at which the phone is called.
	contact string
	// registered is when the 200 to its REGISTER had been sent.
	registered time.Time
	came       chan arrived
}

// arrived is a message of the phone, but for REGISTER, and when its last byte
// was read.
type arrived struct {
	msg grammar.Message
	at  time.Time
}

func (s *server) newFlow(conn net.Conn) *flow {
	return &flow{server: s, conn: conn, came: make(chan arrived, 64)}
}

// read takes in what the phone sends until the connection ends.
func (f *flow) read() {
	defer close(f.came)
	defer f.conn.Close()
	stop := context.AfterFunc(f.server.ctx, func() { f.conn.Close() })
	defer stop()
	for buf := make([]byte, 64<<10); ; {
		n, err := f.conn.Read(buf)
		at := time.Now()
		if err != nil {
			return
		}
		f.framer.Push(append([]byte(nil), buf[:n]...))
		for frame := f.framer.Next(); frame != nil; frame = f.framer.Next() {
			if err := f.frame(frame, at); err != nil {
				return
			}
		}
	}
}

func (f *flow) frame(frame sip.Frame, at time.Time) error {
	switch frame := frame.(type) {
	case sip.Ping:
		_, err := io.WriteString(f.conn, "\r\n")
		return err
	case sip.Bad:
		return frame.Err
	case sip.Message:
		req, ok := frame.SIP.(*grammar.Request)
		if ok && req.Method != grammar.ACK {
			if err := f.answer(req); err != nil {
				return err
			}
		}
		if ok && req.Method == grammar.REGISTER {
			return nil
		}
		f.came <- arrived{frame.SIP, at}
	}
	return nil
}

// answer grants every request.
func (f *flow) answer(req *grammar.Request) error {
	res := grammar.NewResponseFromRequest(req, grammar.StatusOK, sip.Reason(grammar.StatusOK), nil)
	contact := req.Contact()
	if req.Method == grammar.REGISTER && contact != nil {
		res.AppendHeader(grammar.NewHeader("Contact", contact.Value()))
		res.AppendHeader(grammar.NewHeader("Expires", "3600"))
	}
	if _, err := io.WriteString(f.conn, res.String()); err != nil {
		return err
	}
	if req.Method == grammar.REGISTER && contact != nil && f.contact == "" {
		f.registered = time.Now()
		f.contact = contact.Address.String()
		select {
		case f.server.registrations(req.To().Address.User) <- f:
		default: // nobody waits for more than one
		}
	}
	return nil
}

// errHungUp says that a phone has closed its connection.
var errHungUp = errors.New("the phone has closed the connection")

// next waits for the phone's next message that ok accepts.
func (f *flow) next(ctx context.Context, what string, ok func(grammar.Message) bool) (arrived, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		select {
		case a, open := <-f.came:
			if !open {
				return a, fmt.Errorf("waited for %s: %w", what, errHungUp)
			}
			if ok(a.msg) {
				return a, nil
			}
		case <-ctx.Done():
			return arrived{}, fmt.Errorf("waited in vain for %s: %w", what, ctx.Err())
		}
	}
}

// A dialog is one call to a phone, from INVITE to its end.
type dialog struct {
	f      *flow
	n      int // tells its call from others
	to     string
	branch string
}

// invite calls the phone and returns when the INVITE was sent.
func (f *flow) invite(n int, offer string) (*dialog, time.Time, error) {
	d := &dialog{f: f, n: n, to: "<" + f.contact + ">", branch: fmt.Sprintf("z9hG4bK-bench-%d", n)}
	text := d.request("INVITE", 1, d.branch, "Contact: <sip:bench@"+f.conn.LocalAddr().String()+";transport=tcp>\r\nContent-Type: application/sdp\r\n", offer)
	at := time.Now()
	_, err := io.WriteString(f.conn, text)
	return d, at, err
}

// request writes a request of the call.
func (d *dialog) request(method string, seq int, branch, more, body string) string {
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=%s;rport\r\nMax-Forwards: 70\r\n"+
		"From: \"Bench\" <sip:bench@127.0.0.1>;tag=bench%d\r\nTo: %s\r\nCall-ID: bench-%d@127.0.0.1\r\nCSeq: %d %s\r\n%sContent-Length: %d\r\n\r\n%s",
		method, d.f.contact, d.f.conn.LocalAddr(), branch, d.n, d.to, d.n, seq, method, more, len(body), body)
}

func (d *dialog) send(text string) error {
	_, err := io.WriteString(d.f.conn, text)
	return err
}

// response waits for a response to method with a status from least to most. The
// dialog takes its tag from it.
func (d *dialog) response(ctx context.Context, method string, least, most int) (arrived, error) {
	what := fmt.Sprintf("%d to %s", least, method)
	a, err := d.f.next(ctx, what, func(m grammar.Message) bool {
		res, ok := m.(*grammar.Response)
		return ok && res.CSeq().MethodName == grammar.RequestMethod(method) && res.StatusCode >= least && res.StatusCode <= most &&
			strings.HasPrefix(res.CallID().Value(), "bench-"+strconv.Itoa(d.n)+"@")
	})
	if err == nil && method == "INVITE" {
		d.to = a.msg.To().Value()
	}
	return a, err
}

// cancel gives up before the phone has answered (RFC 3261 §9.1), and returns
// when the call is over.
func (d *dialog) cancel(ctx context.Context) error {
	to := d.to
	d.to = "<" + d.f.contact + ">" // as in the INVITE: without a tag
	text := d.request("CANCEL", 1, d.branch, "", "")
	d.to = to
	if err := d.send(text); err != nil {
		return err
	}
	if _, err := d.response(ctx, "INVITE", 487, 487); err != nil {
		return err
	}
	return d.send(d.request("ACK", 1, d.branch, "", "")) // §17.1.1.3: the INVITE's branch
}

// accepted waits for the phone to answer, and says that it has heard.
func (d *dialog) accepted(ctx context.Context) (arrived, error) {
	up, err := d.response(ctx, "INVITE", 200, 200)
	if err != nil {
		return up, err
	}
	return up, d.send(d.request("ACK", 1, d.branch+"-ack", "", ""))
}

// hangUp ends an answered call.
func (d *dialog) hangUp(ctx context.Context) error {
	if err := d.send(d.request("BYE", 2, d.branch+"-bye", "", "")); err != nil {
		return err
	}
	_, err := d.response(ctx, "BYE", 200, 200)
	return err
}

// offer is a session description: a codec with telephone events, 20 ms a packet
// (RFC 3551 §4.2), to the given port of loopback.
func offer(port int, c codec.Codec) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP %d 101\r\n"+
		"a=rtpmap:%[2]d %[3]s\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n", port, c.PayloadType, c)
}
