//go:build peers && cgo && linux

package audio

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/audiotest"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// opened opens the card, and closes it with the test.
func opened(t testing.TB, c Config) *Card {
	t.Helper()
	card, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Close() })
	return card
}

// player opens the speaker and plays the source to it.
func player(t *testing.T, config Config, source pcm.Source) *Card {
	t.Helper()
	due := make(chan int, 64)
	config.Playout = true
	config.OnPlayout = func(n int) { due <- n }
	card := opened(t, config)
	go func() {
		for {
			select {
			case n := <-due:
				samples := make([]int16, n)
				source.Read(samples)
				card.Play(samples)
			case <-t.Context().Done():
				return
			}
		}
	}()
	return card
}

// tones are what a card is tried with: at the rate of wideband, one that a telephone's
// would not carry.
var tones = map[int]float64{pcm.Rate: 440, pcm.WideRate: 6000}

func TestCardPlaysToPulseAudio(t *testing.T) {
	for rate, hz := range tones {
		p := audiotest.Start(t)
		if got, err := Find(); err != nil || got.Name != "PulseAudio" {
			t.Errorf("the sound system is %q, want PulseAudio: %v", got.Name, err)
		}
		heard := p.Record(pcm.WideRate)
		card := player(t, Config{Rate: rate, PlayoutDevice: "ear"}, pcm.Tone(rate, hz, -10))
		if _, name := card.Names(); name != audiotest.Speaker {
			t.Errorf("the speaker is %q, want %s", name, audiotest.Speaker)
		}
		audiotest.WantTone(t, pcm.WideRate, hz, heard)
	}
}

func TestCardCapturesFromPulseAudio(t *testing.T) {
	for rate, hz := range tones {
		p := audiotest.Start(t)
		p.Play(pcm.WideRate, pcm.Tone(pcm.WideRate, hz, -10))
		frames := make(chan []int16, 1024)
		opened(t, Config{Rate: rate, Capture: true, CaptureDevice: audiotest.Microphone, OnCapture: func(f []int16) { frames <- f }})
		tired := time.After(audiotest.Patience)
		audiotest.WantTone(t, rate, hz, func(frame []int16) error {
			select {
			case f := <-frames:
				copy(frame, f)
				return nil
			case <-tired:
				return errors.New("the microphone is silent")
			}
		})
	}
}

func TestCardDevicesAreNamed(t *testing.T) {
	audiotest.Start(t)
	found, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	for name, devices := range map[string][]Device{"Lips": found.Microphones, "Ear": found.Speakers, "Mouth": found.Speakers} {
		if i, err := choose("device", name, devices); err != nil || devices[i].Name != name {
			t.Errorf("%s is not listed: %v", name, devices)
		}
	}
	_, err = Open(Config{Playout: true, PlayoutDevice: "telephone"})
	if err == nil || !strings.Contains(err.Error(), `no speaker named "telephone"; there is "Ear", "Mouth"`) {
		t.Errorf("got %v", err)
	}
}

// loses waits until a card is lost, and returns why.
func loses(t *testing.T, lost <-chan error) error {
	t.Helper()
	select {
	case err := <-lost:
		t.Log(err)
		return err
	case <-time.After(audiotest.Patience):
		t.Fatal("the card is lost, and nobody was told")
		return nil
	}
}

func TestCardIsLostWithTheDaemon(t *testing.T) {
	p := audiotest.Start(t)
	lost := make(chan error, 2)
	card := player(t, Config{OnLost: func(err error) { lost <- err }}, pcm.Silence(pcm.Rate))
	p.Kill()
	loses(t, lost)
	if err := card.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := Open(Config{Playout: true, System: "PulseAudio"}); !errors.Is(err, ErrNoAudio) {
		t.Errorf("with the sound system gone, Open says %v, want ErrNoAudio", err)
	}
	p.Restart()
	heard := p.Record(pcm.Rate)
	player(t, Config{PlayoutDevice: audiotest.Speaker, System: "PulseAudio"}, pcm.Tone(pcm.Rate, 440, -10))
	audiotest.WantTone(t, pcm.Rate, 440, heard)
}

// TestNoOtherSystem: a card of one sound system is not replaced by that of another.
func TestNoOtherSystem(t *testing.T) {
	audiotest.Start(t)
	if card, err := Open(Config{Playout: true, System: "WASAPI"}); !errors.Is(err, ErrNoAudio) {
		card.Close()
		t.Errorf("%v, want no card but that of another system", err)
	}
}

// TestCardIsPulled: a card that was opened by name is lost with its device, and is not
// replaced by another.
func TestCardIsPulled(t *testing.T) {
	p := audiotest.Start(t)
	lost := make(chan error, 2)
	player(t, Config{PlayoutDevice: audiotest.Speaker, OnLost: func(err error) { lost <- err }}, pcm.Silence(pcm.Rate))
	p.Unplug()
	loses(t, lost)
	if _, err := Open(Config{Playout: true, PlayoutDevice: audiotest.Speaker}); err == nil || !strings.Contains(err.Error(), `no speaker named "Ear"`) {
		t.Errorf("without it, Open says %v", err)
	}
	p.Plug()
	heard := p.Record(pcm.Rate)
	player(t, Config{PlayoutDevice: audiotest.Speaker}, pcm.Tone(pcm.Rate, 440, -10))
	audiotest.WantTone(t, pcm.Rate, 440, heard)
}

// TestDefaultChanges: a card that is the default is lost when another is, and only then.
func TestDefaultChanges(t *testing.T) {
	p := audiotest.Start(t)
	p.Default(true)
	lost, named := make(chan error, 2), make(chan error, 2)
	if _, name := player(t, Config{OnLost: func(err error) { lost <- err }}, pcm.Silence(pcm.Rate)).Names(); name != audiotest.Speaker {
		t.Errorf("the default is %q", name)
	}
	player(t, Config{PlayoutDevice: audiotest.Speaker, OnLost: func(err error) { named <- err }}, pcm.Silence(pcm.Rate))
	p.Default(false)
	if moved, ok := errors.AsType[*MovedError](loses(t, lost)); !ok || moved.Now != "Mouth" {
		t.Errorf("moved: %v", moved)
	}
	select {
	case err := <-named:
		t.Errorf("the card with a name is lost, too: %v", err)
	default:
	}
}

// BenchmarkMouthToEar measures the delay of a sound through the card: from Play
// through the null sink and its monitor to OnCapture. It depends on the load of
// the machine, so no test checks it.
func BenchmarkMouthToEar(t *testing.B) {
	audiotest.Start(t)
	heard := make(chan time.Time, 1024)
	due := make(chan int, 64)
	card := opened(t, Config{
		Capture: true, Playout: true, CaptureDevice: audiotest.Monitor, PlayoutDevice: audiotest.Speaker,
		OnPlayout: func(n int) { due <- n },
		OnCapture: func(f []int16) {
			if pcm.Level(f) > -30 {
				heard <- time.Now()
			}
		},
	})
	var played time.Time
	var ways []time.Duration
	tired := time.After(audiotest.Patience)
	const (
		quiet = pcm.Rate / 2 // between two beeps, long enough for one to arrive
		beep  = 4 * pcm.FrameSamples
	)
	for at := 0; len(ways) < 10; {
		select {
		case n := <-due:
			samples := make([]int16, n)
			if at%quiet < beep && at > 2*quiet {
				pcm.Tone(pcm.Rate, 1000, -6).Read(samples)
				// A beep that has not arrived by the next one never will.
				if now := time.Now(); played.IsZero() || now.Sub(played) > quiet*time.Second/pcm.Rate/2 {
					played = now
				}
			}
			at += n
			card.Play(samples)
		case when := <-heard:
			if !played.IsZero() {
				ways = append(ways, when.Sub(played))
				played = time.Time{}
				// The rest of the beep is still to come.
				for end := time.After(150 * time.Millisecond); end != nil; {
					select {
					case n := <-due:
						at += n
						card.Play(make([]int16, n))
					case <-heard:
					case <-end:
						end = nil
					}
				}
			}
		case <-tired:
			t.Fatalf("only %d beeps arrived", len(ways))
		}
	}
	slices.Sort(ways)
	t.ReportMetric(0, "ns/op") // meaningless here
	t.ReportMetric(float64(ways[len(ways)/2].Microseconds())/1000, "ms/median")
	t.ReportMetric(float64(ways[len(ways)-1].Microseconds())/1000, "ms/worst")
}
