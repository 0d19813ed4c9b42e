// Package endpoint describes where the sound of a phone comes from and goes to:
// the sound card, which package audio opens, or a substitute.
package endpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// An Endpoint is where sound comes from or goes to.
type Endpoint struct {
	Kind string // one of the kinds below
	Arg  string // the text after the colon
}

// The kinds of endpoint.
const (
	KindDevice  = "device"  // the sound card; Arg is part of its name, or empty for the default
	KindFile    = "file"    // a WAV file; Arg is its path
	KindTone    = "tone"    // a sine; Arg is its frequency in Hz
	KindSilence = "silence" // digital silence
	KindNone    = "none"    // nothing at all: nothing is sent, or received sound is dropped
)

var (
	micKinds     = []string{KindDevice, KindFile, KindTone, KindSilence, KindNone}
	speakerKinds = []string{KindDevice, KindFile, KindNone}
)

// The level and the range of a tone endpoint.
const (
	toneDBFS = -10.0
	minTone  = 20.0    // Hz
	maxTone  = 20000.0 // Hz: the highest that Opus carries (RFC 6716 table 1); a narrow call carries 3900
)

// ParseMic parses a microphone: device[:NAME], file:PATH, tone:HZ, silence or
// none.
func ParseMic(s string) (Endpoint, error) {
	e, err := parseEndpoint(s, micKinds)
	if err != nil {
		return Endpoint{}, fmt.Errorf("microphone %q: %w", s, err)
	}
	return e, nil
}

// ParseSpeaker parses a speaker: device[:NAME], file:PATH or none.
func ParseSpeaker(s string) (Endpoint, error) {
	e, err := parseEndpoint(s, speakerKinds)
	if err != nil {
		return Endpoint{}, fmt.Errorf("speaker %q: %w", s, err)
	}
	return e, nil
}

func parseEndpoint(s string, kinds []string) (Endpoint, error) {
	kind, arg, _ := strings.Cut(s, ":")
	e := Endpoint{Kind: kind, Arg: arg}
	if !slices.Contains(kinds, kind) {
		return e, fmt.Errorf("unknown kind %q%s; it is one of %s",
			kind, words.DidYouMean(kind, kinds), strings.Join(forms(kinds), ", "))
	}
	switch kind {
	case KindFile:
		if arg == "" {
			return e, fmt.Errorf("which file? write  file:PATH.wav")
		}
	case KindTone:
		if _, err := e.hertz(); err != nil {
			return e, err
		}
	case KindSilence, KindNone:
		if arg != "" {
			return e, fmt.Errorf("%s takes no argument", kind)
		}
	}
	return e, nil
}

// forms returns the syntax of each kind.
func forms(kinds []string) []string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		switch k {
		case KindDevice:
			k = "device[:NAME]"
		case KindFile:
			k = "file:PATH"
		case KindTone:
			k = "tone:HZ"
		}
		all[i] = k
	}
	return all
}

// hertz returns the frequency of a tone.
func (e Endpoint) hertz() (float64, error) {
	hz, err := strconv.ParseFloat(e.Arg, 64)
	if err != nil || !(hz >= minTone && hz <= maxTone) {
		return 0, fmt.Errorf("a tone has a frequency of %g to %g Hz: write  tone:440", minTone, maxTone)
	}
	return hz, nil
}

// String returns e in the form that [ParseMic] and [ParseSpeaker] parse.
func (e Endpoint) String() string {
	if e.Arg == "" {
		return e.Kind
	}
	return e.Kind + ":" + e.Arg
}

// Device reports whether e is the sound card, which package audio opens.
func (e Endpoint) Device() bool { return e.Kind == KindDevice }

// Open opens e as a microphone that is not a device. Each call of the function
// that it returns gives a source that starts at the beginning; a file plays
// once, then silence follows. For none, the function is nil.
func (e Endpoint) Open() (pcm.Opener, error) {
	return e.OpenFrom(func(path string) (io.ReadCloser, error) { return os.Open(path) })
}

// OpenFrom is like Open, but opens files with a function.
func (e Endpoint) OpenFrom(files func(path string) (io.ReadCloser, error)) (pcm.Opener, error) {
	switch e.Kind {
	case KindFile:
		sound, err := readFile(e.Arg, files)
		if err != nil {
			return nil, err
		}
		return func(rate int) pcm.Source { return sound.Open(rate, false) }, nil
	case KindTone:
		hz, err := e.hertz()
		if err != nil {
			return nil, err
		}
		return func(rate int) pcm.Source { return pcm.Tone(rate, hz, toneDBFS) }, nil
	case KindSilence:
		return pcm.Silence, nil
	case KindNone:
		return nil, nil
	}
	return nil, fmt.Errorf("microphone %s: a device is opened, not read", e)
}

func readFile(path string, files func(string) (io.ReadCloser, error)) (pcm.Audio, error) {
	f, err := files(path)
	if err != nil {
		return pcm.Audio{}, err
	}
	defer f.Close()
	sound, err := pcm.ReadWAV(f)
	if err != nil {
		return pcm.Audio{}, fmt.Errorf("%s: %w", path, err)
	}
	return sound, nil
}

// A SinkCloser is a sink that must be closed. One of which the run has not
// started, and that was given nothing, leaves no file.
type SinkCloser interface {
	pcm.Sink
	Close(started bool) error
}

// Sink opens e as a speaker that is not a device. A file is a WAV file, which is
// created when there is something to write; it replaces an earlier recording,
// and with force any file. The sink of none is nil.
func (e Endpoint) Sink(force bool) (SinkCloser, error) {
	switch e.Kind {
	case KindFile:
		file := keep.File{Kind: keep.Sound, Name: e.Arg, By: "--speaker file:", Force: force}
		if err := file.Creatable(); err != nil {
			return nil, err
		}
		return &recording{file: file}, nil
	case KindNone:
		return nil, nil
	}
	return nil, fmt.Errorf("speaker %s: a device is opened, not written", e)
}

// A recording is a WAV file that is being written.
type recording struct {
	file keep.File
	open *os.File // nil until there is something to write
	wav  *pcm.WAVWriter
}

// Rate implements [pcm.Sink].
func (r *recording) Rate() int {
	if r.wav == nil {
		return 0
	}
	return r.wav.Rate()
}

// Write adds a frame.
func (r *recording) Write(rate int, frame []int16) error {
	if err := r.begin(); err != nil {
		return err
	}
	return r.wav.Write(rate, frame)
}

// begin creates the file, unless it has been.
func (r *recording) begin() (err error) {
	if r.wav != nil {
		return nil
	}
	if r.open, err = r.file.Create(); err != nil {
		return err
	}
	if r.wav, err = pcm.NewWAVWriter(r.open); err != nil {
		return fmt.Errorf("%s: %w", r.file.Name, errors.Join(err, r.open.Close()))
	}
	return nil
}

// Close completes the header and closes the file.
func (r *recording) Close(started bool) error {
	if r.wav == nil && !started {
		return nil
	}
	if err := r.begin(); err != nil {
		return err
	}
	return errors.Join(r.wav.Close(), r.open.Close())
}
