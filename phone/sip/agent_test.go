package sip

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
	"github.com/sleeptalk/sleeptalk/phone/internal/torture"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func TestConfig(t *testing.T) {
	good := Config{
		AOR: "sip:alice@example.com", Server: "pbx:5060",
		Rand: rand.New(rand.NewPCG(1, 1)), NextSocket: func() system.Socket { return 1 },
	}
	tests := []struct {
		want   string
		change func(*Config)
	}{
		{"", func(*Config) {}},
		{"has no user", func(c *Config) { c.AOR = "sip:example.com" }},
		{"address of record", func(c *Config) { c.AOR = "alice" }},
		{"the scheme is", func(c *Config) { c.AOR = "tel:1@2" }},
		{"does not belong", func(c *Config) { c.AOR = "sip:a\r\nX: y@b" }},
		{"is not host:port", func(c *Config) { c.Server = "pbx" }},
		{"outbound needs", func(c *Config) { c.Outbound = true }},
		{"ping interval", func(c *Config) { c.PingMin, c.PingMax = 2, 1 }},
		{"does not fit", func(c *Config) { c.UserAgent = "a\"b" }},
		{"does not fit", func(c *Config) { c.Display = "a\x07b" }},
		{"", func(c *Config) { c.Display = `a"\<b>` }},
		{"randomness", func(c *Config) { c.Rand = nil }},
		{"socket names", func(c *Config) { c.NextSocket = nil }},
		{"registration for", func(c *Config) { c.Expires = -1 }},
		{"", func(c *Config) { c.Transport = UDP }},
		{"there are tcp, udp, tls, ws and wss", func(c *Config) { c.Transport = "sctp" }},
	}
	for _, test := range tests {
		c := good
		test.change(&c)
		_, err := New(c)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("want %q, got %v", test.want, err)
		}
	}
}

func TestInviteRefusesNonsense(t *testing.T) {
	r := newRig(t, Config{})
	for _, to := range []string{"", " ", "sip:", "sip:bob@", "bob smith", "sip:a@b\r\nX: y", "sips:<x>"} {
		if _, out, err := r.a.Invite(r.now, to, []byte(testSDP)); err == nil || len(out.Effects) > 0 {
			t.Errorf("%q was called", to)
		}
	}
	if _, _, err := r.a.Invite(r.now, "bob", nil); err == nil {
		t.Error("a call without an offer was made")
	}
}

// witness checks what must hold of an agent, whatever happens to it.
type witness struct {
	t     testing.TB
	a     *Agent
	cseqs map[string]string       // the branch that each was used in
	calls map[int]event.CallPhase // the last phase of each call
}

func newWatch(t testing.TB, r *rig) *witness {
	return &witness{t: t, a: r.a, cseqs: map[string]string{}, calls: map[int]event.CallPhase{}}
}

// see checks one output: bounded, no CSeq twice in a dialog, a call that has
// ended stays so, and no deadline is left in the past.
func (w *witness) see(out control.Output, input int) {
	if len(out.Effects) > 200+input {
		w.t.Fatalf("%d calls from %d bytes", len(out.Effects), input)
	}
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Send:
			w.sent(c.Data)
		case system.Log:
			if call, ok := c.Event.(event.Call); ok {
				if w.calls[call.ID] == "ended" {
					w.t.Fatalf("call %d is %s after its end", call.ID, call.Phase)
				}
				w.calls[call.ID] = call.Phase
			}
		}
	}
}

func (w *witness) sent(data []byte) {
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	m, err := sip.ParseMessage(data)
	req, ok := m.(*sip.Request)
	if err != nil || !ok || req.IsAck() || req.IsCancel() {
		return // a 400 may repeat what cannot be parsed
	}
	tag, _ := req.To().Params.Get("tag")
	from, _ := req.From().Params.Get("tag")
	key := fmt.Sprint(req.CallID().Value(), " ", from, " ", tag, " ", req.CSeq().SeqNo)
	branch, _ := req.Via().Params.Get("branch")
	if before, used := w.cseqs[key]; used && (before != branch || w.a.cfg.Transport.Reliable()) {
		w.t.Fatalf("CSeq %s was used twice", key)
	}
	w.cseqs[key] = branch
}

// step carries out one command of a script and checks its output.
func (w *witness) advance(now time.Time) {
	w.see(w.a.Advance(now), 0)
	if at := w.a.Deadline(); !at.IsZero() && !at.After(now) {
		w.t.Fatalf("after Advance at %s the deadline is %s", now, at)
	}
}

// TestRandomLife throws random commands, peers, cuts and sleeps at agents, and
// checks after each life that every call has ended and nothing is left.
func TestRandomLife(t *testing.T) {
	script := []string{
		"register", "register", "unregister", "ping", "ask", "respond OPTIONS 200", "respond OPTIONS 407 Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"", "invite bob", "ring %d", "answer %d", "reject %d 486", "hangup %d", "reinvite %d",
		"connected", "connected", "connected", "failed refused", "closed", "closed reset", `bytes "\r\n"`, `bytes "\r\n\r\n"`, `bytes "garbage\r\n"`,
		"respond REGISTER 200", "respond REGISTER 200 Contact: CONTACT;expires=60", `respond REGISTER 401 WWW-Authenticate: Digest realm="r", nonce="n"`,
		"respond REGISTER 503 Retry-After: 5", "respond REGISTER 423 Min-Expires: 9999", "respond INVITE 100", "respond INVITE 180", "respond INVITE 200 sdp",
		"respond INVITE 200 tag=fork sdp", "respond INVITE 486", "respond INVITE 491", `respond INVITE 407 Proxy-Authenticate: Digest realm="r", nonce="n", stale=true`,
		"respond BYE 200", "respond BYE 481", "respond CANCEL 200", "peer INVITE sdp", "peer INVITE", "peer INVITE again", "peer ACK", "peer BYE", "peer CANCEL",
		"peer OPTIONS", "peer UPDATE", "peer UPDATE sdp", "peer UPDATE tag=fork sdp", "ring-offering %d", "accept %d",
		"peer INVITE Require: 100rel", "peer INVITE sdp Require: 100rel, timer | Session-Expires: 90", "peer PRACK RAck: RSEQ CSEQ INVITE", "peer PRACK sdp RAck: RSEQ CSEQ INVITE",
		"respond INVITE 183 sdp Require: 100rel | RSeq: 1 | Allow: UPDATE", "respond INVITE 183 tag=fork sdp Require: 100rel | RSeq: 1 | Allow: UPDATE",
		"respond INVITE 183 sdp Require: 100rel | RSeq: 2", "respond PRACK 200", `respond PRACK 407 Proxy-Authenticate: Digest realm="r", nonce="n"`,
		"respond INVITE 422 Min-SE: 1800", "respond INVITE 200 sdp Session-Expires: 90;refresher=uac | Allow: UPDATE", "respond INVITE 200 tag=fork Session-Expires: 90;refresher=uas",
		"respond UPDATE 200 sdp", "respond UPDATE 491", "respond UPDATE 481", "respond UPDATE 422 Min-SE: 1800", `respond UPDATE 401 WWW-Authenticate: Digest realm="r", nonce="n"`,
		"advance 1s", "advance 10s", "advance 40s", "freeze 1s", "freeze 10m", "freeze 3h",
	}
	lives := seeds.Runs(400)
	if testing.Short() {
		lives = 50
	}
	for seed := range lives {
		rng := rand.New(rand.NewPCG(seed, 7))
		r := newRig(t, Config{
			Transport: []Transport{TCP, UDP}[seed%2], Reliable: []Reliability{ReliableWhereRequired, ReliableAlways, ReliableNever}[seed%3],
			SessionTimer: []time.Duration{0, MinSession}[seed/2%2],
		})
		w := newWatch(t, r)
		r.seen = w.see
		for range 80 {
			line := script[rng.IntN(len(script))]
			if strings.Contains(line, "%d") {
				line = fmt.Sprintf(line, rng.IntN(4)+1)
			}
			if strings.HasPrefix(line, "peer INVITE again") && r.asked == nil {
				continue
			}
			_ = r.do(line) // a respond without a request does nothing
		}
		w.see(r.a.Shutdown(r.now), 0)
		r.now = r.now.Add(10 * time.Second)
		w.advance(r.now)
		r.now = r.now.Add(time.Minute)
		w.advance(r.now)
		if at := r.a.Deadline(); !at.IsZero() || len(r.a.calls.list) > 0 || len(r.a.client.exchanges) > 0 || r.a.wire.txs.Len() > 0 {
			t.Fatalf("seed %d: something is left: deadline %v, %d calls", seed, at, len(r.a.calls.list))
		}
		if !r.a.conn.Gone() {
			t.Fatalf("seed %d: the flow is left open", seed)
		}
		r.w.Reset()
	}
}

// TestDeterminism runs the same life twice: the same bytes come out.
func TestDeterminism(t *testing.T) {
	life := func() string {
		return runScript(t, "> config outbound pings\n> register\n> connected\n> show REGISTER\n> invite bob\n> show INVITE\n> advance 1h\n")
	}
	if a, b := life(), life(); a != b {
		t.Error(golden.Difference(a, b))
	}
}

// registered is a rig with an agent that is registered.
func registered(t testing.TB) *rig { return registeredWith(t, Config{}) }

func registeredWith(t testing.TB, cfg Config) *rig {
	t.Helper()
	r := newRig(t, cfg)
	r.plays("register", "connected", "respond REGISTER 200 Contact: CONTACT;expires=3600")
	return r
}

// last is the youngest call that there is; 0: there is none.
func (r *rig) last() int {
	if n := len(r.a.calls.list); n > 0 {
		return r.a.calls.list[n-1].id
	}
	return 0
}

// FuzzAgent gives a registered agent random bytes in random pieces, with a
// user who answers and hangs up between them.
func FuzzAgent(f *testing.F) {
	f.Add([]byte("\r\n\r\n"+inviteText+inviteText), []byte{9, 200, 3, 40})
	f.Add([]byte(okText+strings.Replace(inviteText, "INVITE", "BYE", 2)), []byte{255})
	f.Add([]byte(strings.ReplaceAll(inviteText, "INVITE", "OPTIONS")+"garbage"), []byte{1, 2, 3})
	f.Add([]byte(strings.Replace(inviteText, "110", "999999", 1)), []byte{0})
	for _, more := range []string{
		"Require: 100rel", "Require: 100REL , timer\r\nSession-Expires: 90 ; refresher = uac", "k: timer\r\nx: 1;refresher=\"uas\"", "RAck: 1 1 INVITE",
		"Session-Expires: 0, abc;refresher=foo\r\nk: timer", "Record-Route: foo, <sip:>, <mailto:a@b>", "Content-Length: 7", "Content-Type:\r\n message/sipfrag",
	} {
		text := strings.Replace(inviteText, "Content-Length", more+"\r\nContent-Length", 1)
		for _, method := range []string{"INVITE", "PRACK", "UPDATE"} {
			f.Add([]byte(strings.Replace(text, "INVITE", method, 2)), []byte{4, 2})
		}
	}
	messages, err := torture.Messages("testdata/torture")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range messages {
		f.Add([]byte(text), []byte{200, 2, 99})
	}
	f.Fuzz(func(t *testing.T, stream, cuts []byte) {
		r := registered(t)
		w := newWatch(t, r)
		now := r.now
		for i := 0; len(stream) > 0; i++ {
			n := len(stream)
			var act byte
			if len(cuts) > 0 {
				act = cuts[i%len(cuts)]
				n = min(n, int(act)+1)
			}
			w.see(r.a.Receive(now, system.Received{Socket: r.socket, Data: bytes.Clone(stream[:n])}), n)
			stream = stream[n:]
			switch act % 7 {
			case 0:
				now = now.Add(time.Second)
			case 1:
				now = now.Add(time.Duration(act) * time.Minute)
			case 2:
				w.see(r.a.Answer(now, r.last(), []byte(testSDP)), 0)
			case 3:
				w.see(r.a.Hangup(now, r.last()), 0)
			case 4:
				w.see(r.a.Ring(now, r.last()), 0)
			case 5:
				w.see(r.a.RingOffering(now, r.last(), []byte(testSDP)), 0)
			}
			w.advance(now)
		}
	})
}

// BenchmarkInviteTo180 is an INVITE to a registered agent, up to its 180: as
// bytes in, bytes and events out. The call is then declined and acknowledged,
// outside the time.
func BenchmarkInviteTo180(b *testing.B) {
	r := registered(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		suffix := fmt.Sprintf("-%d", n)
		data := []byte(strings.Replace(strings.Replace(inviteText, "z9hG4bK-1", "z9hG4bK"+suffix, 1), "call-of-bob", "call"+suffix, 1))
		r.a.Receive(r.now, system.Received{Socket: r.socket, Data: data})
		if out := r.a.Ring(r.now, r.last()); len(out.Effects) == 0 {
			b.Fatal("no 180")
		}
		r.a.Reject(r.now, r.last(), 486)
		r.a.wire.txs = Transactions{} // stands for the ACK
	}
}

// BenchmarkIdleAgent reports what one registered agent holds.
func BenchmarkIdleAgent(b *testing.B) {
	const agents = 1000
	for b.Loop() {
		rigs := make([]*Agent, 0, agents)
		before := heapNow()
		for range agents {
			r := registered(b)
			r.w, r.sent, r.raw = bytes.Buffer{}, nil, nil
			rigs = append(rigs, r.a)
		}
		after := heapNow()
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/agents, "B/agent")
		b.ReportMetric(float64(after.HeapObjects-before.HeapObjects)/agents, "objects/agent")
		runtime.KeepAlive(rigs)
	}
}

func heapNow() runtime.MemStats {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// TestOldestFirst checks that overdue deadlines fire in their order, once.
func TestOldestFirst(t *testing.T) {
	r := registered(t)
	r.plays("peer INVITE sdp", "ring 1", "peer INVITE sdp", "ring 2")
	out := r.a.Advance(r.now.Add(2 * time.Hour))
	var order []string
	for _, c := range out.Effects {
		if l, ok := c.(system.Log); ok {
			if m, ok := l.Event.(event.Message); ok {
				order = append(order, fmt.Sprint(m.Status, m.Method))
			}
		}
	}
	if want := []string{"180INVITE", "180INVITE", "0REGISTER"}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}
