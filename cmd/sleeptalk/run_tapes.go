package main

import (
	"errors"
	"os"
	"path/filepath"

	"sleeptalk/audio"
	"sleeptalk/audio/pcm"
	"sleeptalk/phone/scenario"
)

// The tapes are the audio of the phone under test, its calls one after the other,
// until it is known whether the evidence is kept.
type tapes struct{ heard, sent tape }

// A tape keeps the first two minutes of what it is given. One goroutine owns it.
type tape struct{ samples []int16 }

// maxTape is the length of a tape in samples of 8000 Hz: 1.9 MB, since all
// files of a run keep theirs until the reports are written.
const maxTape = 120 * pcm.Rate

// Write adds a frame, if there is space.
func (t *tape) Write(frame []int16) error {
	t.samples = append(t.samples, frame[:min(len(frame), maxTape-len(t.samples))]...)
	return nil
}

// mayKeep reports whether there may be evidence of a file.
func (o *runOptions) mayKeep() bool { return o.html != "" || o.trace != "never" }

// keeps reports whether there is to be evidence of a file with this result.
func (o *runOptions) keeps(r *scenario.Result) bool {
	return o.html != "" || o.trace == "always" || o.trace == "on-failure" && r.Verdict() != scenario.Passed
}

// write writes what is on the tapes as WAV files into a folder, which it makes
// if need be, and names them. A phone without a call has none.
func (t *tapes) write(dir, phone string) (names []string, err error) {
	if t == nil {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for _, side := range []struct {
		name    string
		samples []int16
	}{{"heard", t.heard.samples}, {"sent", t.sent.samples}} {
		if len(side.samples) == 0 {
			continue
		}
		name := phone + "-" + side.name + ".wav"
		if err := writeWAV(filepath.Join(dir, name), side.samples); err != nil {
			return names, err
		}
		names = append(names, name)
	}
	return names, nil
}

func writeWAV(name string, samples []int16) error {
	sink, err := audio.Endpoint{Kind: audio.KindFile, Arg: name}.Sink()
	if err != nil {
		return err
	}
	return errors.Join(sink.Write(samples), sink.Close())
}
