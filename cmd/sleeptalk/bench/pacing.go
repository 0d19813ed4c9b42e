package bench

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

const (
	// manyCalls is how many calls a lab has at one time.
	manyCalls = 200
	// paceLimit is by how much 99 of 100 packets may be off their time: a quarter of what
	// one has.
	paceLimit = packetTime / 4
)

// pacing measures how evenly one process sends the audio of many calls: the lab's echo, which
// hears a tone in each of them and sends it back.
func (b *bench) pacing(ctx context.Context) (r Result, err error) {
	r.Unit, r.Aim = seconds, &Aim{Figure: "99 of 100", Limit: paceLimit.Seconds()}
	lab, err := b.lab(ctx, "echo")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lab.quit()) }()
	crowd, err := newCrowd(ctx, lab.flow)
	defer func() { err = errors.Join(err, crowd.end(ctx)) }()
	if err != nil {
		return r, err
	}
	before, took, err := crowd.talk(ctx, lab)
	if err != nil {
		return r, err
	}
	offs, missing := crowd.judge()
	if len(offs) == 0 {
		return r, errors.New("nothing came back")
	}
	within := 0
	for _, off := range offs {
		if off <= paceLimit {
			within++
		}
	}
	r.Rows = []Row{{Who: fmt.Sprintf("sleeptalk, %d calls", manyCalls), N: len(offs), Figures: []Figure{
		{Name: "50 of 100", Value: rank(offs, 0.50).Seconds()},
		{Name: "99 of 100", Value: rank(offs, 0.99).Seconds()},
		{Name: fmt.Sprintf("within %s", paceLimit), Value: float64(within) / float64(len(offs)), Unit: share},
		{Name: "missing", Value: float64(missing) / float64(len(offs)+missing), Unit: share},
	}}}
	r.Notes = []string{fmt.Sprintf("how far packets are off their time, over %s, by when %s; the median of a call's packets is on time", callLength, stampedBy)}
	if seesProcesses {
		r.Notes = append(r.Notes, fmt.Sprintf("the lab took %.0f %% of one processor of %d, beside the bench, which sends as much", 100*float64(took-before)/float64(callLength), runtime.NumCPU()))
	}
	return r, nil
}

// A crowd is many calls at one time.
type crowd struct {
	calls []*dialog
	ends  []*hearer
	on    atomic.Bool // what comes is kept
}

// A hearer is the bench's end of one of them: it notes when packets come.
type hearer struct {
	*ports
	to net.UDPAddr

	mu   sync.Mutex
	came []arrivedAt
}

// arrivedAt is a packet's RTP timestamp and when it came.
type arrivedAt struct {
	stamp uint32
	at    time.Duration
}

// after is how many packets one is behind another, whose timestamp may be on the other side of
// 2^32: they begin anywhere.
func (p arrivedAt) after(first arrivedAt) int {
	return int(int32(p.stamp-first.stamp)) / pcm.FrameSamples
}

// newCrowd calls again and again. It comes with its error, too, to be ended.
func newCrowd(ctx context.Context, f *flow) (*crowd, error) {
	c := new(crowd)
	for n := range manyCalls {
		p, err := newPorts()
		if err != nil {
			return c, err
		}
		h := &hearer{ports: p}
		c.ends = append(c.ends, h)
		d, _, err := f.invite(n+1, offer(p.port, codec.PCMU))
		if err != nil {
			return c, err
		}
		up, err := d.accepted(ctx)
		if err != nil {
			return c, fmt.Errorf("call %d: %w", n+1, err)
		}
		c.calls = append(c.calls, d)
		to, err := audioOf(up.msg.Body())
		if err != nil {
			return c, err
		}
		h.to = *net.UDPAddrFromAddrPort(to)
		go c.hear(h)
	}
	return c, nil
}

func (c *crowd) end(ctx context.Context) (err error) {
	for _, d := range c.calls {
		err = cmp.Or(err, d.hangUp(ctx))
	}
	for _, h := range c.ends {
		h.close()
	}
	return err
}

// hear notes when packets come.
func (c *crowd) hear(h *hearer) {
	stamps := newStamps(h.rtp)
	for buf := make([]byte, 2048); ; {
		n, at, err := stamps.read(buf)
		if err != nil {
			return
		}
		if n <= rtpHeader || !c.on.Load() {
			continue
		}
		one := arrivedAt{binary.BigEndian.Uint32(buf[4:]), at}
		h.mu.Lock()
		h.came = append(h.came, one)
		h.mu.Unlock()
	}
}

// talk sends a tone in each call, evenly spread over the time of a packet, and returns the
// lab's processor time before and after what is kept.
func (c *crowd) talk(ctx context.Context, lab *phone) (before, after time.Duration, err error) {
	tone := make([]int16, pcm.FrameSamples)
	pcm.Tone(pcm.Rate, 400, toneLevel).Read(tone) // goes on without a seam: eight periods
	payload := codec.PCMU.NewEncoder().Encode(nil, tone)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var sending sync.WaitGroup
	defer sending.Wait()
	defer cancel()
	sending.Go(func() { c.send(ctx, payload) })
	if err := pass(ctx, callSettles); err != nil {
		return 0, 0, err
	}
	if before, err = cpuIfSeen(lab); err != nil {
		return 0, 0, err
	}
	c.on.Store(true)
	err = pass(ctx, callLength)
	c.on.Store(false)
	if err != nil {
		return 0, 0, err
	}
	after, err = cpuIfSeen(lab)
	return before, after, err
}

// cpuIfSeen is the processor time of a phone, 0 where that is not seen.
func cpuIfSeen(p *phone) (time.Duration, error) {
	if !seesProcesses {
		return 0, nil
	}
	return cpuTime(p.pid())
}

// send sends a packet in each call every 20 ms, a tenth of the calls every 2.
func (c *crowd) send(ctx context.Context, payload []byte) {
	const parts = 10
	began := time.Now()
	for step := 0; ctx.Err() == nil; step++ {
		for i := step % parts; i < len(c.ends); i += parts {
			h := c.ends[i]
			_, _ = h.rtp.WriteToUDP(rtpPacket(codec.PCMU, step/parts, payload), &h.to) // or it is lost
		}
		_ = pass(ctx, time.Until(began.Add(time.Duration(step+1)*packetTime/parts))) // the loop sees the end
	}
}

// judge says by how much each packet was off its time, and how many are missing between the
// first and the last of each call.
func (c *crowd) judge() (offs []time.Duration, missing int) {
	for _, h := range c.ends {
		h.mu.Lock()
		off, lacks := evenness(h.came)
		h.mu.Unlock()
		offs, missing = append(offs, off...), missing+lacks
	}
	return offs, missing
}

// evenness is that of one call.
func evenness(came []arrivedAt) (offs []time.Duration, missing int) {
	if len(came) == 0 {
		return nil, 0
	}
	var late []time.Duration
	first, last := 0, 0
	for _, p := range came {
		n := p.after(came[0])
		first, last = min(first, n), max(last, n)
		late = append(late, p.at-time.Duration(n)*packetTime)
	}
	middle := rank(late, 0.5)
	for _, l := range late {
		offs = append(offs, max(l-middle, middle-l))
	}
	slices.Sort(offs)
	return offs, last - first + 1 - len(came)
}
