package media

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var (
	epoch      = time.Date(2013, 9, 18, 9, 0, 0, 0, time.UTC)
	addrA      = netip.MustParseAddrPort("192.0.2.1:4000")
	addrB      = netip.MustParseAddrPort("192.0.2.2:5000")
	rtpSocket  = system.Socket(1)
	rtcpSocket = system.Socket(2)
)

func port(a netip.AddrPort, add uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr(), a.Port()+add)
}

func agreed(remote netip.AddrPort) sdp.Negotiated {
	return sdp.Negotiated{
		Remote: remote, RemoteRTCP: port(remote, 1), Codec: codec.PCMU, DTMFType: 101,
		PTime: 20 * time.Millisecond, Send: true, Receive: true,
	}
}

func newTestSession(local, remote netip.AddrPort, seed uint64) *Session {
	return New(Config{
		Call: 1, RTP: rtpSocket, RTCP: rtcpSocket, Local: local, Negotiated: agreed(remote),
		CNAME: "test@" + local.Addr().String(), Rand: rand.New(rand.NewPCG(seed, 0)),
	}, epoch)
}

// A path is what the network does to the datagrams of one direction.
type path struct {
	delay, jitter   time.Duration // jitter is uniform on top of delay, so it reorders
	loss, duplicate float64
	lose            func(n int) bool // instead of loss: by number
	cut, mute       bool             // nothing passes; no RTCP does
	rng             *rand.Rand

	carried, lost int // RTP only
	inFlight      []flight
}

type flight struct {
	at  time.Time
	sig system.Received
}

func (p *path) send(now time.Time, c system.Send, from netip.AddrPort, base netip.AddrPort) {
	socket := rtpSocket
	if c.To.Port() != base.Port() {
		socket = rtcpSocket
	}
	copies := 1
	if p.cut || p.mute && socket == rtcpSocket {
		return
	}
	if socket == rtpSocket {
		p.carried++
		if p.lose != nil && p.lose(p.carried) || p.rng.Float64() < p.loss {
			p.lost++
			return
		}
		if p.rng.Float64() < p.duplicate {
			copies = 2
		}
	}
	for range copies {
		at := now.Add(p.delay)
		if p.jitter > 0 {
			at = at.Add(time.Duration(p.rng.Int64N(int64(p.jitter))))
		}
		p.inFlight = append(p.inFlight, flight{at, system.Received{Socket: socket, From: from, Data: slices.Clone(c.Data)}})
	}
}

// arrived takes out what has arrived by now, in the order of arrival.
func (p *path) arrived(now time.Time) []system.Received {
	slices.SortStableFunc(p.inFlight, func(a, b flight) int { return a.at.Compare(b.at) })
	var list []system.Received
	for len(p.inFlight) > 0 && !p.inFlight[0].at.After(now) {
		list = append(list, p.inFlight[0].sig)
		p.inFlight = p.inFlight[1:]
	}
	return list
}

// An end is one session with its microphone, its ear and its path to the other
// end.
type end struct {
	*Session
	addr   netip.AddrPort
	out    *path
	mic    func(frame []int16)
	frame  float64 // ms between two frames of its sound card
	next   float64
	card   *card // asks for what is played, if it does not ask whenever the microphone has a frame
	ear    []int16
	events []event.Event
	when   []time.Duration // each of them was logged, since the epoch
}

// A card is a speaker with a clock of its own, which asks for a few samples at a time.
type card struct {
	samples int               // at once
	every   float64           // ms from one time to the next
	early   func(n int) int64 // by how many ms the nth time comes early; nil: never
	asked   int
}

// due reports whether it asks at a time in ms.
func (c *card) due(ms float64) bool {
	at := float64(c.asked) * c.every
	if c.early != nil {
		at -= float64(c.early(c.asked))
	}
	return ms >= at
}

type pair struct {
	a, b *end
	now  time.Time
}

func newPair(seed uint64) *pair {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := &pair{now: epoch}
	p.a = &end{Session: newTestSession(addrA, addrB, seed), addr: addrA, out: &path{rng: rng, delay: 30 * time.Millisecond}, mic: tone(440), frame: 20}
	p.b = &end{Session: newTestSession(addrB, addrA, seed+1), addr: addrB, out: &path{rng: rng, delay: 30 * time.Millisecond}, mic: tone(1000), frame: 20, next: 7}
	return p
}

func (p *pair) run(d time.Duration) {
	for stop := p.now.Add(d); p.now.Before(stop); p.now = p.now.Add(time.Millisecond) {
		p.step(p.a, p.b)
		p.step(p.b, p.a)
	}
}

func (p *pair) step(e, peer *end) {
	for _, sig := range peer.out.arrived(p.now) {
		p.carry(e, peer, e.Receive(p.now, sig))
	}
	if system.Due(e.Deadline(), p.now) {
		p.carry(e, peer, e.Advance(p.now))
	}
	if float64(p.now.Sub(epoch))/1e6 >= e.next {
		e.next += e.frame
		frame := make([]int16, pcm.Frame(e.Rate()))
		e.mic(frame)
		p.carry(e, peer, e.Capture(p.now, frame))
		if e.card == nil {
			e.play(p.now, frame)
		}
	}
	for e.card != nil && e.card.due(float64(p.now.Sub(epoch))/1e6) {
		e.card.asked++
		e.play(p.now, make([]int16, e.card.samples))
	}
}

func (e *end) play(now time.Time, samples []int16) {
	e.Playout(now, samples)
	e.ear = append(e.ear, samples...)
}

func (p *pair) carry(e, peer *end, effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Send:
			from := e.addr
			if c.Socket == rtcpSocket {
				from = port(from, 1)
			}
			e.out.send(p.now, c, from, peer.addr)
		case system.Log:
			e.events, e.when = append(e.events, c.Event), append(e.when, p.now.Sub(epoch))
		}
	}
}

// tone is a sine of half scale that never jumps.
func tone(hz float64) func([]int16) {
	n := 0
	return func(frame []int16) {
		for i := range frame {
			frame[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(n)/clockRate))
			n++
		}
	}
}

// purity returns the share of the energy of x at hz, in blocks of 100 ms (so
// that phase does not matter); 0 for silence.
func purity(x []int16, hz float64) float64 {
	const block = 800
	var at, all float64
	for ; len(x) >= block; x = x[block:] {
		var re, im, energy float64
		for i, v := range x[:block] {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / clockRate)
			re += float64(v) * cos
			im += float64(v) * sin
			energy += float64(v) * float64(v)
		}
		at += 2 * (re*re + im*im) / block
		all += energy
	}
	if all == 0 {
		return 0
	}
	return at / all
}

func wantTone(t *testing.T, x []int16, hz, atLeast float64) {
	t.Helper()
	if p := purity(x, hz); p < atLeast {
		t.Errorf("%.1f %% of what is heard is %g Hz, want at least %.1f %%", 100*p, hz, 100*atLeast)
	}
}

// logged are the events among effects.
func logged(effects []system.Effect) (events []event.Event) {
	for _, c := range effects {
		if l, ok := c.(system.Log); ok {
			events = append(events, l.Event)
		}
	}
	return events
}

func only[E event.Event](events []event.Event) []E {
	var list []E
	for _, e := range events {
		if e, ok := e.(E); ok {
			list = append(list, e)
		}
	}
	return list
}
