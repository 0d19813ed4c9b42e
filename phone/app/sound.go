package app

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// frameTime is the length of one frame: 160 samples at 8000 Hz, 960 at 48000 Hz; the packet
// time that RFC 3551 §4.2 has as its default.
const frameTime = 20 * time.Millisecond

// Sound is where the app's sound comes from and goes to.
type Sound struct {
	// MicCard takes the sound card's microphone, whose frames arrive as
	// [system.Captured].
	MicCard bool
	// Mic opens another source, from its beginning, for each call. With
	// neither, nothing is sent.
	Mic pcm.Opener
	// SpeakerCard plays on the sound card, which asks with
	// [system.PlayoutDue].
	SpeakerCard bool
	// Speaker is another sink for the calls' audio. With neither, what is
	// received is only listened to.
	Speaker pcm.Sink
	// Sent takes what the app says in the call that the user talks in; nil:
	// nobody keeps it.
	Sent pcm.Sink
	// Opened takes the packets of SRTP as they are without it; nil: nobody does.
	Opened system.Opened
}

// sound is the app's clockwork of frames. The sound card's own clock drives the
// directions that are wired to it; a deadline every 20 ms drives the others.
type sound struct {
	cfg  Sound
	echo bool // what is heard is sent back
	out  *outbox

	active       bool      // the system's audio session
	silenced     bool      // by the system, which does not say so
	mic, speaker soundCard // where the sound card is wired
	rate         int       // of the card
	narrowed     bool      // a recording has less than a call, as the log says
	usual        int       // the rate of calls that are still to be agreed on
	next         time.Time // when the next frame is due
	resumed      time.Time // after the last standstill
	rested       time.Time // what the recordings have goes up to here, while no call is heard; zero: one is, or there is none
	ringback     pcm.Source
	ringtone     pcm.Source
	waiting      pcm.Source // in the call that is up, while another rings

	// The frames in hand, which nobody keeps.
	mix, said frame
}

// A frame has room for 20 ms at the rate of any call.
type frame [pcm.FullRate / 50]int16

// of is one at a rate.
func (f *frame) of(rate int) []int16 { return f[:pcm.Frame(rate)] }

// audible is what is to be heard.
type audible struct {
	talk     bool // the audio of a call
	rests    bool // that of a call is on hold, or waits for the system
	ringback bool // the other end rings
	ringtone bool // a call rings here
	rate     int  // of the call that has audio
	dials    bool // a call is on its way out: a sound card takes a while to open
}

// silence is what a muted microphone sends.
var silence frame

func newSound(cfg Sound, echo bool, out *outbox, usual int) sound {
	return sound{
		cfg: cfg, echo: echo, out: out, usual: usual,
		mic: soundCard{way: event.Microphone, out: out}, speaker: soundCard{way: event.Speaker, out: out},
	}
}

func (s *sound) deadline() time.Time {
	return system.Earliest(s.next, s.mic.deadline(), s.speaker.deadline())
}

// tune starts and stops the sound as it is needed: the audio session while a
// call has audio or the user hears ringback, the sound card where one is wired,
// the frame clock while a call has audio.
func (s *sound) tune(now time.Time, need audible) {
	sounds := need.talk || need.ringback || need.ringtone || need.dials
	if sounds {
		s.retune(cmp.Or(need.rate, s.usual, pcm.Rate))
	}
	s.ringtone = keep(s.ringtone, need.ringtone, s.rate, pcm.RingTone)
	s.waiting = keep(s.waiting, need.ringtone && need.talk, s.rate, pcm.CallWaiting)
	s.ringback = keep(s.ringback, need.ringback, s.rate, pcm.Ringback)
	s.activate(need.talk || need.ringback)
	s.openCards(now, sounds)
	switch {
	case !need.talk:
		s.rest(now, need.rests)
		s.next = time.Time{}
	case s.next.IsZero():
		s.rest(now, false)
		s.next = now.Add(frameTime)
		s.speaker.last = now // what comes until it takes sound waits for it, for a while
	}
}

// retune goes on at another rate: the card is opened anew, so that its sound is
// converted once, and the tones begin again.
func (s *sound) retune(rate int) {
	if rate == s.rate {
		return
	}
	s.rate = rate
	s.ringtone, s.waiting, s.ringback = nil, nil, nil
}

// keep starts a source when it comes to be needed, and drops it after.
func keep(s pcm.Source, need bool, rate int, open pcm.Opener) pcm.Source {
	switch {
	case !need:
		return nil
	case s == nil:
		return open(rate)
	}
	return s
}

func (s *sound) activate(on bool) {
	if on != s.active {
		s.active = on
		s.out.ask(system.ActivateAudio{On: on})
	}
}

// openCards opens and closes the sound card, in the directions in which it is wired.
func (s *sound) openCards(now time.Time, on bool) {
	mic, speaker := s.mic.wanted, s.speaker.wanted
	s.mic.want(now, on && s.cfg.MicCard, s.rate)
	s.speaker.want(now, on && s.cfg.SpeakerCard, s.rate)
	switch mic, speaker = mic && !s.mic.wanted, speaker && !s.speaker.wanted; {
	case (mic || speaker) && !s.mic.wanted && !s.speaker.wanted:
		s.out.ask(system.CloseSound{})
	case mic:
		s.out.ask(system.CloseSound{Way: event.Microphone})
	case speaker:
		s.out.ask(system.CloseSound{Way: event.Speaker})
	}
}

// wired is a direction of the sound card.
func (s *sound) wired(way event.SoundWay) *soundCard {
	if way == event.Microphone {
		return &s.mic
	}
	return &s.speaker
}

// newMic is a microphone for a call; nil if there is none of its own.
func (s *sound) newMic(rate int) pcm.Source {
	if s.cfg.Mic == nil {
		return nil
	}
	return s.cfg.Mic(rate)
}

// speak sends another sound than the microphone's, now and from now on.
func (s *sound) speak(open pcm.Opener, voices []*voice) {
	if s.cfg.MicCard {
		s.mic.says(event.SoundCard{Phase: event.SoundOff, Why: "another sound is sent"})
	}
	s.cfg.Mic, s.cfg.MicCard = open, false
	s.openCards(time.Time{}, s.speaker.wanted)
	for _, v := range voices {
		if v.session != nil {
			v.mic = newMic(open, v.rate)
			v.checkMic()
		}
	}
}
