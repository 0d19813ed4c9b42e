package app

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

func agreedOn(c codec.Codec) sdp.Negotiated {
	remote := netip.MustParseAddrPort("192.0.2.20:4000")
	return sdp.Negotiated{
		Remote: remote, RemoteRTCP: remote, Codec: c, PayloadType: c.PayloadType, PTime: frameTime, Send: true, Receive: true,
	}
}

// voiceOf is a voice that speaks a codec.
func voiceOf(c codec.Codec, open pcm.Opener) *voice {
	v := &voice{session: newSession(c, false), line: &line{out: new(outbox)}}
	(&voicing{newMic: open}).tune(v)
	return v
}

func toneOf(hz float64) pcm.Opener {
	return func(rate int) pcm.Source { return pcm.Tone(rate, hz, -10) }
}

// recorded is a sink that keeps what it is given, and at which rates.
type recorded struct {
	pcm.Audio
	rates map[int]int // samples of each
	first int
}

func (r *recorded) Rate() int { return r.first }

func (r *recorded) Write(rate int, frame []int16) error {
	if r.rates == nil {
		r.rates = map[int]int{}
	}
	r.rates[rate] += len(frame)
	r.first = cmp.Or(r.first, rate)
	r.Audio.Rate, r.Samples = rate, append(r.Samples, frame...)
	return nil
}

func (r *recorded) wantTone(t *testing.T, what string, rate int, hz float64) {
	t.Helper()
	good, blocks := 0, pcm.NewToneDetector(r.Audio.Rate).Write(r.Samples)
	for _, b := range blocks {
		if math.Abs(b.Hz-hz) < 4 && b.Purity > 0.9 {
			good++
		}
	}
	if r.Audio.Rate != rate || len(r.rates) != 1 || good < len(blocks)-2 || good < 3 {
		t.Errorf("%s: %g Hz is in %d of %d blocks, at rates %v; want %d", what, hz, good, len(blocks), r.rates, rate)
	}
}

// talked has a booth's first voice talk with another session for a second.
func (b *booth) talked(c codec.Codec, hz float64) []system.Effect {
	other, from := newSession(c, false), pcm.Tone(c.SampleRate, hz, -10)
	var effects []system.Effect
	for range 50 {
		frame := make([]int16, pcm.Frame(c.SampleRate))
		from.Read(frame)
		for _, e := range other.Capture(b.now, frame) {
			if s, ok := e.(system.Send); ok {
				b.voices[0].session.Receive(b.now, system.Received{Socket: 1, From: netip.MustParseAddrPort("192.0.2.20:4000"), Data: s.Data})
			}
		}
		effects = append(effects, b.after(frameTime)...)
	}
	return effects
}

// wideBooth is one whose voices talk at the rate of the last of them.
func wideBooth(cfg Sound, voices ...*voice) *booth {
	b := newBooth(cfg, voices...)
	b.tune(b.now, audible{talk: true, rate: voices[len(voices)-1].rate})
	return b
}

// TestWideIsRecordedWide: what is said and heard in a call of 16000 Hz is kept at that.
func TestWideIsRecordedWide(t *testing.T) {
	for _, c := range []codec.Codec{codec.G722, codec.L16Wide} {
		heard, sent := new(recorded), new(recorded)
		b := wideBooth(Sound{Speaker: heard, Sent: sent}, voiceOf(c, toneOf(6000)))
		b.talked(c, 7000)
		heard.wantTone(t, c.String()+": heard", 16000, 7000)
		sent.wantTone(t, c.String()+": sent", 16000, 6000)
		if n := sent.rates[16000]; n != 16000 {
			t.Errorf("%s: a second is %d samples", c, n)
		}
		b.after(3 * time.Second) // the process stood still
		if d := heard.Length(); (d - 4*time.Second).Abs() > 2*frameTime {
			t.Errorf("%s: a gap of 3 s after a second: the recording lasts %s", c, d)
		}
	}
}

// TestOpusIsDetailed: what Opus leaves open is said.
func TestOpusIsDetailed(t *testing.T) {
	for _, tt := range []struct {
		codec codec.Codec
		hold  bool
		want  string
	}{
		{codec.PCMU, false, ""},
		{codec.PCMU, true, "send only"},
		{codec.Opus, false, "48000 Hz"},
		{codec.Opus.At(16000).Under(codec.Terms{FEC: true, DTX: true}), true, "send only, 16000 Hz, the peer asks for FEC, DTX"},
		{codec.Opus.Under(codec.Terms{Constant: true, Playback: 12000, Bitrate: 9000}), false, "48000 Hz, the peer asks for a constant bit rate, what 12000 Hz carry, at most 9000 bit/s"},
	} {
		n := agreedOn(tt.codec)
		n.Receive = !tt.hold
		if got := detail(n); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.codec, got, tt.want)
		}
	}
}

// TestOpusRate: Opus is offered at the rate that is asked for; other codecs have their own.
func TestOpusRate(t *testing.T) {
	c := Config{Codecs: []codec.Codec{codec.G722, codec.Opus}, OpusRate: 16000}
	if got := c.codecs(); got[0] != codec.G722 || got[1] != codec.Opus.At(16000) || c.Codecs[1] != codec.Opus {
		t.Errorf("%v", got)
	}
	if c.OpusRate = 0; c.codecs()[1] != codec.Opus {
		t.Errorf("%v", c.codecs())
	}
}

// TestRatesAreMixed: two calls of two rates are heard together, at the rate of the newest.
func TestRatesAreMixed(t *testing.T) {
	for _, rates := range [][2]codec.Codec{{codec.PCMU, codec.G722}, {codec.G722, codec.PCMU}} {
		heard := new(recorded)
		b := wideBooth(Sound{Speaker: heard}, voiceOf(rates[0], noMic), voiceOf(rates[1], noMic))
		b.talked(rates[0], 1000)
		heard.wantTone(t, rates[0].String()+" beside "+rates[1].String(), rates[1].SampleRate, 1000)
	}
}

func noMic(int) pcm.Source { return nil }

// TestTheCardHasTheRateOfTheCall: it is opened at it, and anew where it changes; what it still
// delivers at the old one is sent at the new.
func TestTheCardHasTheRateOfTheCall(t *testing.T) {
	v := voiceOf(codec.G722, noMic)
	b := newBooth(Sound{MicCard: true, SpeakerCard: true}, v)
	opened := func(need audible) (rates []int) {
		b.tune(b.now, need)
		for _, e := range b.box.take() {
			if o, ok := e.(system.OpenSound); ok {
				rates = append(rates, o.Rate)
			}
		}
		return rates
	}
	if got := opened(audible{talk: true, rate: 16000}); !slices.Equal(got, []int{16000, 16000}) {
		t.Errorf("a wideband call opens the card at %v", got)
	}
	if got := opened(audible{talk: true, rate: 16000}); len(got) != 0 {
		t.Errorf("it opens again, at %v", got)
	}
	for _, n := range []int{160, 320} {
		b.captured(b.now, make([]int16, n), b.voices)
		sent := 0
		for _, e := range b.box.take() {
			if s, ok := e.(system.Send); ok {
				sent += len(s.Data) - 12
			}
		}
		if sent != 160 {
			t.Errorf("a frame of %d samples is sent as %d octets of G.722", n, sent)
		}
	}
	b.playout(b.now, 640, b.voices)
	frames := 0
	for _, e := range b.box.take() {
		if p, ok := e.(system.Play); ok && len(p.Samples) == 320 {
			frames++
		}
	}
	if frames != 2 {
		t.Errorf("640 samples are %d frames", frames)
	}
	if got := opened(audible{}); len(got) != 0 {
		t.Errorf("the end of the call opens the card at %v", got)
	}
	if got := opened(audible{talk: true, rate: 8000}); !slices.Equal(got, []int{8000, 8000}) {
		t.Errorf("a call of a telephone opens the card at %v", got)
	}
}

// TestARateChanges: the microphone goes on where it was when a re-INVITE changes the rate.
func TestARateChanges(t *testing.T) {
	ramp := make([]int16, 4*8000)
	pcm.Tone(8000, 500, -10).Read(ramp[16000:]) // a tone after two seconds
	sound := pcm.Audio{Rate: 8000, Samples: ramp}
	v := voiceOf(codec.PCMU, func(rate int) pcm.Source { return sound.Open(rate, false) })
	sent := new(recorded)
	b := wideBooth(Sound{Sent: sent}, v)
	b.talked(codec.PCMU, 1000)
	v.session.Renegotiate(b.now, agreedOn(codec.G722))
	(&voicing{}).tune(v)
	*sent = recorded{}
	for range 50 {
		b.after(frameTime)
	}
	if pcm.Level(sent.Samples) > -50 || sent.Audio.Rate != 16000 {
		t.Errorf("the second second is at %g dBFS, %d Hz", pcm.Level(sent.Samples), sent.Audio.Rate)
	}
	*sent = recorded{}
	for range 50 {
		b.after(frameTime)
	}
	sent.wantTone(t, "the third second", 16000, 500)
}

// TestSoundNarrowed: what a call or a recording does not carry is said.
func TestSoundNarrowed(t *testing.T) {
	warnings := func(effects []system.Effect) []event.Warning {
		return slices.DeleteFunc(logged[event.Warning](effects), func(w event.Warning) bool { return w.Rule != event.RuleSoundNarrowed })
	}
	for c, want := range map[codec.Codec]int{codec.PCMU: 1, codec.G722: 0} {
		v := voiceOf(c, toneOf(6000))
		if got := warnings(v.line.out.take()); len(got) != want {
			t.Errorf("a tone of 6000 Hz in %s: %+v", c, got)
		}
		if c != codec.PCMU {
			continue
		}
		sent := new(recorded)
		b := wideBooth(Sound{Sent: sent}, v)
		v.session.Renegotiate(b.now, agreedOn(codec.G722))
		(&voicing{}).tune(v)
		for range 50 {
			b.after(frameTime)
		}
		sent.wantTone(t, "once the call carries it", 16000, 6000)
		v.line.out.take()
		v.session.Renegotiate(b.now, agreedOn(codec.PCMU))
		(&voicing{}).tune(v)
		if got := warnings(v.line.out.take()); len(got) != 1 || !strings.Contains(got[0].Note, "6000 Hz is sent as silence: the codec carries less than 4000 Hz") {
			t.Errorf("back in PCMU: %+v", got)
		}
	}
	narrow, wide := voiceOf(codec.PCMU, noMic), voiceOf(codec.G722, noMic)
	b := wideBooth(Sound{Speaker: new(recorded)}, narrow)
	said := warnings(b.talked(codec.PCMU, 1000))
	if len(said) != 0 {
		t.Errorf("a narrow call is recorded with %+v", said)
	}
	b.voices = []*voice{wide}
	wide.line = narrow.line
	b.tune(b.now, audible{talk: true, rate: 16000})
	said = append(said, warnings(b.talked(codec.G722, 1000))...)
	if len(said) != 1 {
		t.Errorf("a wideband call after a narrow one in one recording: %+v", said)
	}
	for first, want := range map[int]int{0: 0, 8000: 1, 16000: 0} { // what another app has left
		b := wideBooth(Sound{Speaker: &recorded{first: first}}, wide)
		b.tune(b.now, audible{talk: true, rate: 16000})
		if said := warnings(b.talked(codec.G722, 1000)); len(said) != want {
			t.Errorf("a wideband call in a recording of %d Hz: %+v", first, said)
		}
	}
}

// TestAChangeKeepsTheCodec: in a call that speaks PCMU a hold does not ask for G.722 again.
func TestAChangeKeepsTheCodec(t *testing.T) {
	v := voice{sdp: sdp.Local{Codecs: []codec.Codec{codec.G722, codec.PCMU, codec.PCMA}}, held: true}
	for c, want := range map[codec.Codec]string{{}: "RTP/AVP 9 0 8\r", codec.PCMU: "RTP/AVP 0 9 8\r", codec.PCMA: "RTP/AVP 8 9 0\r", codec.G722: "RTP/AVP 9 0 8\r", codec.L16: "RTP/AVP 9 0 8\r"} {
		v.terms.agreed.Codec = c
		before := v.sdp.Version
		body := string(v.change())
		if !strings.Contains(body, want) || v.sdp.Codecs[0] != codec.G722 {
			t.Errorf("in a call of %s: %s", c, body)
		}
		if again := string(v.change()); again != body || v.sdp.Version > before+1 {
			t.Errorf("in a call of %s it is said anew:\n%s", c, again)
		}
	}
}
