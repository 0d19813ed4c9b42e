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
	// piece is in how much sound at a time it is asked for: with less, the program would
	// be busy with asking; what is more must be there earlier.
	piece = 5 * time.Millisecond
	// spare is what must be there besides what the speaker takes at once: the program
	// answers within a few milliseconds.
	spare      = 10 * time.Millisecond
	targetStep = 10 * time.Millisecond
	maxTarget  = 100 * time.Millisecond
	// A gap up to this long counts as a late answer, a longer one as a
	// pause without sound.
	longestGap = 100 * time.Millisecond
	// calmFor is how much sound was played in time when less is tried again.
	calmFor = 20 * time.Second
)

// A playout asks for sound in time and hands it to the audio thread.
//
// It asks by level: whenever the ring and what it has asked for are a piece
// short of the target: what the speaker takes at once, and a spare. Each late answer raises
// the target by 10 ms, up to 100; after a while without any it falls again by as much.
type playout struct {
	rate   int // Hz
	ring   *ring
	takes  takes
	missed atomic.Int64 // samples of silence played for lack of sound

	mu    sync.Mutex // between pump and Play; never the audio thread
	asked int        // samples requested and not yet given
	more  int        // samples in the target besides, because of late answers
	gap   int64      // missed since the last Play
	calm  int        // samples given since an answer was late, or the target fell
	begun bool       // something has been played
}

func newPlayout(rate int) *playout {
	p := &playout{rate: rate, ring: newRing(rate)}
	p.takes.window = rate
	return p
}

// samples is how many samples a time has.
func (p *playout) samples(d time.Duration) int { return int(pcm.Samples(d, p.rate)) }

// fill runs on the audio thread: it takes the available samples and pads them
// with silence.
func (p *playout) fill(out []int16) {
	p.takes.note(len(out))
	n := p.ring.take(out)
	if n < len(out) {
		clear(out[n:])
		p.missed.Add(int64(len(out) - n))
	}
}

// takes are how many samples the audio thread takes at once: the most of the last one or two
// seconds.
type takes struct {
	most atomic.Int64

	// Below here everything belongs to the audio thread.
	window, seen int // samples
	now, before  int // most in this window, and in the one before
}

func (t *takes) note(n int) {
	if t.seen >= t.window {
		t.seen, t.before, t.now = 0, t.now, 0
	}
	t.seen += n
	t.now = max(t.now, n)
	t.most.Store(int64(max(t.now, t.before)))
}

// target is how many samples should be in the ring.
func (p *playout) target() int {
	most := p.samples(maxTarget)
	return min(most, int(p.takes.most.Load())+p.samples(spare)+p.more)
}

// wants returns how many samples to ask for now, in whole pieces.
func (p *playout) wants() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notice()
	of := p.samples(piece)
	n := (p.target() - p.ring.level() - p.asked) / of * of
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
	switch step := p.samples(targetStep); {
	case p.begun && p.gap > 0 && p.gap <= int64(p.samples(longestGap)):
		p.more, p.calm = min(p.samples(maxTarget), p.more+step), 0
	case p.calm >= p.samples(calmFor):
		p.more, p.calm = max(0, p.more-step), 0
	}
	p.begun, p.gap = true, 0
	p.calm += len(samples)
	p.asked = max(0, p.asked-len(samples))
	p.ring.put(samples)
}
