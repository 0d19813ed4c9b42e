package live

import (
	"sync"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// maxCaptured is how many frames wait for a busy loop; older ones are
	// dropped for newer ones: 200 ms.
	maxCaptured = 10
	// maxDue is how many frames the card may ask for at once after the
	// loop was busy: 1 s. Older sound is not worth playing.
	maxDue = 50
)

// A Card is an open sound card. Its methods are called by one goroutine at a
// time; Play must not wait for the card.
type Card interface {
	// Play hands over samples to be played: mono, 16 bit, at the rate that was asked for.
	Play(samples []int16)
	// Close stops the card and returns when none of the functions in
	// [SoundEvents] runs any more.
	Close() error
}

// SoundEvents holds the callbacks of a sound card. They may be called from any
// thread, and block for no longer than it takes to copy the samples.
type SoundEvents struct {
	// Captured takes samples from the microphone, any number of them.
	Captured func(samples []int16)
	// PlayoutDue says that the card wants n more samples.
	PlayoutDue func(n int)
	// Lost says that the card has vanished.
	Lost func(err error)
	// Guard is to run the goroutine that calls the others: a panic in it ends
	// [Host.Run].
	Guard func(f func())
}

// OpenSound opens the sound card for the directions in s.
type OpenSound func(s system.OpenSound, on SoundEvents) (Card, error)

// sound is the sound card as the loop sees it. Opening and closing take time (a
// sound server may have to start), so they run one after another in the
// background until the card is as the machine wants it.
type sound struct {
	open OpenSound
	want *system.OpenSound // nil: closed
	card Card              // nil: closed
	has  *system.OpenSound // the directions that card was opened for
	busy bool              // it is being opened or closed
	feed *feed             // of the card that is open or being opened
}

// openSound starts the sound card.
func (h *Host) openSound(c system.OpenSound) {
	s := &h.sound
	if s.open == nil {
		h.pending = append(h.pending, system.SoundFailed{Err: ErrNoSound})
		return
	}
	if s.want == nil || *s.want != c {
		s.want = &c
	}
	h.steerSound()
}

// closeSound stops the sound card.
func (h *Host) closeSound() {
	h.sound.want = nil
	h.steerSound()
}

// steerSound takes the next step from the present state of the card to the
// wanted one.
func (h *Host) steerSound() {
	s := &h.sound
	switch {
	case s.busy || s.want == s.has:
	case s.has != nil:
		card := s.card
		s.card, s.has, s.feed, s.busy = nil, nil, nil, true
		h.safego("sound card", func() {
			h.post(soundDone{err: card.Close()})
		})
	default:
		want, feed, open := s.want, newFeed(s.want.Rate), s.open
		s.has, s.feed, s.busy = want, feed, true
		h.safego("sound card", func() {
			card, err := open(*want, h.soundEvents(feed))
			if it := (soundDone{card: card, err: err}); !h.post(it) {
				discard(it)
			}
		})
	}
}

// soundDone handles the end of an opening or a closing.
func (h *Host) soundDone(it soundDone) {
	s := &h.sound
	s.busy = false
	switch {
	case it.err == nil:
		s.card = it.card
	case s.has != nil:
		h.soundFailed(it.err)
		s.has, s.feed = nil, nil
	default:
		h.note(h.now(), event.Error{Op: "close the sound card", Err: it.err.Error(), Rule: event.RuleSoundFailed})
	}
	h.steerSound()
}

// soundFailed tells the machine that it has lost, or never got, the sound that
// it wants. It stays silent if the machine now wants another, which may still
// open.
func (h *Host) soundFailed(err error) {
	s := &h.sound
	if s.want == s.has {
		s.want = nil
		h.pending = append(h.pending, system.SoundFailed{Err: err})
	}
}

// play hands samples to the card; without one they are dropped.
func (s *sound) play(samples []int16) {
	if s.card != nil {
		s.card.Play(samples)
	}
}

// news is ready when the card has captured samples, wants some, or is lost.
func (s *sound) news() <-chan struct{} {
	if s.feed == nil {
		return nil
	}
	return s.feed.tell
}

// transferSound hands the card's samples and requests to the machine; it drops
// them while the machine is frozen.
func (h *Host) transferSound() {
	f := h.sound.feed
	samples, due, lost := f.take()
	if lost != nil {
		h.soundFailed(lost)
		h.steerSound()
		return
	}
	listens := func() bool { return !h.frozen && h.sound.feed == f }
	if due > 0 && listens() {
		h.signal(system.PlayoutDue{N: due})
	}
	for n := f.frame; len(samples) > 0 && listens(); samples = samples[n:] {
		h.signal(system.Captured{Samples: samples[:n:n]})
	}
}

// shut closes the card after the loop has ended.
func (s *sound) shut(h *Host) {
	if card := s.card; card != nil {
		s.card = nil
		h.safego("sound card", func() { card.Close() })
	}
}

// A feed carries samples and requests from the thread of one open card to the
// loop. It is bounded, and never makes the card's thread wait: samples that the
// loop does not fetch are dropped, oldest first; samples due add up, so that no
// request is lost.
type feed struct {
	frame int           // samples in 20 ms
	tell  chan struct{} // holds one token while there is something

	mu       sync.Mutex // held only to copy
	captured []int16
	due      int
	lost     error
}

func newFeed(rate int) *feed {
	n := pcm.Frame(rate)
	return &feed{frame: n, tell: make(chan struct{}, 1), captured: make([]int16, 0, maxCaptured*n)}
}

func (h *Host) soundEvents(f *feed) SoundEvents {
	return SoundEvents{
		Captured: f.capture, PlayoutDue: f.playoutDue, Lost: f.lose,
		Guard: func(f func()) { h.Guard("sound card", f) },
	}
}

func (f *feed) capture(samples []int16) {
	most := maxCaptured * f.frame
	samples = samples[max(0, len(samples)-most):]
	f.mu.Lock()
	over := max(0, len(f.captured)+len(samples)-most)
	f.captured = append(f.captured[:copy(f.captured, f.captured[over:])], samples...)
	whole := len(f.captured) >= f.frame
	f.mu.Unlock()
	if whole {
		f.notify()
	}
}

func (f *feed) playoutDue(n int) {
	f.mu.Lock()
	f.due = min(f.due+n, maxDue*f.frame)
	f.mu.Unlock()
	f.notify()
}

func (f *feed) lose(err error) {
	f.mu.Lock()
	f.lost = err
	f.mu.Unlock()
	f.notify()
}

func (f *feed) notify() {
	select {
	case f.tell <- struct{}{}:
	default:
	}
}

// take returns whole frames, how many samples are due, and the error if the
// card is lost.
func (f *feed) take() (samples []int16, due int, lost error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := len(f.captured) / f.frame * f.frame
	samples = append(samples, f.captured[:whole]...)
	f.captured = f.captured[:copy(f.captured, f.captured[whole:])]
	due, f.due = f.due, 0
	lost, f.lost = f.lost, nil
	return samples, due, lost
}
