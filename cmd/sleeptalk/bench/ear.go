package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

const (
	clicks     = 6 // a second apart, the first after half a second
	clickEvery = pcm.Rate
	clickFirst = pcm.Rate / 2
	click      = 24000 // of 32767: nothing that G.711 makes smaller looks like it
	clickHeard = 12000
)

// ear measures how long sound takes through this phone: clicks from its
// microphone's file go out as RTP, come back at once, and end in its
// loudspeaker's file. Both files run on the same clock, from the same moment. The
// echo is one of packets, so each sample passes one sender and one jitter
// buffer: this is one way, not two.
func (b *bench) ear(ctx context.Context) (r Result, err error) {
	r.Unit = seconds
	dir, err := os.MkdirTemp("", "sleeptalk-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	mic, heard := filepath.Join(dir, "clicks.wav"), filepath.Join(dir, "heard.wav")
	if err := writeWAV(mic, pcm.Rate, clickSamples()); err != nil {
		return r, err
	}
	if err := b.clickingCall(ctx, mic, heard); err != nil {
		return r, err
	}
	took, err := readClicks(heard)
	if err != nil {
		return r, err
	}
	between := rank(took, 0.5)
	oneWay := between + packetTime
	r.Rows = []Row{{Who: "sleeptalk", N: len(took), Figures: []Figure{
		{Name: "one way", Value: oneWay.Seconds()}, {Name: "there and back", Value: 2 * oneWay.Seconds()},
	}}}
	r.Notes = []string{fmt.Sprintf(
		"%s from file to file (at most %s), and the %s in which a microphone would fill the packet; a sound card adds its buffers, a network its delay",
		between, rank(took, 1), packetTime)}
	return r, nil
}

// clickingCall is a call in which all clicks are sent and heard.
func (b *bench) clickingCall(ctx context.Context, mic, heard string) error {
	p, err := b.phone(ctx, "--auto", "answer", "--mic", "file:"+mic, "--speaker", "file:"+heard)
	if err != nil {
		return err
	}
	t := &talk{who: "sleeptalk", stop: p.quit}
	if err = t.begin(ctx, p.flow, terms{codec: codec.PCMU}); err == nil {
		err = pass(ctx, (clicks+1)*time.Second)
	}
	return errors.Join(err, t.end(ctx))
}

// clickSamples is what the microphone's file holds.
func clickSamples() []int16 {
	samples := make([]int16, clickFirst+clicks*clickEvery)
	for n := range clicks {
		samples[clickFirst+n*clickEvery] = click
	}
	return samples
}

// writeWAV writes a file, mono, 16 bit.
func writeWAV(path string, rate int, samples []int16) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := pcm.NewWAVWriter(f)
	if err != nil {
		return err
	}
	return errors.Join(w.Write(rate, samples), w.Close())
}

// readClicks finds the clicks in a recording, and how late each is.
func readClicks(path string) ([]time.Duration, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	heard, err := pcm.ReadWAV(f)
	if err != nil {
		return nil, err
	}
	took := clickDelays(heard.At(pcm.Rate).Samples)
	if len(took) != clicks {
		return nil, fmt.Errorf("%d clicks were heard, and %d sent", len(took), clicks)
	}
	return took, nil
}

// clickDelays are how late the clicks are, each less than a second.
func clickDelays(samples []int16) (took []time.Duration) {
	for at := 0; at < len(samples); at++ {
		if samples[at] < clickHeard {
			continue
		}
		late := (at - clickFirst%clickEvery + clickEvery) % clickEvery
		took = append(took, time.Duration(late)*time.Second/pcm.Rate)
		at += clickEvery / 2 // what rings after a click is none
	}
	return took
}
