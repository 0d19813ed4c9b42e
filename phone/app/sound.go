package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// frameTime is the length of one frame: 160 samples at 8000 Hz, the packet
// time that RFC 3551 §4.2 has as its default.
const frameTime = 20 * time.Millisecond

// Sound is where the app's sound comes from and goes to.
type Sound struct {
	// MicCard takes the sound card's microphone, whose frames arrive as
	// [system.Captured].
	MicCard bool
	// Mic opens another source, from its beginning, for each call. With
	// neither, nothing is sent.
	Mic func() pcm.Source
	// SpeakerCard plays on the sound card, which asks with
	// [system.PlayoutDue].
	SpeakerCard bool
	// Speaker is another sink for the calls' audio. With neither, what is
	// received is only listened to.
	Speaker pcm.Sink
	// Sent takes what the app says in the call that the user talks in; nil:
	// nobody keeps it.
	Sent pcm.Sink
}

// sound is the app's clockwork of frames. The sound card's own clock drives the
// directions that are wired to it; a deadline every 20 ms drives the others.
type sound struct {
	cfg    Sound
	echo   bool // what is heard is sent back
	out    *outbox
	levels levels

	active   bool // the system's audio session
	card     bool // the sound card is open
	delivers bool // and its microphone has delivered
	next     time.Time
	ringback pcm.Source
	ringtone pcm.Source
	waiting  pcm.Source // in the call that is up, while another rings

	// The frames in hand, which nobody keeps.
	mix, said [pcm.FrameSamples]int16
}

// audible is what is to be heard.
type audible struct {
	talk     bool // the audio of a call
	ringback bool // the other end rings
	ringtone bool // a call rings here
}

// silence is what a muted microphone sends.
var silence [pcm.FrameSamples]int16

func (s *sound) deadline() time.Time { return s.next }

// tune starts and stops the sound as it is needed: the audio session while a
// call has audio or the user hears ringback, the sound card where one is wired,
// the frame clock while a call has audio.
func (s *sound) tune(now time.Time, need audible) {
	s.ringtone = keep(s.ringtone, need.ringtone, pcm.RingTone)
	s.waiting = keep(s.waiting, need.ringtone && need.talk, pcm.CallWaiting)
	s.ringback = keep(s.ringback, need.ringback, pcm.Ringback)
	s.activate(need.talk || need.ringback)
	s.openCard(need.talk || need.ringback || need.ringtone)
	switch {
	case !need.talk:
		s.next = time.Time{}
	case s.next.IsZero():
		s.next = now.Add(frameTime)
		s.levels.next = now.Add(levelEvery)
	}
}

// keep starts a source when it comes to be needed, and drops it after.
func keep(s pcm.Source, need bool, open func() pcm.Source) pcm.Source {
	switch {
	case !need:
		return nil
	case s == nil:
		return open()
	}
	return s
}

func (s *sound) activate(on bool) {
	if on != s.active {
		s.active = on
		s.out.ask(system.ActivateAudio{On: on})
	}
}

func (s *sound) openCard(on bool) {
	on = on && (s.cfg.MicCard || s.cfg.SpeakerCard)
	switch {
	case on && !s.card:
		s.delivers = false
		s.out.ask(system.OpenSound{Capture: s.cfg.MicCard, Playout: s.cfg.SpeakerCard})
	case !on && s.card:
		s.out.ask(system.CloseSound{})
	}
	s.card = on
}

// newMic is a microphone for a call; nil if there is none of its own.
func (s *sound) newMic() pcm.Source {
	if s.cfg.Mic == nil {
		return nil
	}
	return s.cfg.Mic()
}

// speak sends another sound than the microphone's, now and from now on.
func (s *sound) speak(open func() pcm.Source, voices []*voice) {
	s.cfg.Mic, s.cfg.MicCard = open, false
	for _, v := range voices {
		if v.session != nil {
			v.mic = open()
		}
	}
}

// failed goes on without the sound card, and says so: silence is sent, and what
// is received is still listened to.
func (s *sound) failed(err error, voices []*voice) {
	s.card = false
	s.out.problem(event.RuleSoundFailed, "use the sound card", err.Error(), "--mic tone:440 or file:hello.wav, --speaker file:heard.wav or none; devices: sleeptalk doctor")
	s.cfg.SpeakerCard = false
	if s.cfg.MicCard {
		s.speak(pcm.Silence, voices)
	}
}
