package bench

import (
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

// say sends samples over a road, at their pace, and returns when the first of them was said.
// What is lost and how late packets come is the same each time.
func (t *talker) say(ctx context.Context, samples []int16, r road) (from time.Duration, err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	encoder := t.codec.Under(codec.Terms{FEC: r.loss > 0}).NewEncoder()
	if wary, ok := encoder.(codec.Wary); ok {
		wary.Expect(int(100 * r.loss))
	}
	from = time.Since(t.began)
	frame := pcm.Frame(t.codec.SampleRate)
	for n := 0; len(samples) >= frame; n, samples = n+1, samples[frame:] {
		packet := rtpPacket(t.codec, n, encoder.Encode(nil, samples[:frame]))
		due := from + time.Duration(n)*packetTime
		if rng.Float64() >= r.loss {
			if r.jitter > 0 {
				due += time.Duration(rng.Int64N(int64(r.jitter)))
			}
			time.AfterFunc(due-time.Since(t.began), func() { _, _ = t.rtp.WriteToUDPAddrPort(packet, t.to) }) // or it is lost
		}
		if err := pass(ctx, from+time.Duration(n+1)*packetTime-time.Since(t.began)); err != nil {
			return from, err
		}
	}
	return from, nil
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
	if len(came) == 0 {
		return track{}
	}
	first := came[0].stamp
	slices.SortStableFunc(came, func(a, b arrivedRTP) int { return int(int32(a.stamp - b.stamp)) })
	var samples []int16
	var began []time.Duration
	decoder := t.codec.NewDecoder()
	for _, p := range came {
		ticks := int64(int32(p.stamp - first))
		if ticks < 0 || ticks > int64(time.Minute/time.Second)*int64(t.codec.ClockRate) {
			continue
		}
		at := int(ticks * int64(t.codec.SampleRate) / int64(t.codec.ClockRate))
		began = append(began, p.at-time.Duration(ticks)*time.Second/time.Duration(t.codec.ClockRate))
		sound := decoder.Decode(nil, p.data)
		if need := at + len(sound); need > len(samples) {
			samples = append(samples, make([]int16, need-len(samples))...)
		}
		copy(samples[at:], sound)
	}
	return track{rank(began, 0.5), pcm.Audio{Rate: t.codec.SampleRate, Samples: samples}.At(pcm.Rate).Samples}
}

// users are names for phones that are called at the same time.
func users(n int) string { return baresipUser + strconv.Itoa(n) }
