package lab

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

func TestPhonesCallEachOther(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.phone("carol", "secret", app.Accept, 660)
	alice.call("carol")
	b.expect("alice", "call up")
	b.expect("alice", "heard tone 660 Hz")
	b.expect("carol", "heard tone 440 Hz")
	alice.hangup()
	b.expect("carol", "call ended")
	b.expect("alice", "call ended")
}

func TestCancelWhileRinging(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.phone("carol", "secret", app.Manual, 660)
	alice.call("carol")
	b.expect("carol", "call ringing")
	alice.hangup()
	b.expect("carol", "call ended")
	b.expect("alice", "call ended", "487")
	b.run(time.Minute)
	if load := b.lab.sip.Load(); load.Requests+load.Transactions != 0 {
		t.Errorf("left of a call that is over: %+v", load)
	}
}

func TestRobots(t *testing.T) {
	for _, tc := range []struct {
		robot string
		want  []string
	}{
		{"busy", []string{"call ended", "486"}},
		{"ring", []string{"call ringing"}},
		{"echo", []string{"heard tone 440 Hz"}},
		{"bob", []string{"heard sample en-hello"}},
		{"nobody", []string{"call ended", "404"}},
		{"carol", []string{"call ended", "480"}},
	} {
		t.Run(tc.robot, func(t *testing.T) {
			b := newBench(t, nil)
			alice := b.phone("alice", "secret", app.Manual, 440)
			alice.call(tc.robot)
			if tc.robot == "bob" {
				b.expect("alice", "call up")
				b.expect("bob", "heard tone 440 Hz")
				return
			}
			b.expect("alice", tc.want...)
		})
	}
}

// TestRobotsKeyLog: the file for secrets has those of the robots' handshakes, too.
func TestRobotsKeyLog(t *testing.T) {
	var secrets bytes.Buffer
	b := newBench(t, func(c *Config) {
		c.SRTP, c.DTLS = sdp.Required, true
		c.TLS.KeyLog = &secure.KeyLog{Name: "keys.log", W: &secrets}
	})
	b.phone("alice", "secret", app.Accept, 440)
	b.do("bob calls alice")
	b.expect("bob", "heard tone 440 Hz")
	if got := secrets.String(); !strings.HasPrefix(got, "CLIENT_RANDOM ") {
		t.Errorf("the key log has %q", got)
	}
}

func TestRingRingsUntilCancelled(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	alice.call("ring")
	b.run(2 * time.Minute)
	if b.saw("alice", "call ended") {
		t.Error("the call ended by itself")
	}
	alice.hangup()
	b.expect("ring", "call ended")
}

func TestRobotCallsAPhone(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.do("bob calls alice")
	b.expect("alice", "call ringing")
	alice.do(alice.Answer)
	b.expect("bob", "heard tone 440 Hz")
	b.do("bob hangs up")
	b.expect("alice", "call ended")
}

func TestUnreachablePhoneIsATimeout(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	carol := b.phone("carol", "secret", app.Accept, 660)
	b.w.Cut(carol.node)
	alice.call("carol")
	b.run(40 * time.Second)
	b.expect("alice", "call ended", "408")
}

func TestCallGoesOnAfterTheCalleeReconnects(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	b.phone("carol", "secret", app.Accept, 660)
	alice.call("carol")
	b.expect("alice", "call up")
	b.do("close carol")
	b.run(time.Minute)
	if len(b.lab.sip.Bindings("carol")) != 1 {
		t.Fatal("carol did not come back")
	}
	alice.hangup()
	b.expect("carol", "call ended", "by peer")
}

// All phones of a user ring; the first answer takes the call.
func TestForking(t *testing.T) {
	b := newBench(t, nil)
	alice := b.phone("alice", "secret", app.Manual, 440)
	first := b.wire()
	first.register("carol", "secret", "Contact: <sip:carol@10.7.7.7:1234>")
	b.phone("carol", "secret", app.Accept, 660)
	alice.call("carol")
	b.expect("alice", "heard tone 660 Hz")
	var methods []string
	for _, req := range first.reqs {
		methods = append(methods, string(req.Method))
	}
	// No CANCEL before a provisional response (RFC 3261 §9.1).
	if got := strings.Join(methods, " "); got != "INVITE" {
		t.Fatalf("the silent phone got %q", got)
	}
	first.answer(first.reqs[0], "180 Ringing")
	if n := len(first.reqs); n != 2 || first.reqs[1].Method != "CANCEL" {
		t.Fatalf("the other phone was not cancelled: %d requests", n)
	}
	first.answer(first.reqs[1], "200 OK")
	first.answer(first.reqs[0], "487 Request Terminated")
	if n := len(first.reqs); n != 3 || first.reqs[2].Method != "ACK" {
		t.Errorf("no ACK to the 487: %d requests", n)
	}
}

// A load generator sends the requests of a dialog to the address of record,
// without Route, and never registers.
func TestLooseCaller(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.request("INVITE", "sip:echo@10.0.0.1:5060", "<sip:echo@10.0.0.1:5060>", "Contact: <sip:load@10.0.1.1:5061>")
	b.run(time.Second)
	if first, last := c.resps[0].StatusCode, c.last(); first != 100 || last.StatusCode != 200 {
		t.Fatalf("%d … %d", first, last.StatusCode)
	}
	to := c.last().To().Value()
	c.send(described(c.text("ACK", "sip:echo@10.0.0.1:5060", to)))
	if res := c.request("BYE", "sip:echo@10.0.0.1:5060", to); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	b.expect("echo", "call ended", "by peer")
}

// The exchange reaches a caller that never registered over the connection
// that it called from.
func TestByeToAnUnregisteredCaller(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.request("INVITE", "sip:bob@lab.test", "<sip:bob@lab.test>", "Contact: <sip:load@192.168.1.1:5061>")
	b.run(time.Second)
	c.send(described(c.text("ACK", "sip:bob@lab.test", c.last().To().Value())))
	b.do("bob hangs up")
	b.run(time.Second)
	if n := len(c.reqs); n != 1 || c.reqs[0].Method != "BYE" || c.reqs[0].Recipient.Host != "192.168.1.1" {
		t.Errorf("%d requests came", n)
	}
}

func TestMisbehaviour(t *testing.T) {
	b := newBench(t, func(c *Config) { c.PingEvery = 30 * time.Second })
	c := b.wire()
	c.register("alice", "secret", contact)
	b.do("ping alice")
	b.run(time.Second)
	if c.pings != 1 {
		t.Fatalf("%d pings", c.pings)
	}
	c.send("\r\n")
	b.expect("lab", "pong", "after")
	c.framer.AwaitPong(true)
	c.send("\r\n\r\n")
	if c.pings != 2 {
		t.Error("a ping was not answered")
	}
	b.run(30 * time.Second)
	if c.pings != 3 {
		t.Error("the lab does not ping by itself")
	}
	b.do("stall alice")
	n := len(c.resps)
	c.cseq++
	c.send(c.text("OPTIONS", "sip:lab.test", "<sip:lab.test>"))
	if len(c.resps) != n {
		t.Error("a stalled server answered")
	}
	b.do("unstall alice")
	b.run(time.Second)
	if len(c.resps) != n+1 {
		t.Error("an unstalled server did not answer what it had accepted")
	}
	b.do("reset alice")
	b.run(time.Second)
	if c.closed != "RST" {
		t.Errorf("closed by %q", c.closed)
	}
}

func TestCloseSendsFIN(t *testing.T) {
	b := newBench(t, nil)
	c := b.wire()
	c.register("alice", "secret", contact)
	b.do("close alice")
	b.run(time.Second)
	if c.closed != "FIN" || len(b.lab.sip.Bindings("alice")) != 0 {
		t.Errorf("closed by %q, %d bindings left", c.closed, len(b.lab.sip.Bindings("alice")))
	}
}

func TestVerbErrorsNameTheNearest(t *testing.T) {
	b := newBench(t, nil)
	for line, want := range map[string]string{
		"bop calls alice":    `nobody here is called "bop"; did you mean bob? (there are: bob, echo, busy, ring, lab)`,
		"bob calls alise":    `no user "alise"; did you mean alice?`,
		"bob sings":          `bob is a robot of the lab, which can call, hang up, hold, resume, transfer, speak, text, header and expect`,
		"png alice":          `the lab cannot "png alice"; did you mean ping? (it can: ` + strings.Join(verb.Usages(verb.Lab), ", ") + ")",
		"call alice":         `the lab cannot "call alice"; a robot can: bob: call SIP-URI|USER (it can: ` + strings.Join(verb.Usages(verb.Lab), ", ") + ")",
		"ping alise":         `no user "alise"; did you mean alice?`,
		"ping alice":         `ping alice: not registered`,
		"ping alice and bob": `unexpected "and"; it is: ping USER [FLOW]`,
		"bob hangs up":       `bob: there is no call`,
		"stall":              `stall needs an argument: stall USER [FLOW]`,
	} {
		if _, err := b.lab.Do(b.w.Now(), line); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", line, err, want)
		}
	}
}

func TestSameSeedSameLog(t *testing.T) {
	run := func() []byte {
		b := newBench(t, nil)
		alice := b.phone("alice", "secret", app.Manual, 440)
		alice.call("echo")
		b.run(10 * time.Second)
		b.do("bob calls alice")
		b.run(10 * time.Second)
		var out []byte
		for _, r := range b.log.After(0) {
			out, _ = event.AppendJSON(out, r)
			out = append(out, '\n')
		}
		return out
	}
	if !bytes.Equal(run(), run()) {
		t.Error("two runs of one seed differ")
	}
}

var _ system.Machine = (*Lab)(nil)
