package app

import (
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// How long the app waits until it asks for a sound card again that it has lost or did
// not get: twice as long each time (our own numbers: a headset that is plugged in is
// heard at once, and a machine without one is asked no more than it bears).
const (
	firstCardWait = 250 * time.Millisecond
	maxCardWait   = time.Second
	// lateCard is how long it may take to open: PulseAudio was seen to take two
	// seconds when it has to start.
	lateCard = 3 * time.Second
	// steadyCard is how long a card has to work until the wait begins at its
	// shortest again.
	steadyCard = 5 * time.Second
	// firstFill is how long a speaker may take to ask for what fills its buffers. That it
	// asks for more shows that they are being played: the null sink of PulseAudio begins
	// with that two seconds after it was opened.
	firstFill = 60 * time.Millisecond
)

// soundCard is one direction of the sound card: open while sound is needed, and
// taken up again when it is lost. What it is open as is known when it opens, that it
// works only when it gives or takes sound.
//
//	closed ─want─▶ asked ──opened, moves──▶ works
//	                 ▲  └──failed──▶ lost ◀──failed──┘
//	                 └──── wait ──────┘
type soundCard struct {
	way event.SoundWay
	out *outbox

	wanted bool
	rate   int // of the samples, in Hz
	works  bool
	since  time.Time          // when it came to work
	open   system.SoundOpened // as what
	told   system.SoundOpened // the same, as the log says
	lost   bool               // as the log says
	moving bool               // it was lost to another one, which is asked for
	last   time.Time          // when it gave or took sound, or had reason to begin with it
	filled time.Time          // when a speaker first asked for sound, since it was opened
	stall  stall
	retry  time.Time     // zero: it is asked for, or not wanted
	late   time.Time     // when it should work, once it is asked for
	wait   time.Duration // before the next retry but one
	dead   pcm.DeadMic
	silent bool // it has given only zeros, as the log says
}

func (c *soundCard) deadline() time.Time { return system.Earliest(c.retry, c.late) }

// want opens the card when it comes to be needed, or at another rate; who no longer
// needs it closes it.
func (c *soundCard) want(now time.Time, on bool, rate int) {
	if on != c.wanted {
		*c = soundCard{way: c.way, out: c.out, wanted: on}
	}
	if on && rate != c.rate {
		c.rate = rate
		c.ask(now)
	}
}

func (c *soundCard) ask(now time.Time) {
	c.late = now.Add(lateCard)
	c.retry, c.works, c.open = time.Time{}, false, system.SoundOpened{}
	c.dead, c.stall, c.last, c.filled = pcm.DeadMic{}, stall{}, now, time.Time{}
	c.out.ask(system.OpenSound{Way: c.way, Rate: c.rate})
}

// advance asks again, when it is time, and says that it takes long to open.
func (c *soundCard) advance(now time.Time) {
	if system.Due(c.retry, now) {
		c.ask(now)
	}
	if system.Due(c.late, now) {
		c.late = time.Time{}
		c.misses("it gives no sign of life yet, " + event.Round(lateCard) + " after it was asked for")
	}
}

// misses says that there is no card, unless the log says so already.
func (c *soundCard) misses(why string) {
	if !c.lost || c.moving {
		c.lost, c.moving = true, false
		c.says(c.failure(why))
	}
}

// opened notes as what the card is open.
func (c *soundCard) opened(s system.SoundOpened) { c.open = s }

// drives reports whether the card sets the pace, as it has given or taken sound lately.
func (c *soundCard) drives(now time.Time) bool { return now.Sub(c.last) <= standstill }

// takes notes that a speaker asks for sound.
func (c *soundCard) takes(now time.Time) {
	c.last = now
	if c.filled.IsZero() {
		c.filled = now
	}
	if now.Sub(c.filled) >= firstFill {
		c.moves(now)
	}
}

// moves notes that the card gives sound, or plays it.
func (c *soundCard) moves(now time.Time) {
	if c.works {
		return
	}
	was, told := c.lost, c.told
	c.works, c.lost, c.moving, c.told, c.since, c.retry, c.late = true, false, false, c.open, now, time.Time{}, time.Time{}
	switch {
	case was:
		c.says(event.SoundCard{Phase: event.SoundBack})
	case told != c.open: // not at another rate
		c.says(event.SoundCard{Phase: event.SoundOpen})
	}
}

// failed says that the card is lost, or was not to be had, and asks again later: at
// once for another that is the default now. One that stays lost is not said twice.
func (c *soundCard) failed(now time.Time, s system.SoundFailed) {
	if !c.wanted {
		return
	}
	if s.Moved {
		c.lost, c.moving = true, true
		c.says(event.SoundCard{Phase: event.SoundMoved, Why: s.Err.Error()})
		c.ask(now)
		return
	}
	c.misses(s.Err.Error())
	c.late = time.Time{}
	if c.works && now.Sub(c.since) >= steadyCard {
		c.wait = 0
	}
	c.wait = min(max(2*c.wait, firstCardWait), maxCardWait)
	c.works, c.silent, c.stall, c.retry = false, false, stall{}, now.Add(c.wait)
}

// failure is what to say of a card that is lost, or was not to be had.
func (c *soundCard) failure(why string) event.SoundCard {
	if c.works {
		return event.SoundCard{
			Phase: event.SoundLost, Why: why, Rule: event.RuleSoundLost,
			Hint: "the call goes on without, and takes it up again when it is back: plug it in, or start the sound server",
		}
	}
	return event.SoundCard{
		Phase: event.SoundLost, Why: why, Rule: event.RuleSoundFailed,
		Hint: "sleeptalk devices lists what there is; --mic tone:440 or file:hello.wav, --speaker file:heard.wav or none need none",
	}
}

// hears looks whether a microphone gives anything but zeros.
func (c *soundCard) hears(frame []int16) {
	switch {
	case c.dead.Write(frame) && !c.silent:
		c.silent = true
		c.says(event.SoundCard{
			Phase: event.SoundSilent, Why: "it has given nothing but zeros for a second", Rule: event.RuleDeadMic,
			Hint: "let this program use the microphone (macOS: System Settings, Privacy & Security, Microphone), or look for a mute switch",
		})
	case c.silent && pcm.Level(frame) > pcm.Floor:
		c.silent = false
		c.says(event.SoundCard{Phase: event.SoundBack, Why: "it no longer gives only zeros"})
	}
}

// says logs a step, of the device that is open.
func (c *soundCard) says(e event.SoundCard) {
	e.Way, e.Name, e.System = c.way, c.open.Name, c.open.System
	c.out.note(e)
}
