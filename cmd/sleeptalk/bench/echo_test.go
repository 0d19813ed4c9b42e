package bench

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A busy machine is one on which nothing of the echo runs now and then, at random: once in so
// long, for at most so long. What comes meanwhile waits in the kernel, and frames are late.
type busy struct{ every, most time.Duration }

// The virtual echo is an audio session that sends back what it plays, as the one of a lab, in
// virtual time.
type virtualEcho struct {
	*media.Session
	codec codec.Codec
	frame []int16
	next  time.Duration // when the next frame is due
	came  []arrivedRTP  // back at the talker
}

var (
	virtualStart = time.Date(2013, 9, 18, 9, 0, 0, 0, time.UTC)
	virtualPeer  = netip.MustParseAddrPort("192.0.2.2:5000")
)

const virtualRTP = system.Socket(1)

func newVirtualEcho(c codec.Codec) *virtualEcho {
	s := media.New(media.Config{
		Call: 1, RTP: virtualRTP, RTCP: virtualRTP + 1, Local: netip.MustParseAddrPort("192.0.2.1:4000"), Rand: rand.New(rand.NewPCG(1, 9)),
		Negotiated: sdp.Negotiated{Remote: virtualPeer, RemoteRTCP: virtualPeer, Codec: c, PayloadType: c.PayloadType, PTime: packetTime, Send: true, Receive: true},
	}, virtualStart)
	return &virtualEcho{Session: s, codec: c, frame: make([]int16, pcm.Frame(c.SampleRate)), next: 7 * time.Millisecond}
}

// run does what is due at a time: the frames first, then what has come.
func (e *virtualEcho) run(at time.Duration, packets []trip) {
	now := virtualStart.Add(at)
	for ; at >= e.next; e.next += packetTime {
		e.Playout(now, e.frame)
		e.take(at, e.Capture(now, e.frame))
	}
	if !e.Deadline().After(now) {
		e.take(at, e.Advance(now))
	}
	for _, p := range packets {
		e.take(at, e.Receive(now, system.Received{Socket: virtualRTP, From: virtualPeer, Data: p.packet}))
	}
}

func (e *virtualEcho) take(at time.Duration, effects []system.Effect) {
	for _, effect := range effects {
		if send, ok := effect.(system.Send); ok && send.Socket == virtualRTP {
			e.came = append(e.came, arrivedRTP{at, binary.BigEndian.Uint32(send.Data[4:]), send.Data[rtpHeader:]})
		}
	}
}

// echoed is what becomes of chirps that go over a road to an echo on a machine that is busy.
func echoed(c codec.Codec, r road, b busy, seed uint64) passage {
	const step = time.Millisecond / 2
	trips := r.trips(c, chirpSamples(c.SampleRate, echoSettles), seed)
	slices.SortStableFunc(trips, trip.compare)
	rng := rand.New(rand.NewPCG(seed, 5))
	e, stands := newVirtualEcho(c), time.Duration(0)
	for at := time.Duration(0); at < echoSettles+chirps*chirpEvery+time.Second; at += step {
		if b.every > 0 && at >= stands && rng.Float64() < float64(step)/float64(b.every) {
			stands = at + time.Duration(rng.Int64N(int64(b.most)))
		}
		if at < stands {
			continue
		}
		n := slices.IndexFunc(trips, func(p trip) bool { return p.due > at })
		if n < 0 {
			n = len(trips)
		}
		e.run(at, trips[:n])
		trips = trips[n:]
	}
	return trackOf(c, e.came).pass(echoSaid(0))
}

// wantEchoes echoes chirps over the worst roads and the best one, on machines that are idle and
// busy: none may be lost, wherever the delay is found to be too short.
func wantEchoes(t *testing.T, c codec.Codec, least map[road]float64) {
	for r, alike := range least {
		for _, b := range []busy{{}, {500 * time.Millisecond, 40 * time.Millisecond}} {
			for seed := range uint64(2) {
				p := echoed(c, r, b, seed+1)
				if p.lost() > 0 || p.similarity() < alike {
					t.Errorf("%s, %s, %+v, seed %d: %d chirps are lost, alike by %.3f, want %.3f: %.2f", c.Name, r, b, seed+1, p.lost(), p.similarity(), alike, p.alike)
				}
				if most := 2*r.jitter + 140*time.Millisecond; p.latency() > most {
					t.Errorf("%s, %s, %+v, seed %d: %s late", c.Name, r, b, seed+1, p.latency())
				}
			}
		}
	}
}

// TestEchoLosesNoChirp in the codecs that need no library.
func TestEchoLosesNoChirp(t *testing.T) {
	for _, c := range []codec.Codec{codec.PCMU, codec.G722} {
		wantEchoes(t, c, map[road]float64{{}: 0.98, {60 * time.Millisecond, 0}: 0.98, {60 * time.Millisecond, 0.05}: 0.89})
	}
}
