package sound

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// Tapes are what the log has not of the calls of the phone under test, one
// after the other, until it is known whether the evidence is kept: their audio
// and their packets.
//
// The phone writes on them, and the evidence may be saved in the middle of a
// call.
type Tapes struct {
	Clear       bool // packets of SRTP are kept as they were opened
	Heard, Sent Tape
	mu          sync.Mutex // of wire
	wire        report.Wire
}

// Keep has what a phone hears and says kept.
func (t *Tapes) Keep(s *Sound) {
	s.App.Sent, s.App.Opened = &t.Sent, t.Opened()
	if s.App.Speaker == nil { // else it has its own file
		s.App.Speaker = &t.Heard
	}
}

// A Tape keeps the first two minutes of what it is given.
type Tape struct {
	mu     sync.Mutex
	sound  pcm.Audio // at the rate of the first frame
	fitter pcm.Fitter
	left   int // samples that found no room
}

// maxTape is the length of a tape in seconds: 1.9 MB at 8000 Hz, since all
// files of a run keep theirs until the reports are written.
const maxTape = 120

// Rate implements [pcm.Sink].
func (t *Tape) Rate() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sound.Rate
}

// Write adds a frame, if there is space.
func (t *Tape) Write(rate int, frame []int16) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sound.Rate == 0 {
		t.sound.Rate = rate
	}
	frame = t.fitter.Fit(frame, rate, t.sound.Rate)
	n := min(len(frame), maxTape*t.sound.Rate-len(t.sound.Samples))
	t.sound.Samples = append(t.sound.Samples, frame[:n]...)
	t.left += len(frame) - n
	return nil
}

// taken is what is on the tape so far, and says what is missing, if anything is.
// The samples are added to, and not changed.
func (t *Tape) taken() (sound pcm.Audio, cut string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left > 0 {
		cut = fmt.Sprintf("; cut: there was no room for the last %d s", (t.left+t.sound.Rate-1)/t.sound.Rate)
	}
	return t.sound, cut
}

// Packet keeps a datagram of the phone's.
func (t *Tapes) Packet(d system.Datagram) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wire.Add(d)
}

// Opened takes what is in protected packets; nil: they are kept as they are.
func (t *Tapes) Opened() system.Opened {
	if !t.Clear {
		return nil
	}
	t.wire.Clear()
	return func(sealed, plain []byte) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.wire.Open(sealed, plain)
	}
}

// Packets are those of the calls so far; nil if nobody keeps them.
func (t *Tapes) Packets() *report.Wire {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	wire := t.wire // what is in it is added to, and not changed
	return &wire
}

// Write writes what is on the tapes as WAV files into a folder, which it makes
// if need be, and names them. A phone without a call has none.
func (t *Tapes) Write(dir report.Dir, phone string) (links []report.Link, err error) {
	if t == nil {
		return nil, nil
	}
	if err := dir.Open(); err != nil {
		return nil, err
	}
	for _, side := range []struct {
		name, what string
		*Tape
	}{{"heard", "what %s heard", &t.Heard}, {"sent", "what %s sent", &t.Sent}} {
		sound, cut := side.taken()
		if len(sound.Samples) == 0 {
			continue
		}
		name := clean.FileName(phone) + "-" + side.name + ".wav"
		wav := func(w io.Writer) error { return pcm.WriteWAV(w, sound) }
		if failed := dir.Sound(name).Write(wav); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		links = append(links, report.Link{File: name, What: fmt.Sprintf(side.what, phone) + cut})
	}
	return links, err
}
