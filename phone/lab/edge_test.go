package lab

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestTranscripts plays testdata/*.txt: the edge, with a phone that a test
// drives by hand. Lines that begin with ">" are commands:
//
//	> lab KEY=DURATION …  how the lab is set: push-wait, push-ttl, push-refresh, push-cancel
//	> registers [PROVIDER] [token=T] [app=A] [timer] [KEY=VALUE …]
//	                      the phone registers over a new connection, with
//	                      the token t1 by default, "" is a question, and
//	                      with header fields, such as expires=60
//	> token T             the push service gives it another token
//	> closes              it closes its last connection
//	> answers STATUS      it answers the last request, and names its binding
//	> do LINE             a request to the lab
//	> advance DURATION
//
// What follows each is what the lab, bob and the phone had.
func TestTranscripts(t *testing.T) { golden.Transcripts(t, playEdge) }

// An edgeRig is a lab, bob, and alice's phone.
type edgeRig struct {
	*bench
	phone *wire // its last connection
	first *wire // whose node has the token
	purr  string
	seen  uint64
	reqs  int
	out   bytes.Buffer
}

// newEdge is a lab whose pushes take a second.
func newEdge(t *testing.T, change func(*Config)) *edgeRig {
	return &edgeRig{bench: newPushBench(t, push.Config{MinDelay: time.Second, MaxDelay: time.Second}, change)}
}

func playEdge(t *testing.T, script string) string {
	e := newEdge(t, nil)
	e.seen = e.last()
	for line := range strings.Lines(script) {
		switch {
		case strings.HasPrefix(line, "> lab"):
			settings := strings.Fields(line)[2:]
			e = newEdge(t, func(c *Config) {
				for _, s := range settings {
					setEdge(t, c, s)
				}
			})
			e.seen = e.last()
			e.out.WriteString(line)
		case strings.HasPrefix(line, "> "):
			e.out.WriteString(line)
			word, rest, _ := strings.Cut(strings.TrimSpace(line[2:]), " ")
			if err := e.command(word, rest); err != nil {
				fmt.Fprintf(&e.out, "   error: %v\n", err)
			}
			e.tell()
		case strings.HasPrefix(line, "#"), strings.TrimSpace(line) == "":
			e.out.WriteString(line)
		}
	}
	return e.out.String()
}

func setEdge(t *testing.T, c *Config, setting string) {
	key, value, _ := strings.Cut(setting, "=")
	if key == "push-cancel" {
		c.PushCancel = value == "on"
		return
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		t.Fatal(err)
	}
	switch key {
	case "push-wait":
		c.PushWait = d
	case "push-ttl":
		c.PushTTL = server.Exactly(d)
	case "push-refresh":
		c.PushRefresh = server.Exactly(d)
	}
}

func (e *edgeRig) command(word, rest string) error {
	switch word {
	case "registers":
		e.registers(rest)
	case "closes":
		e.w.Do(e.phone.node, func(time.Time) []system.Effect { return []system.Effect{system.Close{Socket: 1}} })
		e.run(100 * time.Millisecond)
	case "answers":
		contact := fmt.Sprintf("Contact: <sip:alice@%s;transport=tcp;pn-purr=%s>", e.phone.local, e.purr)
		e.phone.answer(e.phone.reqs[len(e.phone.reqs)-1], rest, contact)
	case "token":
		e.open(rest)
	case "do":
		var err error
		e.w.Do(e.at, func(now time.Time) (effects []system.Effect) {
			effects, err = e.lab.Do(now, rest)
			return effects
		})
		e.run(0)
		return err
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return err
		}
		e.run(d)
	}
	return nil
}

// open gives the phone a push token.
func (e *edgeRig) open(token string) {
	e.w.Do(e.first.node, func(time.Time) []system.Effect { return []system.Effect{system.OpenPush{Token: token}} })
}

// registers opens a connection and registers over it, to be pushed to.
func (e *edgeRig) registers(rest string) {
	e.phone, e.reqs = e.wire(), 0
	if e.first == nil {
		e.first = e.phone
		e.open("t1")
	}
	uri, tags, more := "", "", []string{"Supported: outbound"}
	p := push.Params{Param: "TEAM.app.voip", PRID: "t1"}
	for _, word := range strings.Fields(rest) {
		switch key, value, isSet := strings.Cut(word, "="); {
		case word == "timer":
			tags = ";" + push.TimerTag
		case key == "token":
			p.PRID = value
		case key == "app":
			p.Param = value
		case isSet:
			more = append(more, key+": "+value)
		default:
			p.Provider = strings.Trim(word, `"`)
			uri = "pn"
		}
	}
	if uri != "" {
		uri = p.String()
	}
	if p.PRID == "" {
		uri = ";pn-provider" + strings.TrimSuffix("="+p.Provider, "=")
	}
	contact := fmt.Sprintf(`Contact: <sip:alice@%s;transport=tcp%s>;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>";reg-id=1%s`, e.phone.local, uri, tags)
	res := e.phone.register("alice", "secret", append(more, contact)...)
	fmt.Fprintf(&e.out, "   phone: %d %s\n", res.StatusCode, text(res, "Min-Expires"))
	for _, h := range res.GetHeaders("Feature-Caps") {
		fmt.Fprintf(&e.out, "   phone: %s\n", h.Value())
	}
	_, after, _ := strings.Cut(text(res, "Feature-Caps"), `pnspurr="`)
	e.purr, _, _ = strings.Cut(after, `"`)
}

func (e *edgeRig) last() uint64 {
	rs := e.log.After(0)
	return rs[len(rs)-1].Seq
}

// tell writes what happened since the last time.
func (e *edgeRig) tell() {
	for _, r := range e.log.After(e.seen) {
		e.seen = r.Seq
		switch r.Event.(type) {
		case event.Server, event.Push, event.Message, event.Call:
			fmt.Fprintf(&e.out, "   %s\n", event.Line(r))
		}
	}
	if e.phone == nil {
		return
	}
	for ; e.reqs < len(e.phone.reqs); e.reqs++ {
		fmt.Fprintf(&e.out, "   phone: %s\n", e.phone.reqs[e.reqs].Method)
	}
}

// edgeFailures is what bob hears of each failure of the edge, and what the
// phone gets.
var edgeFailures = map[string]struct {
	bob    string // the status, "" while nothing was said
	within time.Duration
	phone  string // its requests over the new connection
	pushes int
}{
	"push-no-wait":        {"480", 100 * time.Millisecond, "", 1},
	"push-unavailable":    {"503", 100 * time.Millisecond, "", 1},
	"push-too-early":      {"408", 33 * time.Second, "", 1},
	"push-short-wait":     {"480", time.Second, "", 1},
	"push-trusts-flow":    {"408", 33 * time.Second, "", 0},
	"push-stale-flow":     {"408", 40 * time.Second, "", 1},
	"push-late":           {"", 31 * time.Second, "INVITE CANCEL", 1}, // which nobody answers
	"push-lost":           {"480", 31 * time.Second, "", 0},
	"push-old-token":      {"480", 31 * time.Second, "", 0},
	"push-ghost":          {"480", 31 * time.Second, "", 1},
	"push-cancel-at-once": {"487", 3 * time.Second, "INVITE CANCEL ACK", 1},
}

// edgeOmissions are the failures in which nobody calls: testdata/NAME.txt shows
// what comes of each.
var edgeOmissions = []string{"push-no-refresh", "push-not-in-calls"}

// TestEdgeFailures has an edge fail in each way, towards a phone that comes
// back as soon as it is pushed to, and whose token is its second.
func TestEdgeFailures(t *testing.T) {
	for name, want := range edgeFailures {
		t.Run(name, func(t *testing.T) {
			e := newEdge(t, nil)
			e.registers("apns")
			e.open("t2")
			e.registers("apns token=t2")
			e.command("closes", "")
			e.do("misbehave " + name)
			e.do("bob calls alice")
			began := e.w.Elapsed()
			answered := e.comesBack(want.within)
			if answered != want.bob {
				t.Errorf("bob heard %q within %s, want %q", answered, e.w.Elapsed()-began, want.bob)
			}
			e.run(2 * timerC)
			var got []string
			for _, r := range e.phone.reqs {
				got = append(got, string(r.Method))
			}
			if strings.Join(got, " ") != want.phone {
				t.Errorf("the phone got %q, want %q", got, want.phone)
			}
			if n := e.count("lab", "push sent"); n != want.pushes {
				t.Errorf("%d pushes, want %d", n, want.pushes)
			}
			e.idle()
		})
	}
}

// inCall is a call of a guest's to alice's phone, which has not named its binding in it, so
// that nothing in the call is pushed for.
func (e *edgeRig) inCall() *side {
	e.t.Helper()
	e.registers("apns")
	c := e.wire()
	c.ask("INVITE", "sip:alice@lab.test", "<sip:alice@lab.test>", "Contact: <sip:guest@"+c.local.String()+";transport=tcp>")
	invite := e.phone.reqs[0]
	e.phone.answer(invite, "200 OK", "Contact: <sip:alice@"+e.phone.local.String()+";transport=tcp>", "Record-Route: "+text(invite, "Record-Route"))
	caller, _ := sides(c, e.phone, c.last(), invite)
	caller.tell("ACK")
	return caller
}

// The failures of an edge are in what it pushes for: a request in a call that was merely
// kept comes to the phone as if there were none.
func TestEdgeFailuresSpareWhatIsKept(t *testing.T) {
	for name := range edgeFailures {
		for _, method := range []string{"INVITE", "BYE"} {
			e := newEdge(t, nil)
			caller := e.inCall()
			e.command("closes", "")
			e.registers("") // with the token, the call would wait for a push
			e.command("closes", "")
			caller.tell(method)
			e.do("misbehave " + name)
			e.registers("")
			if len(e.phone.reqs) > 0 && method == "INVITE" {
				e.phone.answer(e.phone.reqs[0], "100 Trying")
			}
			e.run(time.Second)
			if len(e.phone.reqs) != 1 || string(e.phone.reqs[0].Method) != method {
				t.Errorf("%s, %s: the phone has %v", name, method, e.phone.reqs)
			}
		}
	}
}

// A push that is refused is for one call, and what was kept of another goes on waiting.
func TestRefusedPushSparesWhatIsKept(t *testing.T) {
	e := newEdge(t, nil)
	caller := e.inCall()
	n := len(caller.resps)
	caller.tell("BYE")
	e.command("closes", "")
	e.open("t2")
	e.do("bob calls alice")
	e.run(time.Second)
	if e.count("lab", "push refused") != 1 || e.count("bob", "<-- 480") != 1 || len(caller.resps) != n {
		t.Errorf("the caller has %v", caller.resps[n:])
		e.dump()
	}
	if e.registers("apns token=t2"); len(e.phone.reqs) != 1 {
		t.Errorf("the phone has %v", e.phone.reqs)
	}
}

// comesBack lets the phone register when a push is there, and answer what comes
// then. It gives back bob's final answer.
func (e *edgeRig) comesBack(within time.Duration) (status string) {
	back := false
	for end := e.w.Elapsed() + within; e.w.Elapsed() < end && status == ""; e.run(50 * time.Millisecond) {
		if e.first.pushes > 0 && !back {
			back = true
			e.registers("apns token=t2")
		}
		if back && e.reqs < len(e.phone.reqs) {
			e.reqs++
			e.respond()
		}
		status = e.refused()
	}
	return status
}

// respond answers the phone's last request: 100 to an INVITE, and to a CANCEL
// what that asks for.
func (e *edgeRig) respond() {
	switch e.reqs {
	case 1:
		e.phone.answer(e.phone.reqs[0], "100 Trying")
	case 2:
		e.phone.answer(e.phone.reqs[1], "200 OK")
		e.phone.answer(e.phone.reqs[0], "487 Request Terminated")
	}
}

// refused is the status with which bob has been refused since the last time.
func (e *edgeRig) refused() string {
	for _, r := range e.log.After(e.seen) {
		e.seen = r.Seq
		if m, ok := r.Event.(event.Message); ok && r.Phone == "bob" && !m.Out && m.Method == "INVITE" && m.Status >= 300 {
			return strconv.Itoa(m.Status)
		}
	}
	return ""
}

// idle wants nothing to be left of a call.
func (e *edgeRig) idle() {
	e.t.Helper()
	if load := e.lab.sip.Load(); load.Held+load.Requests != 0 {
		e.t.Errorf("left: %+v", load)
	}
}

func TestHeldInvitesAreBounded(t *testing.T) {
	e := newEdge(t, nil)
	e.registers("apns")
	e.command("closes", "")
	for range maxHeld + 5 {
		e.do("bob calls alice")
		e.run(10 * time.Millisecond)
	}
	if n := e.lab.sip.Load().Held; n != maxHeld {
		t.Errorf("%d INVITEs are held", n)
	}
	if n := e.count("bob", "<-- 503"); n != 5 {
		t.Errorf("bob heard 503 %d times", n)
	}
	e.run(2 * time.Minute)
	if n := e.count("bob", "<-- 480"); n != maxHeld {
		t.Errorf("bob heard 480 %d times", n)
	}
	e.idle()
}

// Whoever is in a call with a phone that sleeps, and asks it for much, keeps nobody else from
// calling it.
func TestHeldRequestsInCallsSpareNewCalls(t *testing.T) {
	e := newEdge(t, nil)
	caller := e.inCall()
	caller.target += ";pn-purr=" + e.purr
	e.command("closes", "")
	for range maxHeld {
		caller.tell("BYE")
	}
	if n := e.lab.sip.Load().Held; n != maxHeldOfCall {
		t.Errorf("%d requests are held", n)
	}
	for range maxHeld {
		e.do("bob calls alice")
		e.run(10 * time.Millisecond)
	}
	if n := e.lab.sip.Load().Held; n != maxHeldOfCall+maxHeld || e.saw("bob", "<-- 503") {
		t.Errorf("%d are held", n)
		e.dump()
	}
	e.run(2 * time.Minute)
	e.idle()
}

// TestEveryHeldInviteEnds has a phone come and go at random, and an edge that
// fails in ever other ways: whoever calls hears how it ends, and nothing is
// left.
func TestEveryHeldInviteEnds(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 3))
		e := newEdge(t, func(c *Config) { c.PushWait = 5 * time.Second })
		e.registers("apns")
		for range 60 {
			switch rng.IntN(7) {
			case 0:
				e.registers("apns")
			case 1:
				e.command("closes", "")
			case 2:
				e.command("do", "bob hangs up")
			case 3:
				e.do("behave")
				e.do("misbehave " + Misbehaviours()[len(Misbehaviours())-1-rng.IntN(len(edgeFailures))].Name)
			case 4:
				e.do("behave")
			default:
				e.do("bob calls alice")
			}
			e.run(time.Duration(rng.IntN(3000)) * time.Millisecond)
			if n := e.lab.sip.Load().Held; n > maxHeld {
				t.Fatalf("seed %d: %d are held", seed, n)
			}
		}
		e.do("behave")
		e.run(2 * timerC)
		e.idle()
		if calling, ended := e.count("bob", "call calling"), e.count("bob", "call ended"); calling != ended {
			t.Errorf("seed %d: bob made %d calls, and %d ended", seed, calling, ended)
		}
	}
}

func TestPushVerbIsChecked(t *testing.T) {
	e := newEdge(t, nil)
	for line, want := range map[string]string{
		"push alcie":       "did you mean alice?",
		"push alice":       "has not registered to be pushed to",
		"push alice hihg":  "did you mean high?",
		"push alice a b c": `unknown priority "a"`,
	} {
		if _, err := e.lab.Do(e.w.Now(), line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", line, err, want)
		}
	}
}

func TestALabThatDoesNotPush(t *testing.T) {
	e := newEdge(t, func(c *Config) { c.NoPush = true })
	e.registers("apns")
	if strings.Contains(e.out.String(), "pns") {
		t.Errorf("it says that it pushes: %s", e.out.String())
	}
	e.command("closes", "")
	e.do("bob calls alice")
	e.expect("bob", "<-- 480")
}

// TestARefusalThatMayPass has the push service refuse a push for its own
// reasons: the caller hears so at once, and the token is not given up.
func TestARefusalThatMayPass(t *testing.T) {
	for reason, stays := range map[push.Reason]bool{push.TooManyRequests: true, push.ServiceUnavailable: true, push.Unregistered: false} {
		e := &edgeRig{bench: newPushBench(t, push.Config{Refuse: []push.RefuseShare{{Reason: reason, Share: 1}}}, nil)}
		e.registers("apns")
		e.command("closes", "")
		e.do("bob calls alice")
		e.run(100 * time.Millisecond)
		if e.count("bob", "<-- 480") != 1 {
			t.Errorf("%s: bob heard nothing", reason)
		}
		if has := len(e.lab.sip.Bindings("alice")) == 1; has != stays {
			t.Errorf("%s: the binding stays: %t, want %t", reason, has, stays)
		}
		e.idle()
	}
}
