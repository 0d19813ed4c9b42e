package audio

import (
	"sync"
	"sync/atomic"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// How much sound waits for the speaker. Less is a shorter way from mouth to
// ear, more bridges longer pauses of the program.
const (
	startTarget = pcm.FrameSamples * 3 / 2 // 30 ms: a frame, and a period of 10 ms
	targetStep  = pcm.FrameSamples / 2
	maxTarget   = pcm.Rate / 10 // 100 ms
	// A gap up to this long was a late answer, a longer one is no sound to
	// play.
	longestGap = pcm.Rate / 10
)

// A playout asks for sound in time and hands it to the audio thread.
//
// It asks by level: whenever the ring and what it has asked for are a frame
// short of the target. Each late answer raises the target by 10 ms, up to 100.
type playout struct {
	ring   *ring
	missed atomic.Int64 // samples of silence played for want of sound

	mu     sync.Mutex // between pump and Play; never the audio thread
	asked  int        // samples asked for and not given yet
	target int        // samples
	gap    int64      // missed since the last Play
	begun  bool       // something has been played
}

func newPlayout() *playout { return &playout{ring: newRing(), target: startTarget} }

// fill is the audio thread's: it takes what there is and completes it with
// silence.
func (p *playout) fill(out []int16) {
	n := p.ring.take(out)
	if n < len(out) {
		clear(out[n:])
		p.missed.Add(int64(len(out) - n))
	}
}

// wants is how many samples to ask for now, in whole frames.
func (p *playout) wants() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notice()
	n := (p.target - p.ring.level() - p.asked) / pcm.FrameSamples * pcm.FrameSamples
	if n <= 0 {
		return 0
	}
	p.asked += n
	return n
}

// notice forgets requests whose time has passed: the silence stood in for
// them.
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
	if p.begun && p.gap > 0 && p.gap <= longestGap {
		p.target = min(maxTarget, p.target+targetStep)
	}
	p.begun, p.gap = true, 0
	p.asked = max(0, p.asked-len(samples))
	p.ring.put(samples)
}
