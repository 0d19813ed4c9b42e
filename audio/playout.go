package audio

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// How much sound waits for the speaker. Less shortens the delay from mouth to
// ear, more bridges longer pauses of the program.
const (
	startTarget = 30 * time.Millisecond // a frame, and a period of 10 ms
	targetStep  = 10 * time.Millisecond
	maxTarget   = 100 * time.Millisecond
	// A gap up to this long counts as a late answer, a longer one as a
	// pause without sound.
	longestGap = 100 * time.Millisecond
)

// A playout asks for sound in time and hands it to the audio thread.
//
// It asks by level: whenever the ring and what it has asked for are a frame
// short of the target. Each late answer raises the target by 10 ms, up to 100.
type playout struct {
	rate   int // Hz
	ring   *ring
	missed atomic.Int64 // samples of silence played for lack of sound

	mu     sync.Mutex // between pump and Play; never the audio thread
	asked  int        // samples requested and not yet given
	target int        // samples
	gap    int64      // missed since the last Play
	begun  bool       // something has been played
}

func newPlayout(rate int) *playout {
	p := &playout{rate: rate, ring: newRing(rate)}
	p.target = p.samples(startTarget)
	return p
}

// samples is how many samples a time has.
func (p *playout) samples(d time.Duration) int { return int(pcm.Samples(d, p.rate)) }

// fill runs on the audio thread: it takes the available samples and pads them
// with silence.
func (p *playout) fill(out []int16) {
	n := p.ring.take(out)
	if n < len(out) {
		clear(out[n:])
		p.missed.Add(int64(len(out) - n))
	}
}

// wants returns how many samples to ask for now, in whole frames.
func (p *playout) wants() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notice()
	frame := pcm.Frame(p.rate)
	n := (p.target - p.ring.level() - p.asked) / frame * frame
	if n <= 0 {
		return 0
	}
	p.asked += n
	return n
}

// notice drops requests whose time has passed: silence was played instead.
func (p *playout) notice() {
	missed := p.missed.Swap(0)
	p.gap += missed
	p.asked = max(0, p.asked-int(missed))
}

// play takes an answer, late or not.
func (p *playout) play(samples []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notice()
	if p.begun && p.gap > 0 && p.gap <= int64(p.samples(longestGap)) {
		p.target = min(p.samples(maxTarget), p.target+p.samples(targetStep))
	}
	p.begun, p.gap = true, 0
	p.asked = max(0, p.asked-len(samples))
	p.ring.put(samples)
}
