package event

import (
	"slices"
	"time"
)

// CallSounds are what is known of the audio of calls, and what is heard in the one in which
// the user talks.
type CallSounds struct {
	Sounds []Sound // oldest first
	Heard  []Heard
	talks  int // the call that Heard is of; 0: none
}

// A Sound is what is known of one call's audio.
type Sound struct {
	Call    int
	Media   Media // its last step, with what was agreed
	ICE     ICE   // its last step; the zero value: the call has none
	RTP     RTP
	Counted bool          // whether RTP is known
	before  RTP           // a snapshot before; the zero value: there is none
	at      time.Duration // of the snapshot
	counted time.Duration // when RTP was
}

// CountedAt is when RTP was counted.
func (s Sound) CountedAt() time.Duration { return s.counted }

// Before is a snapshot about a second before RTP; the zero value: there is none.
func (s Sound) Before() RTP { return s.before }

// apart is how far the snapshots lie apart between which something is sent or comes: they
// are a second apart, but for one that follows a warning at once.
const apart = 900 * time.Millisecond

// Sends reports whether anything was sent between the last snapshot and one
// about a second before.
func (s Sound) Sends() bool { return s.RTP.Sent > s.before.Sent }

// Hears reports whether anything has come between them.
func (s Sound) Hears() bool { return s.RTP.Received > s.before.Received }

// Refuses reports whether this computer has refused to send something between them.
func (s Sound) Refuses() bool { return s.RTP.Unsent > s.before.Unsent }

// Sound is the audio of the call that matters most now; where there is none, that of
// the one that ended last. The zero value: nothing is known of it.
func (s *Fold) Sound() Sound {
	id := 0
	if c := s.Call(); c != nil {
		id = c.ID
	} else if n := len(s.Recent); n > 0 {
		id = s.Recent[n-1].ID
	} else if n := len(s.Sounds); n > 0 {
		id = s.Sounds[n-1].Call
	}
	return s.SoundOf(id)
}

// SoundOf is the audio of a call. The zero value: nothing is known of it.
func (s *CallSounds) SoundOf(call int) Sound {
	if i := s.soundAt(call); i >= 0 {
		return s.Sounds[i]
	}
	return Sound{}
}

func (s *CallSounds) soundAt(call int) int {
	return slices.IndexFunc(s.Sounds, func(sound Sound) bool { return sound.Call == call })
}

// sound is the record of a call's audio, which begins with it.
func (s *CallSounds) sound(call int) *Sound {
	i := s.soundAt(call)
	if i < 0 {
		s.Sounds = keep(s.Sounds, Sound{Call: call}, maxCalls)
		i = len(s.Sounds) - 1
	}
	return &s.Sounds[i]
}

// media takes a step over, with what was agreed before where the step does not say.
func (s *CallSounds) media(e Media) {
	sound := s.sound(e.Call)
	if old := sound.Media; e.Phase != MediaStart && e.Phase != MediaOffer && e.Codec == "" {
		e.Codec, e.PTime, e.Local, e.Remote = old.Codec, old.PTime, old.Local, old.Remote
		if e.Phase == MediaStop || e.Phase == MediaBack {
			e.SRTP = old.SRTP
		}
	}
	sound.Media = e
}

// ice takes a step over. A call that is dialled has no number yet.
func (s *CallSounds) ice(e ICE) {
	if e.Call != 0 {
		s.sound(e.Call).ICE = e
	}
}

func (s *CallSounds) rtp(at time.Duration, e RTP) {
	sound := s.sound(e.Call)
	if !sound.Counted || at-sound.at >= apart {
		sound.before, sound.at = sound.RTP, at
	}
	sound.RTP, sound.Counted, sound.counted = e, true, at
}

// listenTo begins anew what was heard, where the user talks in another call than before: a
// phone has one ear.
func (s *CallSounds) listenTo(call int) {
	if call != s.talks {
		s.talks, s.Heard = call, nil
	}
}
