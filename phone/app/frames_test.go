package app

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/media"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// A booth is the app's sound with voices whose other ends are played by hand.
type booth struct {
	sound
	box    outbox
	voices []*voice
	now    time.Time
	t      *testing.T // of a test of the sound card
}

func newBooth(cfg Sound, voices ...*voice) *booth {
	b := &booth{voices: voices, now: start}
	b.sound = newSound(cfg, false, &b.box, 0)
	for _, v := range voices {
		v.line = &line{out: &b.box}
	}
	b.tune(b.now, audible{talk: true})
	b.box.take()
	return b
}

// newVoice is a voice with audio, in PCMU.
func newVoice(mic pcm.Source) *voice {
	return voiceOf(codec.PCMU, func(int) pcm.Source { return mic })
}

func newSession(c codec.Codec, isWary bool) *media.Session {
	return media.New(media.Config{
		Wary: isWary, Call: 1, RTP: 1, RTCP: 2, Local: netip.MustParseAddrPort("192.0.2.10:5000"), Rand: rand.New(rand.NewPCG(1, 1)), Negotiated: agreedOn(c),
	}, start)
}

// after lets time pass at once: the frame clock is looked at once, at its end.
func (b *booth) after(d time.Duration) []system.Effect {
	b.now = b.now.Add(d)
	if b.stood(b.now) {
		b.resume(b.now, b.voices)
	}
	b.advance(b.now, b.voices)
	return b.box.take()
}

// payloads are the frames of the calls' audio that are sent.
func payloads(effects []system.Effect) (frames [][]byte) {
	for _, c := range effects {
		if s, ok := c.(system.Send); ok && len(s.Data) == 12+pcm.FrameSamples {
			frames = append(frames, s.Data[12:])
		}
	}
	return frames
}

// logged are the events of a type that are logged.
func logged[E event.Event](effects []system.Effect) (list []E) {
	for _, c := range effects {
		if l, ok := c.(system.Log); ok {
			if e, ok := l.Event.(E); ok {
				list = append(list, e)
			}
		}
	}
	return list
}

// TestMutedIsSilence: a muted microphone sends frames, with nothing in them.
func TestMutedIsSilence(t *testing.T) {
	quiet := bytes.Repeat([]byte{0xff}, pcm.FrameSamples) // PCMU's zero
	for _, muted := range []bool{false, true} {
		v := newVoice(pcm.Tone(pcm.Rate, 440, -10))
		v.muted = muted
		sent := new(tape)
		b := newBooth(Sound{Sent: sent}, v)
		var effects []system.Effect
		for range 10 {
			effects = append(effects, b.after(frameTime)...)
		}
		frames := payloads(effects)
		if len(frames) != 10 {
			t.Fatalf("muted %v: %d frames are sent, want 10", muted, len(frames))
		}
		for _, f := range frames {
			if bytes.Equal(f, quiet) != muted {
				t.Fatalf("muted %v: % x is sent", muted, f[:8])
			}
		}
		if told := logged[event.Audio](v.session.Close(b.now.Add(250 * time.Millisecond))); len(told) != 1 || told[0].Mic[0] == pcm.Floor != muted {
			t.Errorf("muted %v: it tells %+v", muted, told)
		}
		if got := sent.loud(); got == muted {
			t.Errorf("muted %v: loud in the recording: %v", muted, got)
		}
	}
}

// A tape keeps what is written to it.
type tape struct {
	samples []int16
	writes  int
	full    error
}

func (*tape) Rate() int { return 0 }

func (t *tape) Write(_ int, frame []int16) error {
	t.writes++
	t.samples = append(t.samples, frame...)
	return t.full
}

func (t *tape) loud() bool {
	return slices.ContainsFunc(t.samples, func(s int16) bool { return s != 0 })
}

// speaks has the other end of a voice send its audio at b.now.
func (b *booth) speaks(v *voice, other *media.Session, from pcm.Source) {
	frame := make([]int16, pcm.FrameSamples)
	from.Read(frame)
	for _, c := range other.Capture(b.now, frame) {
		if s, ok := c.(system.Send); ok {
			v.session.Receive(b.now, system.Received{Socket: 1, From: netip.MustParseAddrPort("192.0.2.20:4000"), Data: s.Data})
		}
	}
}

// TestMixLeavesOutWhatIsHeld: of a call on hold nothing is heard, and of all
// others the sum.
func TestMixLeavesOutWhatIsHeld(t *testing.T) {
	for _, tt := range []struct {
		held []bool
		loud bool
	}{
		{held: []bool{false, false}, loud: true},
		{held: []bool{false, true}, loud: true},
		{held: []bool{true, false}, loud: false}, // who talks has held the one that speaks
	} {
		a, b := newVoice(nil), newVoice(nil)
		a.held, b.held = tt.held[0], tt.held[1]
		heard := new(tape)
		booth := newBooth(Sound{Speaker: heard}, a, b, &voice{}) // one has no audio yet
		other, tone := newSession(codec.PCMU, false), pcm.Tone(pcm.Rate, 440, -10)
		for range 50 {
			booth.speaks(a, other, tone)
			booth.after(frameTime)
		}
		if heard.loud() != tt.loud {
			t.Errorf("held %v: loud %v", tt.held, heard.loud())
		}
	}
}

// TestFrameClockThatLags: up to ten frames are made up for; behind more the
// clock starts afresh.
func TestFrameClockThatLags(t *testing.T) {
	for late, want := range map[time.Duration]int{0: 1, frameTime: 2, 10*frameTime - 1: 10, 10 * frameTime: 11, 10*frameTime + 1: 1, time.Hour: 1} {
		b := newBooth(Sound{}, newVoice(pcm.Tone(pcm.Rate, 440, -10)))
		if got := len(payloads(b.after(frameTime + late))); got != want {
			t.Errorf("%s late: %d frames, want %d", late, got, want)
		}
		if got := len(payloads(b.after(frameTime))); got != 1 {
			t.Errorf("%s late: %d frames in the next 20 ms", late, got)
		}
	}
}

// TestCardDrivesItsDirections: what a card captures is sent, what it asks for
// is played, and the frame clock does neither; but until the microphone has delivered,
// it sends silence.
func TestCardDrivesItsDirections(t *testing.T) {
	v := newVoice(nil)
	b := newBooth(Sound{MicCard: true, SpeakerCard: true}, v)
	if got := payloads(b.after(frameTime)); len(got) != 1 || slices.Max(got[0]) != slices.Min(got[0]) {
		t.Errorf("while the card opens, %d frames are sent, want one of silence", len(got))
	}
	frame := make([]int16, pcm.FrameSamples)
	b.captured(b.now, frame, b.voices)
	b.box.take()
	if got := b.after(frameTime); len(payloads(got)) != 0 {
		t.Errorf("the frame clock sends %d frames beside the card", len(payloads(got)))
	}
	b.captured(b.now, frame, b.voices)
	if got := payloads(b.box.take()); len(got) != 1 {
		t.Errorf("of a frame captured, %d are sent", len(got))
	}
	v.held = true
	b.captured(b.now, frame, b.voices)
	if got := payloads(b.box.take()); len(got) != 0 {
		t.Errorf("a call on hold is sent %d frames", len(got))
	}
	b = newBooth(Sound{}, newVoice(nil))
	b.captured(b.now, frame, b.voices)
	if got := payloads(b.box.take()); len(got) != 0 {
		t.Errorf("a card that is not wired sends %d frames", len(got))
	}
}

// TestPlayout: a card is given as many samples as it asks for, 20 ms at a time: of the calls,
// or else a ring.
func TestPlayout(t *testing.T) {
	for _, tt := range []struct {
		what   string
		voices []*voice
		need   audible
		n      int
		frames int
		loud   bool
	}{
		{"nothing", nil, audible{}, pcm.FrameSamples, 1, false},
		{"a ring tone", nil, audible{ringtone: true}, 2 * pcm.FrameSamples, 2, true},
		{"ringback", nil, audible{ringback: true}, pcm.FrameSamples + 40, 2, true},
		{"a call, and another rings", []*voice{newVoice(nil)}, audible{talk: true, ringtone: true, ringback: true}, pcm.FrameSamples / 4, 1, true},
		{"no samples", nil, audible{ringtone: true}, 0, 0, false},
	} {
		b := newBooth(Sound{SpeakerCard: true}, tt.voices...)
		b.tune(b.now, tt.need)
		b.box.take()
		b.playout(b.now, tt.n, b.voices)
		var played tape
		frames := 0
		for _, c := range b.box.take() {
			if p, ok := c.(system.Play); ok {
				frames++
				_ = played.Write(pcm.Rate, p.Samples)
			}
		}
		if frames != tt.frames || len(played.samples) != tt.n || played.loud() != tt.loud {
			t.Errorf("%s: %d frames, %d samples, loud %v", tt.what, frames, len(played.samples), played.loud())
		}
	}
}

// TestRecordingThatFails: what cannot be written is given up, and said once.
func TestRecordingThatFails(t *testing.T) {
	heard, sent := &tape{full: errLost}, &tape{full: errLost}
	b := newBooth(Sound{Speaker: heard, Sent: sent}, newVoice(pcm.Tone(pcm.Rate, 440, -10)))
	errs := 0
	for range 3 {
		errs += len(logged[event.Error](b.after(frameTime)))
	}
	if errs != 2 || len(heard.samples) != pcm.FrameSamples || len(sent.samples) != pcm.FrameSamples {
		t.Errorf("%d errors; %d and %d samples were tried", errs, len(heard.samples), len(sent.samples))
	}
}

// TestSourceWaitsForTheACK: what is played to a caller begins when it may be sent, so
// that nothing of it is lost; nor is it kept as sent before.
func TestSourceWaitsForTheACK(t *testing.T) {
	said := new(tape)
	v := newVoice(pcm.NewSample(ramp(50), false))
	v.session = newSession(codec.PCMU, true)
	b := newBooth(Sound{Sent: said}, v)
	for range 20 {
		if sent := payloads(b.after(frameTime)); len(sent) > 0 {
			t.Fatal("sent before the ACK")
		}
	}
	if len(said.samples) > 0 {
		t.Errorf("%d samples were kept as sent", len(said.samples))
	}
	v.session.Trust(b.now, netip.Addr{})
	sent := payloads(b.after(frameTime))
	want := codec.PCMU.NewEncoder().Encode(nil, ramp(50)[:pcm.FrameSamples])
	if len(sent) != 1 || !bytes.Equal(sent[0], want) || len(said.samples) != pcm.FrameSamples {
		t.Errorf("after the ACK %d frames, want the first of the sample; %d samples kept", len(sent), len(said.samples))
	}
}

// TestMicrophoneBeforeTheACK: a microphone does not wait, and what was not sent is
// not kept as sent.
func TestMicrophoneBeforeTheACK(t *testing.T) {
	said := new(tape)
	v := newVoice(nil)
	v.session = newSession(codec.PCMU, true)
	b := newBooth(Sound{MicCard: true, Sent: said}, v)
	b.captured(b.now, make([]int16, pcm.FrameSamples), b.voices)
	v.session.Trust(b.now, netip.Addr{})
	b.captured(b.now, make([]int16, pcm.FrameSamples), b.voices)
	if sent := payloads(b.box.take()); len(sent) != 1 || len(said.samples) != pcm.FrameSamples {
		t.Errorf("%d frames sent, and %d samples kept as sent, want one frame", len(sent), len(said.samples))
	}
}

// TestTheKernelRefusesAudio: what it does not take of a call's reaches that call.
func TestTheKernelRefusesAudio(t *testing.T) {
	v := newVoice(pcm.Tone(pcm.Rate, 440, -10))
	b := newBooth(Sound{}, v)
	v.rtp, v.rtcp = 1, 2
	board := switchboard{calls: callList{{line: v.line, voice: *v}}}
	for _, c := range b.after(frameTime) {
		if s, ok := c.(system.Send); ok && !board.receive(b.now, system.Unsent{Socket: s.Socket, Data: s.Data, Err: system.NoBuffers}) {
			t.Fatal("nobody takes it")
		}
	}
	if rtp := v.session.Stats(b.now); rtp.Unsent != 1 || rtp.Sent != 0 {
		t.Errorf("%+v", rtp)
	}
}

// TestACardHasOldFrames: what a microphone has kept while the process stood still is not
// sent: our timestamps have gone on.
func TestACardHasOldFrames(t *testing.T) {
	b := newBooth(Sound{MicCard: true}, newVoice(nil))
	frame := make([]int16, pcm.FrameSamples)
	captured := func() int {
		b.captured(b.now, frame, b.voices)
		return len(payloads(b.box.take()))
	}
	b.after(frameTime)
	if captured() != 1 {
		t.Fatal("a frame of the microphone is not sent")
	}
	b.after(time.Second)
	for range 10 {
		if captured() != 0 {
			t.Fatal("a frame of before the standstill is sent")
		}
	}
	b.after(frameTime)
	if captured() != 1 {
		t.Error("a frame of after the standstill is not sent")
	}
}

// ramp is so many frames, each sample another than the one before.
func ramp(frames int) []int16 {
	samples := make([]int16, frames*pcm.FrameSamples)
	for i := range samples {
		samples[i] = int16(i * 7)
	}
	return samples
}

// TestRecordingsHaveTheGap: after a time in which nothing ran, recordings are as
// long as the call, up to a limit that is said. A slow disk takes it in a few
// writes.
func TestRecordingsHaveTheGap(t *testing.T) {
	for gap, want := range map[time.Duration]time.Duration{
		100 * time.Millisecond: 5 * frameTime, // these frames are made up for
		15 * time.Second:       15 * time.Second,
		150 * time.Second:      150 * time.Second,
		longestGap + time.Hour: longestGap,
	} {
		heard, sent := new(tape), new(tape)
		b := newBooth(Sound{Speaker: heard, Sent: sent}, newVoice(pcm.Tone(pcm.Rate, 440, -10)))
		b.after(frameTime)
		cut := len(logged[event.Error](b.after(gap)))
		if cut != 0 != (gap > longestGap) {
			t.Errorf("%s: %d errors", gap, cut)
		}
		for _, kept := range []*tape{heard, sent} {
			if d := time.Duration(len(kept.samples)) * time.Second / pcm.Rate; (d - want).Abs() > 2*frameTime {
				t.Errorf("%s: a recording has %s", gap, d)
			}
			if kept.writes > 12 {
				t.Errorf("%s: %d writes", gap, kept.writes)
			}
		}
	}
}
