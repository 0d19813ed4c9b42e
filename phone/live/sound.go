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

// A Card is an open sound card, in one direction. Its methods are called by one
// goroutine at a time; Play must not wait for the card.
type Card interface {
	// Device is as what it is open: the name of a device, and of a sound system.
	Device() (name, system string)
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
	// Lost says that the card has vanished; moved: as it is no longer the default.
	Lost func(err error, moved bool)
	// Guard is to run the goroutine that calls the others: a panic in it ends
	// [Host.Run].
	Guard func(f func())
}

// OpenSound opens the sound card in one direction.
type OpenSound func(s system.OpenSound, on SoundEvents) (Card, error)

// sounds are the two directions of the sound card, which come and go by themselves.
type sounds struct{ mic, speaker sound }

func newSounds(open OpenSound) sounds {
	return sounds{mic: sound{way: event.Microphone, open: open}, speaker: sound{way: event.Speaker, open: open}}
}

// of is one direction.
func (s *sounds) of(way event.SoundWay) *sound {
	if way == event.Microphone {
		return &s.mic
	}
	return &s.speaker
}

// sound is one direction of the sound card as the loop sees it. Opening and closing
// take time (a sound server may have to start), so they run one after another in the
// background until the card is as the machine wants it.
type sound struct {
	way  event.SoundWay
	open OpenSound
	want *system.OpenSound // nil: closed
	card Card              // nil: closed
	has  *system.OpenSound // what card was opened for
	busy bool              // it is being opened or closed
	feed *feed             // of the card that is open or being opened
}

// openSound starts a direction of the sound card.
func (h *Host) openSound(c system.OpenSound) {
	s := h.sounds.of(c.Way)
	if s.open == nil {
		h.pending = append(h.pending, system.SoundFailed{Way: c.Way, Err: ErrNoSound})
		return
	}
	if s.want == nil || *s.want != c {
		s.want = &c
	}
	h.steerSound(s)
}

// closeSound stops the sound card, in one direction or, if it is "", in both.
func (h *Host) closeSound(way event.SoundWay) {
	for _, s := range []*sound{&h.sounds.mic, &h.sounds.speaker} {
		if way == "" || way == s.way {
			s.want = nil
			h.steerSound(s)
		}
	}
}

// steerSound takes the next step from the present state of the card to the
// wanted one.
func (h *Host) steerSound(s *sound) {
	switch {
	case s.busy || s.want == s.has:
	case s.has != nil:
		card := s.card
		s.card, s.has, s.feed, s.busy = nil, nil, nil, true
		h.safego("sound card", func() {
			h.post(soundDone{s: s, err: card.Close()})
		})
	default:
		want, feed, open := s.want, newFeed(s.want.Rate), s.open
		s.has, s.feed, s.busy = want, feed, true
		h.safego("sound card", func() {
			card, err := open(*want, h.soundEvents(feed))
			if it := (soundDone{s: s, card: card, err: err}); !h.post(it) {
				discard(it)
			}
		})
	}
}

// soundDone handles the end of an opening or a closing.
func (h *Host) soundDone(it soundDone) {
	s := it.s
	s.busy = false
	switch {
	case it.err == nil && it.card != nil:
		s.card = it.card
		if s.want == s.has {
			name, of := s.card.Device()
			h.pending = append(h.pending, system.SoundOpened{Way: s.way, Name: name, System: of})
		}
	case it.err == nil: // closed
	case s.has != nil:
		h.soundFailed(s, it.err, false)
		s.has, s.feed = nil, nil
	default:
		h.note(h.now(), event.Error{Op: "close the " + string(s.way), Err: it.err.Error(), Rule: event.RuleSoundFailed})
	}
	h.steerSound(s)
}

// soundFailed tells the machine that it has lost, or never got, the sound that
// it wants. It stays silent if the machine now wants another, which may still
// open.
func (h *Host) soundFailed(s *sound, err error, moved bool) {
	if s.want == s.has {
		s.want = nil
		h.pending = append(h.pending, system.SoundFailed{Way: s.way, Err: err, Moved: moved})
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
func (h *Host) transferSound(s *sound) {
	f := s.feed
	got := f.take()
	if got.lost != nil {
		h.soundFailed(s, got.lost, got.moved)
		h.steerSound(s)
		return
	}
	listens := func() bool { return !h.frozen && s.feed == f }
	if got.due > 0 && listens() {
		h.signal(system.PlayoutDue{N: got.due})
	}
	for samples, n := got.captured, f.frame; len(samples) > 0 && listens(); samples = samples[n:] {
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

	mu sync.Mutex // held only to copy
	news
}

// news is what a card has for the loop: samples, how many it wants, and why it is
// lost.
type news struct {
	captured []int16
	due      int
	lost     error
	moved    bool
}

func newFeed(rate int) *feed {
	n := pcm.Frame(rate)
	return &feed{frame: n, tell: make(chan struct{}, 1), news: news{captured: make([]int16, 0, maxCaptured*n)}}
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

func (f *feed) lose(err error, moved bool) {
	f.mu.Lock()
	f.lost, f.moved = err, moved
	f.mu.Unlock()
	f.notify()
}

func (f *feed) notify() {
	select {
	case f.tell <- struct{}{}:
	default:
	}
}

// take returns what there is, of the samples whole frames.
func (f *feed) take() news {
	f.mu.Lock()
	defer f.mu.Unlock()
	got := f.news
	whole := len(f.captured) / f.frame * f.frame
	got.captured = append([]int16(nil), f.captured[:whole]...)
	f.news = news{captured: f.captured[:copy(f.captured, f.captured[whole:])]}
	return got
}
