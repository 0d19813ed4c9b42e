package raw

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// The parts of the agent, where no transcript shows what they do.

// signedOn is a rig whose agent the server has accepted, and what was sent
// since.
func signedOn(t *testing.T) (*rig, func() string) {
	t.Helper()
	r := &rig{t: t, now: epoch}
	r.lines("protocol lines", "register", "connected", `bytes "OK\r\n"`)
	from := r.w.Len()
	return r, func() string { s := r.w.String()[from:]; from = r.w.Len(); return s }
}

// lines carries out command lines.
func (r *rig) lines(lines ...string) {
	r.t.Helper()
	for _, line := range lines {
		if err := r.do(line); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
	}
}

// A ping that is asked for while another is unanswered goes out after it.
func TestPingAfterPong(t *testing.T) {
	r, sent := signedOn(t)
	r.lines("ping", "ping")
	if n := strings.Count(sent(), `sent "PING\r\n"`); n != 1 {
		t.Errorf("%d pings", n)
	}
	r.lines(`bytes "PONG\r\n"`)
	if n := strings.Count(sent(), `sent "PING\r\n"`); n != 1 {
		t.Errorf("%d pings after the pong", n)
	}
}

// Whom the server has refused a ping does not connect again.
func TestRefusedStaysAway(t *testing.T) {
	r := &rig{t: t, now: epoch}
	r.lines("protocol lines", "register", "connected", `bytes "NO wrong password\r\n"`, "ping")
	if n := strings.Count(r.w.String(), "connect "); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A call is answered once, and one that is up cannot be refused.
func TestCallIsAnsweredOnce(t *testing.T) {
	r, sent := signedOn(t)
	r.lines(`bytes "CALL 17 sip:bob@example.com\r\n"`, "answer 1", "answer 1", "reject 1 603")
	if s := sent(); strings.Count(s, `sent "ANSWER 17\r\n"`) != 1 || strings.Contains(s, "DECLINE") || strings.Contains(s, "call ended") {
		t.Error(s)
	}
}

// A connection begins without the requests of the one before.
func TestResetForgetsRequests(t *testing.T) {
	w := wire{p: &Protocol{}, outstanding: 2}
	if w.reset(); w.outstanding != 0 {
		t.Errorf("%d requests have no answer", w.outstanding)
	}
}

// A password goes in clear in no word, not only in the hello.
func TestNoWordTellsThePassword(t *testing.T) {
	p, err := Parse("own.yaml", []byte("framing: lines\napp: {hello: 'HELLO {user}', ping: 'PING {password}'}\nserver: {accepted: OK, pong: PONG}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []control.Clear{{}, {Consent: true}, {Here: true}} {
		r := &rig{t: t, now: epoch, p: p}
		if r.a, err = (Config{Protocol: p, Server: "server.test:7000", User: "alice", Password: "secret", Clear: clear}).Open(control.Env{
			Rand: rand.New(rand.NewPCG(1, 2)), NextSocket: func() system.Socket { r.socket++; return r.socket },
		}); err != nil {
			t.Fatal(err)
		}
		r.lines("register", "connected", `bytes "OK\r\n"`, "ping")
		told, refused := strings.Contains(r.w.String(), "PING secret"), strings.Contains(r.w.String(), "error: send ping")
		if allowed := clear != (control.Clear{}); told != allowed || refused == allowed {
			t.Errorf("%+v:\n%s", clear, r.w.String())
		}
	}
}

// The connection is being opened until it can be used.
func TestOpening(t *testing.T) {
	r := &rig{t: t, now: epoch}
	if r.lines("protocol lines", "register"); !r.a.Opening() {
		t.Error("it connects, and says that it does not")
	}
	if r.lines("connected"); r.a.Opening() {
		t.Error("it is open, and said to be opened")
	}
}
