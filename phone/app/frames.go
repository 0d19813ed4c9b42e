package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// standstill is how far the frame clock may fall behind and still make up for it, by
// moving at once the frames that are due: as much as a jitter buffer waits at most.
const standstill = 10 * frameTime

// advance runs the frame clock.
func (s *sound) advance(now time.Time, voices []*voice) {
	s.mic.advance(now)
	s.speaker.advance(now)
	if !system.Due(s.next, now) {
		return
	}
	for system.Due(s.next, now) {
		s.next = s.next.Add(frameTime)
		s.frame(now, voices)
	}
}

// stood reports whether nothing has moved the frames for longer than is made up for: the
// app was suspended, or this process stood still.
func (s *sound) stood(now time.Time) bool { return !s.next.IsZero() && now.Sub(s.next) > standstill }

// resume goes on after a standstill, before anything else is done: the frames that were
// due are silence in the recordings, the sessions leave the time out of what they measure,
// and the clock keeps its step.
func (s *sound) resume(now time.Time, voices []*voice) {
	gap := now.Sub(s.next).Truncate(frameTime)
	s.fill(gap, voices)
	for _, v := range voices {
		if v.session != nil {
			v.session.Stood(now, gap)
		}
	}
	s.next, s.resumed = s.next.Add(gap), now
	s.mic.last, s.speaker.last = now, now
}

// longestGap bounds the silence for a gap in a recording: ten minutes, as much as
// a recording that is played may have (audio/pcm). What is longer is cut.
const longestGap = 10 * time.Minute

// longestPiece is how much of that silence is written at once: each write of a
// slow disk takes a while, during which the phone does nothing else.
const longestPiece = time.Minute

// fill writes silence to the recordings of a call for a time in which no frame
// was moved.
func (s *sound) fill(gap time.Duration, voices []*voice) {
	v := talking(voices)
	if v == nil {
		return
	}
	if gap > longestGap {
		s.out.problem(event.RuleStoodStill, "record the call", "the gap of "+event.Round(gap)+" is cut to "+event.Round(longestGap), "")
	}
	s.tapeSilence(gap, v.rate)
}

// frame moves one frame in each direction that the sound card does not drive.
func (s *sound) frame(now time.Time, voices []*voice) {
	if !s.plays(now) {
		mix := s.mix.of(s.rate)
		clear(mix)
		s.hear(now, mix, voices, s.cfg.SpeakerCard)
		s.record(s.rate, mix, voices)
	}
	if s.cfg.MicCard && s.gives(now, voices) {
		return
	}
	for _, v := range voices {
		switch {
		case !v.talks():
		case v.session.Withholds(): // its own source waits, so that nothing of it is lost
			v.line.out.ask(v.session.Capture(now, silence.of(v.rate))...)
		case s.cfg.MicCard: // until it works: a NAT and the far end wait for packets
			s.send(now, v, silence.of(v.rate), voices)
		default:
			s.say(now, v, voices)
		}
	}
}

// plays reports whether the sound card drives what is heard: what comes just before it is
// open waits for it. What comes while it stalls or is lost is listened to, and recorded, by
// the frame clock.
func (s *sound) plays(now time.Time) bool {
	return s.cfg.SpeakerCard && !s.speaker.lost && s.speaker.drives(now)
}

// gives reports whether the card's microphone drives what is said. In place of one that has
// come to stall silence is sent, as long as what it has not given.
func (s *sound) gives(now time.Time, voices []*voice) bool {
	if !s.mic.works || s.mic.stalls(now) {
		return false
	}
	if s.mic.drives(now) {
		return true
	}
	gap := now.Sub(s.mic.last) - frameTime
	s.mic.stall = stall{since: s.mic.last}
	for _, v := range voices {
		if v.talks() {
			v.session.Missed(now, gap)
		}
	}
	if v := talking(voices); v != nil {
		s.keepSent(quiet(s.cfg.Sent, v.rate, gap.Truncate(frameTime)))
	}
	return false
}

// say sends one frame of a voice's own source.
func (s *sound) say(now time.Time, v *voice, voices []*voice) {
	frame := s.said.of(v.rate)
	switch {
	case s.echo:
		copy(frame, v.heard)
	case v.mic.source == nil:
		return // no microphone: nothing is sent
	default:
		v.mic.plays.Read(frame)
	}
	s.send(now, v, frame, voices)
}

// overdue reports whether what the sound card gives or asks for now waited during a
// standstill: it is of a time that is over, and that the recordings have as silence.
func (s *sound) overdue(now time.Time) bool {
	return !s.resumed.IsZero() && now.Sub(s.resumed) < frameTime
}

// captured sends a frame of the sound card's microphone.
func (s *sound) captured(now time.Time, frame []int16, voices []*voice) {
	if !s.cfg.MicCard || s.overdue(now) {
		return
	}
	if s.mic.waited(now) {
		return
	}
	s.mic.moves(now)
	s.mic.last = now
	s.mic.hears(frame)
	rate := len(frame) * int(time.Second/frameTime) // the card may still have the one before
	for _, v := range voices {
		if v.talks() {
			s.send(now, v, v.in.Fit(frame, rate, v.rate), voices) // a microphone does not wait
		}
	}
}

func (s *sound) send(now time.Time, v *voice, frame []int16, voices []*voice) {
	if v.muted || s.silenced {
		frame = silence.of(v.rate)
	}
	if s.cfg.Sent != nil && v == talking(voices) && !v.session.Withholds() {
		s.keepSent(v.rate, frame)
	}
	v.line.out.ask(v.session.Capture(now, frame)...)
}

// playout gives the sound card what it asks for: the calls, or a ring tone.
func (s *sound) playout(now time.Time, n int, voices []*voice) {
	s.speaker.takes(now)
	for n > 0 {
		frame := make([]int16, min(n, pcm.Frame(s.rate))) // the system keeps it
		n -= len(frame)
		drives := s.plays(now) && !s.overdue(now) // one that was lost fills its buffers first
		if drives {
			s.hear(now, frame, voices, false)
		}
		switch {
		case talking(voices) != nil && s.waiting != nil:
			said := s.said[:len(frame)]
			s.waiting.Read(said)
			pcm.Mix(frame, said)
		case talking(voices) != nil:
		case s.ringback != nil:
			s.ringback.Read(frame)
		case s.ringtone != nil:
			s.ringtone.Read(frame)
		}
		if drives {
			s.record(s.rate, frame, voices)
		}
		s.out.ask(system.Play{Samples: frame})
	}
}

// hear mixes the next samples of all voices into mix, at the rate of the sound, and lets the
// ear listen: 20 ms at most. What waits for a sound card is drained.
func (s *sound) hear(now time.Time, mix []int16, voices []*voice, waits bool) {
	for _, v := range voices {
		if v.session == nil {
			continue
		}
		heard := v.heard[:len(mix)*v.rate/s.rate]
		if waits {
			v.session.Drain(now, heard)
		} else {
			v.session.Playout(now, heard)
		}
		if s.silenced {
			continue
		}
		if !v.session.Empty(now) { // what is made up is not heard
			v.listen(heard)
		}
		if !v.held {
			pcm.Mix(mix, v.out.Fit(heard, v.rate, s.rate))
		}
	}
}

// listen lets a voice's ear hear what it plays.
func (v *voice) listen(heard []int16) {
	for _, e := range v.ear.Write(heard) {
		v.line.out.note(e)
	}
}

// record writes what is heard to the speaker's file.
func (s *sound) record(rate int, frame []int16, voices []*voice) {
	if talking(voices) != nil {
		s.keepHeard(rate, frame)
	}
}

// keepHeard writes what is heard to its file.
func (s *sound) keepHeard(rate int, frame []int16) {
	s.tape(&s.cfg.Speaker, "record what is heard", rate, frame)
}

// keepSent writes what is sent to its file.
func (s *sound) keepSent(rate int, frame []int16) {
	s.tape(&s.cfg.Sent, "record what is sent", rate, frame)
}

// tape writes to a file, if there is one. A file that fails (the disk is full) is given
// up; the call goes on.
func (s *sound) tape(sink *pcm.Sink, what string, rate int, frame []int16) {
	if *sink == nil {
		return
	}
	s.narrows(*sink, rate)
	if err := (*sink).Write(rate, frame); err != nil {
		*sink = nil
		s.out.problem(event.RuleSoundFailed, what, err.Error(), "the call goes on unrecorded")
	}
}

// narrows warns, once, of a recording that has less than a call.
func (s *sound) narrows(sink pcm.Sink, rate int) {
	kept := sink.Rate()
	if s.narrowed || kept == 0 || rate <= kept {
		return
	}
	s.narrowed = true
	s.out.note(event.Warning{
		Rule: event.RuleSoundNarrowed,
		Note: fmt.Sprintf("the recording began with audio of %d Hz: of what has %d Hz, it keeps what lies below %d Hz", kept, rate, kept/2),
		Hint: "record each call into a file of its own",
	})
}
