package bench

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// A road is what a network does to packets.
type road struct {
	jitter time.Duration // at most so much longer than others, at random: what is sent is reordered, too
	loss   float64       // share
}

// String is the road as a title has it.
func (r road) String() string {
	return fmt.Sprintf("%d ms of jitter, %g %% lost", r.jitter.Milliseconds(), 100*r.loss)
}

// A talker is the far end of a call's audio, which sends what it says over a road, and keeps
// what comes back.
type talker struct {
	*ports
	codec codec.Codec
	to    netip.AddrPort
	began time.Time

	mu   sync.Mutex
	came []arrivedRTP
}

// arrivedRTP is a packet, and when it came.
type arrivedRTP struct {
	at    time.Duration // since the talker began
	stamp uint32        // of RTP
	data  []byte        // its payload
}

// newTalker calls a phone, which answers.
func newTalker(ctx context.Context, f *flow, n int, c codec.Codec) (*talker, *dialog, error) {
	p, err := newPorts()
	if err != nil {
		return nil, nil, err
	}
	t := &talker{ports: p, codec: c, began: time.Now()}
	d, _, err := f.invite(n, offer(p.port, c))
	if err != nil {
		p.close()
		return nil, nil, err
	}
	up, err := d.accepted(ctx)
	if err == nil {
		t.to, err = audioOf(up.msg.Body())
	}
	if err != nil {
		p.close()
		return nil, nil, err
	}
	go t.read()
	return t, d, nil
}

// audioOf is where a session description wants audio sent.
func audioOf(sdp []byte) (to netip.AddrPort, err error) {
	var host, port string
	for line := range strings.Lines(string(sdp)) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "c=IN IP4 "); ok {
			host = rest
		}
		if rest, ok := strings.CutPrefix(line, "m=audio "); ok {
			port, _, _ = strings.Cut(rest, " ")
		}
	}
	if to, err = netip.ParseAddrPort(net.JoinHostPort(host, port)); err != nil {
		err = fmt.Errorf("the answer has no address for audio: %w", err)
	}
	return to, err
}

// read keeps what comes.
func (t *talker) read() {
	for buf := make([]byte, 2048); ; {
		n, _, err := t.rtp.ReadFromUDPAddrPort(buf)
		at := time.Since(t.began)
		if err != nil {
			return
		}
		if n <= rtpHeader || buf[1]&0x7f != t.codec.PayloadType {
			continue
		}
		t.mu.Lock()
		t.came = append(t.came, arrivedRTP{at, binary.BigEndian.Uint32(buf[4:]), slices.Clone(buf[rtpHeader:n])})
		t.mu.Unlock()
	}
}

// A trip is a packet on its way over a road: when it is to leave the talker, after the first
// sample was said. What makes it late is in that.
type trip struct {
	due    time.Duration
	packet []byte
}

// compare says which of two leaves first.
func (p trip) compare(other trip) int { return cmp.Compare(p.due, other.due) }

// trips are what becomes of samples on a road, in the order in which they are said; what is lost
// has none. What is lost and how late packets come is the same for the same seed.
func (r road) trips(c codec.Codec, samples []int16, seed uint64) (list []trip) {
	rng := rand.New(rand.NewPCG(seed, 2))
	encoder := c.Under(codec.Terms{FEC: r.loss > 0}).NewEncoder()
	if wary, ok := encoder.(codec.Wary); ok {
		wary.Expect(int(100 * r.loss))
	}
	frame := pcm.Frame(c.SampleRate)
	for n := 0; len(samples) >= frame; n, samples = n+1, samples[frame:] {
		packet := rtpPacket(c, n, encoder.Encode(nil, samples[:frame]))
		if rng.Float64() < r.loss {
			continue
		}
		due := time.Duration(n) * packetTime
		if r.jitter > 0 {
			due += time.Duration(rng.Int64N(int64(r.jitter)))
		}
		list = append(list, trip{due, packet})
	}
	return list
}

// say sends samples over a road, at their pace, and returns when the first of them was said.
// They are encoded before: what that takes is no jitter.
func (t *talker) say(ctx context.Context, samples []int16, r road) (from time.Duration, err error) {
	trips := r.trips(t.codec, samples, 1)
	slices.SortStableFunc(trips, trip.compare)
	from = time.Since(t.began)
	for _, one := range trips {
		if err := pass(ctx, from+one.due-time.Since(t.began)); err != nil {
			return from, err
		}
		_, _ = t.rtp.WriteToUDPAddrPort(one.packet, t.to) // or it is lost
	}
	return from, pass(ctx, from+time.Duration(len(samples)/pcm.Frame(t.codec.SampleRate))*packetTime-time.Since(t.began))
}

// rtpPacket is the nth packet of 20 ms (RFC 3550 §5.1).
func rtpPacket(c codec.Codec, n int, payload []byte) []byte {
	packet := make([]byte, rtpHeader, rtpHeader+len(payload))
	packet[0], packet[1] = 2<<6, c.PayloadType
	binary.BigEndian.PutUint16(packet[2:], uint16(n))
	binary.BigEndian.PutUint32(packet[4:], uint32(int64(n)*c.Ticks(pcm.Frame(c.SampleRate))))
	binary.BigEndian.PutUint32(packet[ssrc:], 0x5eedbeef)
	return append(packet, payload...)
}

// heard is what has come: each packet where its timestamp says, and the whole where most of
// them came.
func (t *talker) heard() track {
	t.mu.Lock()
	came := slices.Clone(t.came)
	t.mu.Unlock()
	return trackOf(t.codec, came)
}

// trackOf is what packets of a codec sound like together.
func trackOf(c codec.Codec, came []arrivedRTP) track {
	if len(came) == 0 {
		return track{}
	}
	first := came[0].stamp
	slices.SortStableFunc(came, func(a, b arrivedRTP) int { return int(int32(a.stamp - b.stamp)) })
	var samples []int16
	var began []time.Duration
	decoder := c.NewDecoder()
	for _, p := range came {
		ticks := int64(int32(p.stamp - first))
		if ticks < 0 || ticks > int64(time.Minute/time.Second)*int64(c.ClockRate) {
			continue
		}
		at := int(ticks * int64(c.SampleRate) / int64(c.ClockRate))
		began = append(began, p.at-time.Duration(ticks)*time.Second/time.Duration(c.ClockRate))
		sound := decoder.Decode(nil, p.data)
		if need := at + len(sound); need > len(samples) {
			samples = append(samples, make([]int16, need-len(samples))...)
		}
		copy(samples[at:], sound)
	}
	return track{rank(began, 0.5), pcm.Audio{Rate: c.SampleRate, Samples: samples}.At(pcm.Rate).Samples}
}

// users are names for phones that are called at the same time.
func users(n int) string { return baresipUser + strconv.Itoa(n) }
