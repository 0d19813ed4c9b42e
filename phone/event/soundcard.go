package event

import (
	"fmt"
	"time"
)

// SoundCard is a step in the life of the sound card of this computer, in one
// direction.
type SoundCard struct {
	Way    SoundWay       `json:"way"`
	Phase  SoundCardPhase `json:"phase"`
	Name   string         `json:"name,omitempty"`   // of the device
	System string         `json:"system,omitempty"` // PulseAudio, ALSA, …
	Why    string         `json:"why,omitempty"`
	Hint   string         `json:"hint,omitempty"`
	Rule   Rule           `json:"rule,omitempty"` // what has gone wrong
}

// A SoundWay is a direction of the sound card.
type SoundWay string

// The directions of a sound card.
const (
	Microphone SoundWay = "microphone"
	Speaker    SoundWay = "speaker"
)

// A SoundCardPhase is a step in the life of the sound card.
type SoundCardPhase string

// The steps of a sound card.
const (
	SoundOpen   SoundCardPhase = "open"   // it gives or takes sound
	SoundLost   SoundCardPhase = "lost"   // it could not be opened, or has vanished
	SoundMoved  SoundCardPhase = "moved"  // another device is the default now
	SoundBack   SoundCardPhase = "back"   // it gives or takes sound again
	SoundSilent SoundCardPhase = "silent" // the microphone gives nothing but zeros
	SoundOff    SoundCardPhase = "off"    // it is not used any more
)

// SoundCardPhases are all of them.
func SoundCardPhases() []SoundCardPhase {
	return []SoundCardPhase{SoundOpen, SoundLost, SoundMoved, SoundBack, SoundSilent, SoundOff}
}

// Text says which way, what has come of it, and of which device.
func (e SoundCard) Text() (string, string) {
	device := join(" of ", unless(e.Name == "", "%q", e.Name), e.System)
	return fmt.Sprintf("%s %s", e.Way, e.Phase), join(", ", device, e.Why)
}

// Works reports whether sound goes through.
func (e SoundCard) Works() bool { return e.Phase == SoundOpen || e.Phase == SoundBack }

// Card is what is known last of the sound card.
type Card struct{ Microphone, Speaker SoundCard }

func (s *Fold) soundCard(seq uint64, at time.Duration, e SoundCard) {
	switch e.Way {
	case Microphone:
		s.Card.Microphone = e
	case Speaker:
		s.Card.Speaker = e
	}
	if e.Rule != "" {
		what, detail := e.Text()
		s.problem(seq, at, Problem{What: what, Detail: detail, Hint: e.Hint})
	}
}
