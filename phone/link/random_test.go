package link

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// TestRandomLife makes an app, a kernel and a source of faults act at random,
// in an order that a seed decides, and checks the invariants.
func TestRandomLife(t *testing.T) {
	for seed := range seeds.Runs(500) {
		l := newLife(t, seed)
		for n := 0; n < 300 && !t.Failed(); n++ {
			l.step()
		}
		if !t.Failed() {
			l.end()
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(l.did[max(0, len(l.did)-60):], "\n"))
		}
	}
}

// A life is a link between an app and a kernel that obey the contract of
// phone/system, with a model of what they may expect of the link.
type life struct {
	t    *testing.T
	rng  *rand.Rand
	link *Link
	now  time.Time
	did  []string

	next    system.Socket
	app     map[system.Socket]*appSocket
	kernel  map[system.Socket]*kernelSocket
	frozen  bool
	watch   []system.Socket        // the kernel's, and not yet reported as readable
	told    map[system.Socket]bool // app's, in this freeze
	offline time.Time              // since when; zero: it is not
}

type appSocket struct {
	stream, open bool
	second       system.Socket // of a pair
	dead         bool          // the network has forgotten it
}

type kernelSocket struct {
	stream, open bool
	unread       int // packets that came while the app was frozen
	closed       bool
}

func newLife(t *testing.T, seed uint64) *life {
	return &life{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), link: New(seed), now: start,
		app: map[system.Socket]*appSocket{}, kernel: map[system.Socket]*kernelSocket{}, told: map[system.Socket]bool{},
	}
}

func (l *life) say(format string, args ...any) {
	l.did = append(l.did, fmt.Sprintf("%s  %s", l.now.Sub(start), fmt.Sprintf(format, args...)))
}

func (l *life) wrong(format string, args ...any) {
	l.say("WRONG: "+format, args...)
	l.t.Errorf(format, args...)
}

// orders are the faults to draw from; some make no sense when they are drawn.
var orders = []string{
	"nat drop", "nat short", "nat short reset", "nat off", "network cell", "network wifi", "network offline", "server close", "server reset",
	"server half-open", "server stall", "server unstall", "latency 200ms", "latency off", "jitter 100ms", "loss 20%", "loss off", "duplicate 20%",
	"reorder 20%", "bandwidth 32 kbit/s", "bandwidth off", "clear",
}

func (l *life) step() {
	switch n := l.rng.IntN(20); {
	case n < 6 && !l.frozen:
		l.appActs()
	case n < 12:
		l.kernelActs()
	case n == 12:
		l.freezeOrThaw()
	case n < 15:
		l.order(orders[l.rng.IntN(len(orders))])
	default:
		l.advance([]time.Duration{time.Millisecond, 50 * time.Millisecond, time.Second, 20 * time.Second, 5 * time.Minute}[l.rng.IntN(5)])
	}
	l.advance(0)
	l.bounded()
}

// pick takes one of the keys of a map, the same for the same seed.
func pick[V any](l *life, m map[system.Socket]V, ok func(V) bool) (system.Socket, bool) {
	var list []system.Socket
	for id, v := range m {
		if ok(v) {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return list[l.rng.IntN(len(list))], true
}

func (l *life) appActs() {
	switch l.rng.IntN(8) {
	case 0:
		l.next++
		l.app[l.next] = &appSocket{stream: true}
		l.call(system.Connect{Socket: l.next, Target: serverAddr.String()})
	case 1:
		l.next += 2
		l.app[l.next-1] = &appSocket{second: l.next, open: true}
		l.app[l.next] = &appSocket{open: true}
		l.call(system.Bind{RTP: l.next - 1, RTCP: l.next})
	case 2:
		if id, ok := pick(l, l.app, func(*appSocket) bool { return true }); ok {
			delete(l.app, id)
			l.call(system.Close{Socket: id, Reset: l.rng.IntN(2) == 0})
		}
	case 3: // another process, which counts from 1 again
		if l.rng.IntN(5) == 0 {
			for len(l.app) > 0 {
				id, _ := pick(l, l.app, func(*appSocket) bool { return true })
				delete(l.app, id)
				l.call(system.Close{Socket: id})
			}
			l.next = 0
		}
	default:
		if id, ok := pick(l, l.app, func(s *appSocket) bool { return s.open }); ok {
			l.call(system.Send{Socket: id, To: serverAddr, Data: make([]byte, 1+l.rng.IntN(20_000))})
		}
	}
}

func (l *life) kernelActs() {
	id, ok := pick(l, l.kernel, func(s *kernelSocket) bool { return !s.closed })
	if !ok {
		return
	}
	s := l.kernel[id]
	switch {
	case s.stream && !s.open && l.frozen:
		// The app learns of it when it thaws.
	case s.stream && !s.open && l.rng.IntN(8) == 0:
		delete(l.kernel, id)
		l.signal(system.Failed{Socket: id, Err: errUnreachable})
	case s.stream && !s.open:
		s.open = true
		l.signal(system.Connected{Socket: id, Local: phoneAddr, Remote: serverAddr})
	case l.frozen:
		s.unread++
		s.closed = s.stream && l.rng.IntN(10) == 0
		if i := slices.Index(l.watch, id); i >= 0 {
			l.watch = slices.Delete(l.watch, i, i+1)
			l.signal(system.Readable{Socket: id, Bytes: 100})
		}
	case s.stream && l.rng.IntN(10) == 0:
		delete(l.kernel, id)
		l.signal(system.Closed{Socket: id})
	default:
		l.signal(system.Received{Socket: id, From: serverAddr, Data: make([]byte, 1+l.rng.IntN(20_000))})
	}
}

func (l *life) freezeOrThaw() {
	if !l.frozen {
		var watch []system.Socket
		for id, s := range l.app {
			if s.stream && s.open {
				watch = append(watch, id)
			}
		}
		slices.Sort(watch)
		l.frozen = true
		clear(l.told)
		l.call(system.Freeze{Watch: watch})
		return
	}
	l.frozen = false
	l.call(system.Thaw{})
	l.advance(0)
	for {
		id, ok := pick(l, l.kernel, func(s *kernelSocket) bool { return s.unread > 0 || s.closed })
		if !ok {
			return
		}
		s := l.kernel[id]
		if s.unread > 0 {
			s.unread--
			l.signal(system.Received{Socket: id, From: serverAddr, Data: make([]byte, 100)})
		} else {
			delete(l.kernel, id)
			l.signal(system.Closed{Socket: id})
		}
	}
}

func (l *life) order(line string) {
	f, err := verb.ParseFault(strings.Fields(line))
	if err != nil {
		l.t.Fatal(err)
	}
	effects, err := l.link.Do(l.now, f, nil)
	l.say("order %s: %v", line, err)
	l.calls(effects)
}

// forgotten marks all open flows as forgotten by the network.
func (l *life) forgotten() {
	for _, s := range l.app {
		s.dead = true
	}
}

func (l *life) call(c system.Effect) {
	l.say("app: %s", brief(c))
	l.calls(l.link.Call(l.now, c, nil))
}

func (l *life) signal(s system.Signal) {
	l.say("kernel: %s", brief(s))
	up, effects := l.link.Receive(l.now, s, nil)
	l.calls(effects)
	l.heard(up)
}

func brief(v any) string {
	switch v := v.(type) {
	case system.Send:
		return fmt.Sprintf("send %d, %d bytes", v.Socket, len(v.Data))
	case system.Received:
		return fmt.Sprintf("received %d, %d bytes", v.Socket, len(v.Data))
	}
	return fmt.Sprintf("%T %+v", v, v)
}

func (l *life) advance(d time.Duration) {
	until := l.now.Add(d)
	for n := 0; system.Due(l.link.Deadline(), until); n++ {
		if n > 100_000 {
			l.t.Fatal("the deadline stays due")
		}
		if l.link.Deadline().After(l.now) {
			l.now = l.link.Deadline()
		}
		s, effects := l.link.Advance(l.now, nil)
		l.calls(effects)
		l.heard(s)
	}
	l.now = until
}

// slowest is how long a packet can have been on its way when the handset goes
// offline: latency, jitter, reordering, and the wait on a narrow link with the
// time that the largest takes on it.
const slowest = 200*time.Millisecond + 100*time.Millisecond + reorderDelay + maxWaiting + 6*time.Second

// calls is the kernel's side: it checks that each call makes sense.
func (l *life) calls(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Log:
			l.logged(c.Event)
		case system.Connect:
			l.opens(c.Socket, true)
		case system.Bind:
			l.opens(c.RTP, false)
			l.opens(c.RTCP, false)
			l.signal(system.Bound{Socket: c.RTP, Local: phoneAddr})
		case system.Send:
			s := l.kernel[c.Socket]
			if s == nil || !s.open {
				l.wrong("sends on %d, which the kernel does not have open", c.Socket)
			}
			if !l.offline.IsZero() && l.now.Sub(l.offline) > slowest {
				l.wrong("sends on %d, offline for %s", c.Socket, l.now.Sub(l.offline))
			}
		case system.Close:
			if l.kernel[c.Socket] == nil {
				l.wrong("closes %d, which the kernel does not have", c.Socket)
			}
			delete(l.kernel, c.Socket)
		case system.Freeze:
			l.freezes(c.Watch)
		}
	}
}

func (l *life) logged(e event.Event) {
	what, detail := e.Text()
	l.say("log: %s %s", what, detail)
	switch e := e.(type) {
	case event.Network:
		l.offline = time.Time{}
		if e.Name == Offline {
			l.offline = l.now
		}
	case event.Fault:
		if e.On && (e.Name == "nat drop" || e.Name == handover) {
			l.forgotten()
		}
	}
}

func (l *life) opens(id system.Socket, stream bool) {
	if l.kernel[id] != nil {
		l.wrong("opens %d twice", id)
	}
	l.kernel[id] = &kernelSocket{stream: stream, open: !stream}
}

func (l *life) freezes(watch []system.Socket) {
	l.watch = nil
	for _, id := range watch {
		switch s := l.kernel[id]; {
		case s == nil:
			l.wrong("watches %d, which the kernel does not have", id)
		case s.unread > 0 || s.closed:
			defer l.signal(system.Readable{Socket: id, Bytes: 100})
		default:
			l.watch = append(l.watch, id)
		}
	}
}

// heard is the app's side, or the system's for it: it checks that each signal
// is possible.
func (l *life) heard(sig system.Signal) {
	if sig == nil {
		return
	}
	l.say("up: %s", brief(sig))
	if r, ok := sig.(system.Readable); ok {
		// A dead connection can only become readable because our own
		// TCP has given it up.
		s, f := l.app[r.Socket], l.link.flows.of(r.Socket)
		if !l.frozen || l.told[r.Socket] || s == nil || s.dead && !f.ended {
			l.wrong("readable %d: frozen %v, told %v, %+v", r.Socket, l.frozen, l.told[r.Socket], s)
		}
		l.told[r.Socket] = true
		return
	}
	if l.frozen {
		l.wrong("a frozen app hears %s", brief(sig))
	}
	switch sig := sig.(type) {
	case system.Connected:
		if l.owned(sig.Socket) {
			l.app[sig.Socket].open = true
		}
	case system.Received:
		// Data that arrived with the end of a stream is in the phone.
		if s := l.app[sig.Socket]; l.owned(sig.Socket) && s.dead && s.stream && !l.link.flows.of(sig.Socket).ended {
			l.wrong("receives on %d, which the network has forgotten", sig.Socket)
		}
	case system.Closed:
		if l.owned(sig.Socket) {
			delete(l.app, sig.Socket)
		}
	case system.Failed:
		if l.owned(sig.Socket) {
			delete(l.app, sig.Socket)
		}
	}
}

func (l *life) owned(id system.Socket) bool {
	if l.app[id] == nil {
		l.wrong("hears of %d, which it does not have", id)
		return false
	}
	return true
}

// bounded checks that every queue is bounded, and that no socket is kept that
// neither side has.
func (l *life) bounded() {
	ghosts := 0
	for _, f := range l.link.flows {
		limit := maxHeld + 4 // what begins and ends a stream
		if f.kind == datagram {
			limit = maxDatagrams
		}
		if f.up.held > limit || f.down.held > limit || f.up.held < 0 || f.down.held < 0 {
			l.wrong("%s holds %d bytes up and %d down", f, f.up.held, f.down.held)
		}
		if f.app == 0 && f.app2 == 0 {
			ghosts++
		}
	}
	if ghosts > maxGhosts {
		l.wrong("%d flows that no app has", ghosts)
	}
}

// end closes and mends everything and waits: then only connections are left
// whose server was not told.
func (l *life) end() {
	if l.frozen {
		l.freezeOrThaw()
	}
	l.order("clear")
	for len(l.app) > 0 {
		id, _ := pick(l, l.app, func(*appSocket) bool { return true })
		delete(l.app, id)
		l.call(system.Close{Socket: id})
	}
	l.advance(time.Hour)
	l.bounded()
	if len(l.kernel) > maxGhosts {
		l.wrong("%d sockets left in the kernel", len(l.kernel))
	}
	for _, f := range l.link.flows {
		if f.app != 0 || f.kernel == 0 || !f.dead && !f.ended {
			l.wrong("left: %+v", f)
		}
	}
}
