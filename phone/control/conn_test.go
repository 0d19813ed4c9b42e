package control

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	epoch  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	local  = netip.MustParseAddrPort("192.0.2.1:49152")
	remote = netip.MustParseAddrPort("192.0.2.9:5060")
)

// A rig is a connection, its time, and what it has done.
type rig struct {
	*Conn
	now time.Time
	did []string
}

func newRig(change func(*ConnConfig)) *rig {
	var last system.Socket
	cfg := ConnConfig{
		Server: "pbx:5060", OpenWithin: Patience, Rand: rand.New(rand.NewPCG(1, 2)),
		NextSocket: func() system.Socket { last++; return last },
	}
	if change != nil {
		change(&cfg)
	}
	c := NewConn(cfg)
	return &rig{Conn: &c, now: epoch}
}

// step runs f as one step and keeps what came of it.
func (r *rig) step(f func(s *Step)) {
	s := &Step{Now: r.now}
	f(s)
	for _, c := range s.Out.Effects {
		switch c := c.(type) {
		case system.Log:
			if e, ok := c.Event.(event.Socket); ok {
				r.did = append(r.did, strings.Join(strings.Fields(string(e.Phase)+" "+e.By+" "+e.Error), " "))
			}
		default:
			r.did = append(r.did, fmt.Sprintf("%T", c))
		}
	}
	for _, n := range s.Out.Notices {
		r.did = append(r.did, fmt.Sprintf("%T", n))
	}
}

func (r *rig) dial() { r.step(r.Dial) }

func (r *rig) receive(sig system.Signal) (turn Turn, err error) {
	r.step(func(s *Step) { turn, err = r.Receive(s, sig) })
	return turn, err
}

func (r *rig) open() {
	r.dial()
	r.receive(system.Connected{Socket: r.Socket(), Local: local, Remote: remote})
}

// after advances by d, and does what is due then, if anything is.
func (r *rig) after(d time.Duration) (turn Turn, err error) {
	r.now = r.now.Add(d)
	if system.Due(r.Deadline(), r.now) {
		r.step(func(s *Step) { turn, err = r.Advance(s) })
	}
	return turn, err
}

// has takes what was done since the last time.
func (r *rig) has(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.did, want) {
		t.Errorf("did %q, want %q", r.did, want)
	}
	r.did = nil
}

func TestConnOpens(t *testing.T) {
	r := newRig(nil)
	r.dial()
	r.has(t, "system.Connect", "connecting")
	r.dial() // it is opening already
	r.has(t)
	if turn, _ := r.receive(system.Received{Socket: 1}); turn != Nothing || r.Phase() != PhaseConnecting {
		t.Error("data before the connection is open")
	}
	if turn, _ := r.receive(system.Connected{Socket: 7}); turn != Nothing {
		t.Error("another's socket was taken for its own")
	}
	turn, _ := r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
	if turn != Opened || !r.Up() || r.Local() != local || r.Remote() != remote {
		t.Errorf("turn %d, phase %d", turn, r.Phase())
	}
	r.has(t, "open", "control.Reached", "control.Connected")
	if turn, _ := r.receive(system.Received{Socket: 1}); turn != Arrived {
		t.Error("data has not arrived")
	}
	if !r.Deadline().IsZero() {
		t.Error("an open connection waits for something")
	}
}

func TestConnSecures(t *testing.T) {
	r := newRig(func(c *ConnConfig) { c.TLS = "pbx" })
	r.open()
	if r.Phase() != PhaseSecuring || r.Secure() {
		t.Errorf("phase %d", r.Phase())
	}
	r.has(t, "system.Connect", "connecting", "securing", "system.StartTLS", "control.Reached")
	if turn, _ := r.receive(system.Received{Socket: 1}); turn != Nothing {
		t.Error("data in the handshake")
	}
	if turn, _ := r.receive(system.Secured{Socket: 1}); turn != Opened || !r.Up() || !r.Secure() {
		t.Errorf("turn %d, phase %d", turn, r.Phase())
	}
	r.has(t, "open", "control.Connected")
	r.step(func(s *Step) { r.Close(s, "by us") })
	r.has(t, "system.Close", "closed us by us")
	if r.dial(); r.Secure() {
		t.Error("the next connection is taken for secured")
	}
}

// STARTTLS: the program knows of the connection already.
func TestConnIsResecured(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.did = nil
	r.step(func(s *Step) { r.StartTLS(s, "example.com") })
	if turn, _ := r.receive(system.Secured{Socket: 1}); turn != Resecured {
		t.Errorf("turn %d", turn)
	}
	r.has(t, "system.StartTLS", "open")
}

// TestOpening: a connection is being opened from the wish for one until it can be used.
func TestOpening(t *testing.T) {
	r := newRig(func(c *ConnConfig) { c.TLS, c.WebSocket = "pbx", WebSocket{Protocol: "sip"} })
	wants := func(want bool, when string) {
		t.Helper()
		if r.Opening() != want {
			t.Errorf("%s: %v", when, !want)
		}
	}
	wants(false, "down")
	r.dial()
	wants(true, "connecting")
	r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
	wants(true, "securing")
	r.receive(system.Secured{Socket: 1})
	wants(true, "upgrading")
	r.receive(system.Upgraded{Socket: 1})
	wants(false, "open")
	r.receive(system.Closed{Socket: 1})
	wants(false, "lost")
}

func TestConnIsLost(t *testing.T) {
	for _, test := range []struct {
		sig system.Signal
		did string
	}{
		{system.Closed{Socket: 1}, "closed the server closed the connection"},
		{system.Closed{Socket: 1, Err: system.Reset}, "reset connection reset by peer"},
		{system.Closed{Socket: 1, Err: system.TimedOut}, "broken connection timed out"},
		{system.Failed{Socket: 1, Err: system.Refused}, "failed connection refused"},
	} {
		r := newRig(nil)
		r.dial()
		r.did = nil
		if turn, err := r.receive(test.sig); turn != Lost || err == nil || !r.Gone() || !r.Deadline().IsZero() {
			t.Errorf("turn %d, error %v, phase %d, deadline %s", turn, err, r.Phase(), r.Deadline())
		}
		r.has(t, test.did, "control.FlowFailed")
		if turn, _ := r.receive(test.sig); turn != Nothing {
			t.Error("it was lost twice")
		}
	}
}

func TestConnOpensTooLate(t *testing.T) {
	for _, test := range []struct {
		tls  string
		want string
	}{
		{"", "failed no connection within 32 s"},
		{"pbx", "failed no TLS handshake within 32 s: does the server speak TLS on that port?"},
	} {
		r := newRig(func(c *ConnConfig) { c.TLS = test.tls })
		if r.dial(); test.tls != "" {
			r.receive(system.Connected{Socket: 1, Local: local, Remote: remote})
		}
		r.did = nil
		if turn, _ := r.after(32*time.Second - 1); turn != Nothing {
			t.Errorf("turn %d before 32 s", turn)
		}
		if turn, err := r.after(1); turn != Lost || err == nil {
			t.Errorf("turn %d, %v", turn, err)
		}
		r.has(t, "system.Close", test.want, "control.FlowFailed")
	}
}

// A frame that never ends is noticed after 32 s, a stream of frames that are
// split is not.
func TestConnAwaitsTheRest(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.Awaits(r.now, true, false)
	r.after(20 * time.Second)
	r.Awaits(r.now, true, false) // more of the same frame
	if turn, _ := r.after(12 * time.Second); turn != RestMissing {
		t.Errorf("turn %d after 32 s", turn)
	}
	r.Awaits(r.now, true, false)
	for range 5 {
		if turn, _ := r.after(32*time.Second - 1); turn != Nothing {
			t.Errorf("turn %d, though the frames end", turn)
		}
		r.Awaits(r.now, true, true)
	}
	if turn, _ := r.after(32 * time.Second); turn != RestMissing {
		t.Errorf("turn %d", turn)
	}
	r.Awaits(r.now, true, false)
	r.Awaits(r.now, false, true)
	if !r.Deadline().IsZero() {
		t.Error("it waits for the rest of nothing")
	}
}

func TestConnPings(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.Pings.Want()
	r.Pings.Sent(r.now, 10*time.Second)
	if r.Pings.Wanted() || !r.Pings.Waits() {
		t.Error("the ping is still wanted, or no pong is awaited")
	}
	if turn, _ := r.after(10*time.Second - 1); turn != Nothing {
		t.Errorf("turn %d before 10 s", turn)
	}
	rtt, ok := r.Pings.Answered(r.now)
	if !ok || rtt != 10*time.Second-1 {
		t.Errorf("answered %v in %s", ok, rtt)
	}
	if _, ok := r.Pings.Answered(r.now); ok {
		t.Error("two pongs for one ping")
	}
	r.Pings.Sent(r.now, 10*time.Second)
	if turn, _ := r.after(10 * time.Second); turn != PongMissing || r.Pings.Waits() {
		t.Errorf("turn %d", turn)
	}
	r.Pings.Sent(r.now, 0)
	if r.Pings.Waits() {
		t.Error("a pong is awaited that nobody sends")
	}
	r.Pings.Schedule(r.now.Add(time.Minute))
	if turn, _ := r.after(time.Minute); turn != PingDue || !r.Pings.At().IsZero() {
		t.Errorf("turn %d", turn)
	}
	r.Pings.Want()
	r.Pings.Sent(r.now, time.Second)
	r.Pings.Want()
	r.receive(system.Closed{Socket: 1})
	if !r.Pings.Wanted() || r.Pings.Waits() {
		t.Error("a ping that is wanted must outlive the connection, a pong that is awaited must not")
	}
}

// A thaw gives what lies in the kernel time to be read, and no more.
func TestConnThaws(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.Pings.Sent(r.now, 10*time.Second)
	r.Awaits(r.now, true, false)
	r.now = r.now.Add(time.Hour)
	r.Delay(r.now.Add(ThawGrace))
	if turn, _ := r.after(ThawGrace - 1); turn != Nothing {
		t.Errorf("turn %d in the grace", turn)
	}
	if turn, _ := r.after(1); turn == Nothing {
		t.Error("nothing is given up after the grace")
	}
}

func TestConnRecovers(t *testing.T) {
	why := errors.New("lost")
	r := newRig(nil)
	recover := func(carried bool) (atOnce bool) {
		r.step(func(s *Step) { atOnce = r.Recover(s, carried, why) })
		return atOnce
	}
	if recover(false) {
		t.Error("a connection that carried nothing is opened again at once")
	}
	if r.Deadline().IsZero() {
		t.Error("no next try")
	}
	if !recover(true) {
		t.Error("one that carried a registration is not")
	}
	r.now = r.now.Add(10*time.Second - 1)
	if recover(true) {
		t.Error("twice within 10 s")
	}
	r.now = r.now.Add(1)
	if !recover(true) {
		t.Error("not again after 10 s")
	}
}

// The waits of a flow while another stands (RFC 5626 §4.5): of 90 s * 2^failures, at most
// 1800 s.
func TestConnBacksOffBacked(t *testing.T) {
	r := newRig(nil)
	backed := true
	r.Conn.cfg.Flow = Flow{Number: 2, Others: func() bool { return backed }}
	for failures, most := range []time.Duration{180, 360, 720, 1440, 1800, 1800} {
		r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
		if wait := r.Deadline().Sub(r.now); wait < most*time.Second/2 || wait >= most*time.Second {
			t.Errorf("failure %d: %s, want %ds at most", failures+1, wait, most)
		}
	}
	longest := time.Duration(0)
	for range 500 {
		r.StopRecovering()
		r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
		longest = max(longest, r.Deadline().Sub(r.now))
	}
	if longest < 178*time.Second {
		t.Errorf("the first wait is at most %s", longest)
	}
	backed = false
	r.StopRecovering()
	r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
	if wait := r.Deadline().Sub(r.now); wait >= time.Minute {
		t.Errorf("%s where no other flow stands", wait)
	}
}

// The waits of RFC 5626 §4.5: between half and all of 30 s * 2^failures, at
// most 1800 s.
func TestConnBacksOff(t *testing.T) {
	r := newRig(nil)
	for failures, most := range []time.Duration{60, 120, 240, 480, 960, 1800, 1800, 1800} {
		most *= time.Second
		shortest, longest := most, time.Duration(0)
		for range 2000 {
			r.StopRecovering()
			for range failures {
				r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
			}
			r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
			wait := r.Deadline().Sub(r.now)
			shortest, longest = min(shortest, wait), max(longest, wait)
		}
		if shortest < most/2 || shortest > most/2+most/100 || longest >= most || longest < most-most/100 {
			t.Errorf("failure %d: %s to %s, want %s to %s", failures+1, shortest, longest, most/2, most)
		}
	}
	r.Granted(r.now)
	r.now = r.now.Add(10*time.Second - 1)
	r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
	if wait := r.Deadline().Sub(r.now); wait < 15*time.Minute {
		t.Errorf("%s after a success that did not last", wait)
	}
	r.Granted(r.now)
	r.Granted(r.now.Add(time.Second)) // a refresh
	r.now = r.now.Add(10 * time.Second)
	r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
	if wait := r.Deadline().Sub(r.now); wait >= time.Minute {
		t.Errorf("%s after a success", wait)
	}
	r.step(func(s *Step) { r.BackOff(s, 2*time.Hour, errors.New("why")) })
	if wait := r.Deadline().Sub(r.now); wait != 2*time.Hour {
		t.Errorf("%s, though the server asked for 2h", wait)
	}
	if turn, _ := r.after(2 * time.Hour); turn != RetryDue {
		t.Errorf("turn %d", turn)
	}
	r.step(func(s *Step) { r.BackOff(s, 0, errors.New("why")) })
	if r.Trying(); !r.Deadline().IsZero() {
		t.Error("it is tried twice")
	}
}

func TestConnRests(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.did = nil
	r.Pings.Want()
	r.step(r.Rest)
	r.has(t, "system.Close", "closed us by us: nothing is held while asleep")
	if !r.Resting() || r.Pings.Wanted() {
		t.Error("it does not rest")
	}
	if r.dial(); r.Resting() {
		t.Error("it rests though it was asked for something")
	}
}

func TestConnLeaves(t *testing.T) {
	r := newRig(nil)
	r.open()
	r.did = nil
	r.step(func(s *Step) {
		if !r.Leave(s) || r.Leave(s) {
			t.Error("it does not leave, or leaves twice")
		}
	})
	if turn, _ := r.after(4*time.Second - 1); turn != Nothing {
		t.Errorf("turn %d before 4 s", turn)
	}
	if turn, _ := r.after(1); turn != GoodbyesLate || !r.Leaving() || r.Left() {
		t.Errorf("turn %d", turn)
	}
	r.step(r.Finish)
	r.has(t, "system.Close", "closed us", "control.Down")
	if !r.Left() || !r.Gone() || !r.Deadline().IsZero() {
		t.Error("it has not left")
	}
}
