package app

import (
	"math"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// frameTime is the length of one frame: 160 samples at 8000 Hz, the packet
// time that RFC 3551 §4.2 has as its default.
const frameTime = 20 * time.Millisecond

// levelEvery is how often the sound levels are written down.
const levelEvery = 200 * time.Millisecond

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

// sound is the app's clockwork of frames. The sound card's own clock drives
// the directions that are wired to it; a deadline every 20 ms drives the
// others.
type sound struct {
	active   bool // the system's audio session
	card     bool // the sound card is open
	next     time.Time
	levelAt  time.Time
	micPeak  float64
	earPeak  float64
	ringback pcm.Source
	ringtone pcm.Source

	// The frames in hand, which nobody keeps.
	mix, said [pcm.FrameSamples]int16
}

func (s *sound) init(cfg Sound) {
	s.micPeak, s.earPeak = silenceDB, silenceDB
}

// silenceDB is the level of silence in dBFS: the range of 16 bits.
const silenceDB = -96

// silence is what a muted microphone sends.
var silence [pcm.FrameSamples]int16

func (s *sound) deadline() time.Time { return s.next }

// tuneSound starts and stops the sound as the calls need it: the audio
// session while a call has audio or the user hears ringing, the sound card
// where one is wired, the frame clock for all else.
func (a *App) tuneSound(now time.Time) {
	ringing, calling := a.rings(), a.calling()
	talk := a.talking() != nil
	a.sound.ringtone = keep(a.sound.ringtone, ringing, pcm.RingTone)
	a.sound.ringback = keep(a.sound.ringback, calling, pcm.Ringback)
	a.setActive(talk || calling)
	a.setCard(talk || calling || ringing)
	switch {
	case !talk:
		a.sound.next = time.Time{}
	case a.sound.next.IsZero():
		a.sound.next = now.Add(frameTime)
		a.sound.levelAt = now.Add(levelEvery)
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

// rings reports whether the user hears the ring tone: an app off the screen
// posts a notification instead, or the call is on the system's call screen,
// and the system makes the noise.
func (a *App) rings() bool {
	c := a.ringing()
	return c != nil && c.report == nil && a.foreground && a.cfg.Auto == Manual
}

// calling reports whether the user hears ringback.
func (a *App) calling() bool {
	for _, c := range a.calls {
		if c.out && c.far && c.session == nil {
			return true
		}
	}
	return false
}

func (a *App) setActive(on bool) {
	if on != a.sound.active {
		a.sound.active = on
		a.ask(system.ActivateAudio{On: on})
	}
}

func (a *App) setCard(on bool) {
	cfg := a.cfg.Sound
	on = on && (cfg.MicCard || cfg.SpeakerCard)
	switch {
	case on && !a.sound.card:
		a.ask(system.OpenSound{Capture: cfg.MicCard, Playout: cfg.SpeakerCard})
	case !on && a.sound.card:
		a.ask(system.CloseSound{})
	}
	a.sound.card = on
}

// soundFailed goes on without the sound card, and says so: silence is sent,
// and what is received is still listened to.
func (a *App) soundFailed(s system.SoundFailed) {
	a.sound.card = false
	a.problem("use the sound card", s.Err.Error(), "--mic tone:440 or file:hello.wav, --speaker file:heard.wav or none; devices: sleeptalk doctor")
	a.cfg.Sound.SpeakerCard = false
	if a.cfg.Sound.MicCard {
		a.Speak(pcm.Silence)
	}
}

// pump runs the frame clock. A clock that has fallen far behind (the app was
// suspended) starts afresh instead of racing.
func (a *App) pump(now time.Time) {
	if !system.Due(a.sound.next, now) {
		return
	}
	if now.Sub(a.sound.next) > 10*frameTime {
		a.sound.next = now
	}
	for system.Due(a.sound.next, now) {
		a.sound.next = a.sound.next.Add(frameTime)
		a.frame(now)
	}
	if system.Due(a.sound.levelAt, now) {
		a.levels(now)
	}
}

// frame moves one frame in each direction that the sound card does not drive.
func (a *App) frame(now time.Time) {
	if !a.cfg.Sound.SpeakerCard {
		mix := a.sound.mix[:]
		clear(mix)
		a.hear(now, mix)
		a.record(mix)
	}
	if a.cfg.Sound.MicCard {
		return
	}
	for _, c := range a.calls {
		if a.talks(c) {
			a.say(now, c)
		}
	}
}

// say sends one frame of the call's own source.
func (a *App) say(now time.Time, c *call) {
	frame := a.sound.said[:]
	switch {
	case a.cfg.Auto == Echo:
		copy(frame, c.heard[:])
	case c.mic == nil:
		return // no microphone: nothing is sent
	default:
		c.mic.Read(frame)
	}
	a.send(now, c, frame)
}

// captured sends a frame of the sound card's microphone.
func (a *App) captured(now time.Time, frame []int16) {
	if !a.cfg.Sound.MicCard {
		return
	}
	for _, c := range a.calls {
		if a.talks(c) {
			a.send(now, c, frame)
		}
	}
}

func (a *App) send(now time.Time, c *call, frame []int16) {
	if c.muted {
		frame = silence[:]
	}
	a.sound.micPeak = math.Max(a.sound.micPeak, pcm.Level(frame))
	if a.cfg.Sound.Sent != nil && c == a.talking() {
		a.keepSent(frame)
	}
	a.ask(c.session.Capture(now, frame)...)
}

// playout gives the sound card what it asks for: the calls, or a ring tone.
func (a *App) playout(now time.Time, n int) {
	for ; n > 0; n -= pcm.FrameSamples {
		frame := make([]int16, pcm.FrameSamples) // the system keeps it
		a.hear(now, frame)
		switch {
		case a.talking() != nil:
		case a.sound.ringback != nil:
			a.sound.ringback.Read(frame)
		case a.sound.ringtone != nil:
			a.sound.ringtone.Read(frame)
		}
		a.record(frame)
		a.ask(system.Play{Samples: frame})
	}
}

// hear mixes one frame of all calls into mix, and lets the ear listen.
func (a *App) hear(now time.Time, mix []int16) {
	for _, c := range a.calls {
		if c.session == nil {
			continue
		}
		c.session.Playout(now, c.heard[:])
		for _, e := range c.ear.Write(c.heard[:]) {
			a.note(e)
		}
		if !c.held {
			pcm.Mix(mix, c.heard[:])
		}
	}
	a.sound.earPeak = math.Max(a.sound.earPeak, pcm.Level(mix))
}

// record writes what is heard to the speaker's file. A file that fails (the
// disk is full) is given up; the call goes on.
func (a *App) record(frame []int16) {
	if a.cfg.Sound.Speaker == nil || a.talking() == nil {
		return
	}
	if err := a.cfg.Sound.Speaker.Write(frame); err != nil {
		a.cfg.Sound.Speaker = nil
		a.problem("record what is heard", err.Error(), "the call goes on unrecorded")
	}
}

// keepSent writes what is sent to its file, which is given up like that of
// record.
func (a *App) keepSent(frame []int16) {
	if err := a.cfg.Sound.Sent.Write(frame); err != nil {
		a.cfg.Sound.Sent = nil
		a.problem("record what is sent", err.Error(), "the call goes on unrecorded")
	}
}

// levels writes down how loud both directions have been since the last time.
func (a *App) levels(now time.Time) {
	a.note(event.Levels{Mic: math.Round(a.sound.micPeak), Ear: math.Round(a.sound.earPeak)})
	a.sound.micPeak, a.sound.earPeak = silenceDB, silenceDB
	a.sound.levelAt = now.Add(levelEvery)
}
