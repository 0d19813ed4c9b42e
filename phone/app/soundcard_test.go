package app

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// cardWords are what is asked of the sound card and said of it.
func cardWords(effects []system.Effect) string {
	var words []string
	for _, c := range effects {
		switch c := c.(type) {
		case system.OpenSound:
			words = append(words, "open "+string(c.Way))
		case system.CloseSound:
			words = append(words, strings.TrimSpace("close "+string(c.Way)))
		case system.Log:
			if e, ok := c.Event.(event.SoundCard); ok {
				words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.Way, e.Phase, e.Name, e.Rule)))
			}
		}
	}
	return strings.Join(words, ", ")
}

// does lets the sound do something, and returns what is asked and said of the card.
func (b *booth) does(f func()) string {
	f()
	return cardWords(b.box.take())
}

func (b *booth) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

var errPulled = errors.New("it was pulled")

func (b *booth) opens(way event.SoundWay, name string) string {
	return b.does(func() { b.wired(way).opened(system.SoundOpened{Way: way, Name: name, System: "PulseAudio"}) })
}

func (b *booth) loses(way event.SoundWay, moved bool) string {
	return b.does(func() { b.wired(way).failed(b.now, system.SoundFailed{Way: way, Err: errPulled, Moved: moved}) })
}

func (b *booth) gives() string {
	return b.does(func() { b.captured(b.now, slices.Repeat([]int16{100}, pcm.FrameSamples), b.voices) })
}

func (b *booth) takes() string {
	return b.does(func() {
		b.playout(b.now, pcm.FrameSamples, b.voices)
		b.now = b.now.Add(firstFill)
		b.playout(b.now, pcm.FrameSamples, b.voices)
	})
}

// asksAgain is how long it takes until the card is asked for again.
func (b *booth) asksAgain(want string) (wait time.Duration) {
	b.t.Helper()
	for ; wait < time.Minute; wait += frameTime / 2 {
		if b.mic.works {
			b.want("meanwhile", b.gives(), "")
		}
		if got := cardWords(b.after(frameTime / 2)); got != "" {
			b.want("again", got, want)
			return wait + frameTime/2
		}
	}
	b.t.Errorf("nothing is asked for within a minute, want %q", want)
	return wait
}

func newCardBooth(t *testing.T, cfg Sound) *booth {
	b := newBooth(cfg, newVoice(nil))
	b.t = t
	return b
}

// TestCardIsTakenUpAgain: each direction that is lost is said, once, and asked for
// again until it is back, the sooner the shorter it has been away.
func TestCardIsTakenUpAgain(t *testing.T) {
	b := newCardBooth(t, Sound{MicCard: true, SpeakerCard: true})
	b.want("opened", b.opens(event.Microphone, "Lips")+b.opens(event.Speaker, "Ear"), "")
	b.want("it gives", b.gives(), "microphone open Lips")
	b.want("it takes", b.takes(), "speaker open Ear")
	b.want("and on", b.gives()+b.takes(), "")
	b.want("the speaker is lost", b.loses(event.Speaker, false), "speaker lost Ear sound-lost")
	for i, want := range []time.Duration{250, 500, 1000, 1000} {
		if got := b.asksAgain("open speaker"); got != want*time.Millisecond {
			t.Errorf("try %d: after %s, want %s", i+1, got, want*time.Millisecond)
		}
		b.want("in vain", b.loses(event.Speaker, false), "")
	}
	b.want("the microphone gives on", b.gives(), "")
	b.asksAgain("open speaker")
	b.opens(event.Speaker, "Ear")
	b.want("it is back", b.takes(), "speaker back Ear")
	b.want("it is lost at once", b.loses(event.Speaker, false), "speaker lost Ear sound-lost")
	if got := b.asksAgain("open speaker"); got != maxCardWait {
		t.Errorf("a card that comes and goes is asked for after %s, want %s", got, maxCardWait)
	}
	b.opens(event.Speaker, "Ear")
	b.takes()
	b.now = b.now.Add(steadyCard)
	b.loses(event.Speaker, false)
	if got := b.asksAgain("open speaker"); got != firstCardWait {
		t.Errorf("after a while it is asked for after %s, want %s", got, firstCardWait)
	}
}

// TestCardOfTheNextCall: what was lost in a call is asked for in the next, and said
// again if it is not there.
func TestCardOfTheNextCall(t *testing.T) {
	b := newCardBooth(t, Sound{MicCard: true})
	b.want("lost", b.loses(event.Microphone, false), "microphone lost  sound-failed")
	b.want("the call ends", b.does(func() { b.tune(b.now, audible{}) }), "close")
	b.want("late word of it", b.loses(event.Microphone, false)+b.gives(), "")
	if got := cardWords(b.after(time.Minute)); got != "" {
		t.Errorf("without a call: %q", got)
	}
	b.want("the next call", b.does(func() { b.tune(b.now, audible{talk: true}) }), "open microphone")
	b.want("lost again", b.loses(event.Microphone, false), "microphone lost  sound-failed")
}

// TestCardIsLate: one that takes long to open is said to be missing, and is back when it
// works; it is not asked for twice.
func TestCardIsLate(t *testing.T) {
	b := newCardBooth(t, Sound{SpeakerCard: true})
	for range 149 {
		b.want("in time", cardWords(b.after(frameTime)), "")
	}
	b.want("late", cardWords(b.after(frameTime)), "speaker lost  sound-failed")
	for range 500 {
		b.want("later", cardWords(b.after(frameTime)), "")
	}
	b.opens(event.Speaker, "Ear")
	b.want("at last", b.takes(), "speaker back Ear")
	for range 500 {
		b.want("and on", b.takes()+cardWords(b.after(frameTime)), "")
	}
}

// TestCardMoves: another default is opened at once, and said with both names.
func TestCardMoves(t *testing.T) {
	b := newCardBooth(t, Sound{SpeakerCard: true})
	b.opens(event.Speaker, "Ear")
	b.takes()
	b.want("moved", b.loses(event.Speaker, true), "speaker moved Ear, open speaker")
	b.opens(event.Speaker, "Headset")
	b.want("it takes", b.takes(), "speaker back Headset")
	b.want("moved again", b.loses(event.Speaker, true), "speaker moved Headset, open speaker")
	b.want("not there", b.loses(event.Speaker, false), "speaker lost  sound-failed")
	b.want("still not", b.loses(event.Speaker, false), "")
}

// TestCallGoesOnWithoutCard: while the card stalls or is lost silence is sent, and what comes is
// listened to; when it is back, it drives both again.
func TestCallGoesOnWithoutCard(t *testing.T) {
	heard := new(tape)
	b := newCardBooth(t, Sound{MicCard: true, SpeakerCard: true, Speaker: heard})
	frames := func() (sent, kept int) {
		before := len(heard.samples)
		for range 10 {
			sent += len(payloads(b.after(frameTime)))
		}
		return sent, (len(heard.samples) - before) / pcm.FrameSamples
	}
	for _, tt := range []struct {
		when       string
		does       func()
		sent, kept int
	}{
		{"just before it is open", func() {}, 10, 0},
		{"it is not open yet", func() {}, 10, 10},
		{"it works", func() { b.takes(); b.gives() }, 0, 0},
		{"it stalls", func() {}, 10, 10},
		{"it is lost", func() { b.loses(event.Microphone, false); b.loses(event.Speaker, false) }, 10, 10},
		{"it is back", func() { b.takes(); b.gives() }, 0, 0},
	} {
		tt.does()
		if sent, kept := frames(); sent != tt.sent || kept != tt.kept {
			t.Errorf("%s: %d frames sent, %d heard; want %d and %d", tt.when, sent, kept, tt.sent, tt.kept)
		}
	}
}

// TestCallWaitsForTheSpeaker: what comes just after a call is up waits for a speaker that
// opens, however long ago that was asked to.
func TestCallWaitsForTheSpeaker(t *testing.T) {
	heard := new(tape)
	b := newCardBooth(t, Sound{SpeakerCard: true, Speaker: heard})
	b.tune(b.now, audible{})
	b.tune(b.now, audible{dials: true})
	b.now = b.now.Add(2 * time.Second)
	b.tune(b.now, audible{talk: true})
	for i := range 20 {
		b.after(frameTime)
		if waits := i < 10; waits != (len(heard.samples) == 0) {
			t.Errorf("after %d frames %d samples are taken without the speaker", i+1, len(heard.samples))
		}
	}
}

// TestSpeakerIsOpenWhenItPlays: what fills its buffers is not played yet, and what comes
// until it is counts as not played by the card, neither as late nor as lost.
func TestSpeakerIsOpenWhenItPlays(t *testing.T) {
	heard := new(tape)
	v := newVoice(nil)
	b := newBooth(Sound{SpeakerCard: true, Speaker: heard}, v)
	b.t = t
	b.opens(event.Speaker, "Ear")
	other, tone := newSession(codec.PCMU, false), pcm.Tone(pcm.Rate, 440, -10)
	hears := func(frames int) (said string) {
		for range frames {
			b.speaks(v, other, tone)
			said += cardWords(b.after(frameTime))
		}
		return said
	}
	asks := func() string { return b.does(func() { b.playout(b.now, pcm.FrameSamples, b.voices) }) }
	b.want("it fills its buffers", asks()+asks(), "")
	b.want("nothing is played for two seconds", hears(100), "")
	s := v.session.Stats(b.now)
	if played := len(heard.samples) / pcm.FrameSamples; s.Unplayed < 88 || s.Late > 0 || s.Lost > 0 || played < 90 {
		t.Errorf("it counts %d as not played, %d late, %d lost, and records %d; want about 90, none, none, and 92", s.Unplayed, s.Late, s.Lost, played)
	}
	b.want("it plays", asks(), "speaker open Ear")
	for range 100 {
		b.want("and on", asks()+hears(1), "")
	}
	if after := v.session.Stats(b.now); after.Unplayed != s.Unplayed || after.Late > 0 {
		t.Errorf("while it plays, %d more are not played, and %d late", after.Unplayed-s.Unplayed, after.Late)
	}
	b.want("it is lost", b.loses(event.Speaker, false), "speaker lost Ear sound-lost")
	b.asksAgain("open speaker")
	before := len(heard.samples)
	b.want("it fills its buffers again", asks()+asks(), "")
	if n := len(heard.samples) - before; n > 0 {
		t.Errorf("%d samples of what fills them are recorded, which the frame clock does", n)
	}
}

// TestStalledMicrophone: in place of a microphone that gives nothing silence is sent, as long
// as that lasts; what it has had meanwhile comes too late, and is not sent after it.
func TestStalledMicrophone(t *testing.T) {
	sent := new(tape)
	b := newCardBooth(t, Sound{MicCard: true, Sent: sent})
	b.opens(event.Microphone, "Lips")
	begin, packets := b.now, 0
	var stamps []uint32
	var loud []bool
	takes := func(effects []system.Effect) {
		for _, c := range effects {
			if s, ok := c.(system.Send); ok {
				packets++
				stamps = append(stamps, binary.BigEndian.Uint32(s.Data[4:]))
				loud = append(loud, s.Data[12] != 0xff)
			}
		}
	}
	gives := func(frames int) string {
		said := ""
		for range frames {
			b.captured(b.now, slices.Repeat([]int16{1000}, pcm.FrameSamples), b.voices)
			effects := b.box.take()
			takes(effects)
			said += cardWords(effects)
		}
		return said
	}
	passes := func(d time.Duration, given int) (said string) {
		for end := b.now.Add(d); b.now.Before(end); {
			effects := b.after(frameTime)
			takes(effects)
			said += cardWords(effects) + gives(given)
		}
		return said
	}
	b.want("it opens", gives(1), "microphone open Lips")
	b.want("it gives", passes(time.Second, 1), "")
	b.want("it stalls", passes(800*time.Millisecond, 0), "")
	b.want("what has waited", gives(10), "")
	b.want("it gives again", passes(time.Second, 1), "microphone back Lips")
	if got, want := stamps[len(stamps)-1]-stamps[0], uint32(b.now.Sub(begin)/time.Millisecond*8); got != want {
		t.Errorf("the timestamps go on by %d, want %d", got, want)
	}
	if packets != 141-10 { // less what had not been missed yet
		t.Errorf("%d packets are sent, want 131", packets)
	}
	if !slices.Equal(loud, slices.Concat(slices.Repeat([]bool{true}, 51), slices.Repeat([]bool{false}, 30), slices.Repeat([]bool{true}, 50))) {
		t.Errorf("loud are %v", loud)
	}
	if got, want := len(sent.samples)/pcm.FrameSamples, 141; got != want {
		t.Errorf("the recording has %d frames, want %d", got, want)
	}
}

// TestCardAtAnotherRate: it is opened anew, and that is not news, unless it is another
// device.
func TestCardAtAnotherRate(t *testing.T) {
	b := newCardBooth(t, Sound{SpeakerCard: true})
	b.opens(event.Speaker, "Ear")
	b.want("it takes", b.takes(), "speaker open Ear")
	at := func(rate int) string {
		return b.does(func() { b.tune(b.now, audible{talk: true, rate: rate}) })
	}
	b.want("wideband", at(16000), "open speaker")
	b.want("the same", at(16000), "")
	b.opens(event.Speaker, "Ear")
	b.want("it takes on", b.takes(), "")
	b.want("a telephone's", at(8000), "open speaker")
	b.opens(event.Speaker, "Headset")
	b.want("as another", b.takes(), "speaker open Headset")
}

// TestDeadMic: a microphone that gives only zeros is said within a second, once; and
// when it gives sound.
func TestDeadMic(t *testing.T) {
	b := newCardBooth(t, Sound{MicCard: true})
	b.opens(event.Microphone, "Lips")
	zeros := func(n int) string {
		return b.does(func() {
			for range n {
				b.captured(b.now, make([]int16, pcm.FrameSamples), b.voices)
			}
		})
	}
	b.want("not yet", zeros(49), "microphone open Lips")
	b.want("a second of zeros", zeros(1), "microphone silent Lips dead-mic")
	b.want("more of it", zeros(100), "")
	b.want("sound", b.gives(), "microphone back Lips")
	b.want("a pause", zeros(100), "")
}

// TestSpeakNeedsNoMicrophone: who speaks something else closes it, which is said, and no
// longer hears of it.
func TestSpeakNeedsNoMicrophone(t *testing.T) {
	speaks := func(b *booth) string { return b.does(func() { b.speak(pcm.Silence, b.voices) }) }
	b := newCardBooth(t, Sound{MicCard: true})
	b.opens(event.Microphone, "Lips")
	b.gives()
	b.want("spoken", speaks(b), "microphone off Lips, close")
	b.want("spoken again", speaks(b), "")
	b.want("lost", b.loses(event.Microphone, false), "")
	b.want("the call ends", b.does(func() { b.tune(b.now, audible{}) }), "")
	b = newCardBooth(t, Sound{MicCard: true, SpeakerCard: true})
	b.want("beside a speaker", speaks(b), "microphone off, close microphone")
	b.want("the call ends", b.does(func() { b.tune(b.now, audible{}) }), "close")
	b.want("the next", b.does(func() { b.tune(b.now, audible{talk: true, rate: pcm.Rate}) }), "open speaker")
}
