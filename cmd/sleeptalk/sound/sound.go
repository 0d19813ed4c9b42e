// Package sound opens what a phone says and hears, the sound card or what stands
// in for it, and keeps both on tape.
package sound

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A Sound is the two ends of a phone's audio, open.
type Sound struct {
	Mic, Speaker endpoint.Endpoint
	App          app.Sound
	Card         live.OpenSound
	sink         endpoint.SinkCloser // nil unless the speaker is a file
}

// Open opens what the microphone and the speaker are to be. Empty means the
// sound card if there is one; with none, that is said, never pretended.
// A speaker that is a file replaces an earlier recording, and with force any file.
func Open(p *cli.Program, mic, speaker string, force bool) (*Sound, error) {
	s := &Sound{}
	var err error
	if s.Mic, s.Speaker, err = endpoints(p, mic, speaker); err != nil {
		return nil, err
	}
	if err := s.openMic(); err != nil {
		return nil, err
	}
	if err := s.openSpeaker(force); err != nil {
		return nil, err
	}
	s.Card = cardOpener(s.Mic, s.Speaker)
	return s, nil
}

func endpoints(p *cli.Program, mic, speaker string) (m, s endpoint.Endpoint, err error) {
	var noCard error
	if wantsCard(mic) || wantsCard(speaker) {
		_, _, noCard = audio.Devices()
	}
	if noCard != nil && (mic != "" && wantsCard(mic) || speaker != "" && wantsCard(speaker)) {
		return m, s, cli.Cannot(fmt.Errorf("a sound device was asked for: %w", noCard), "--mic tone:440 --speaker none")
	}
	if noCard != nil && mic == "" {
		p.Warn(fmt.Sprintf("no microphone (%v); speaking silence", noCard), "--mic file:hello.wav   or   --mic tone:440")
	}
	if m, err = endpoint.ParseMic(orElse(mic, noCard, endpoint.KindSilence)); err != nil {
		return m, s, cli.Invalid(err, "")
	}
	if s, err = endpoint.ParseSpeaker(orElse(speaker, noCard, endpoint.KindNone)); err != nil {
		return m, s, cli.Invalid(err, "")
	}
	return m, s, nil
}

// wantsCard reports whether an endpoint is the sound card, by name or because
// nothing else was asked for.
func wantsCard(name string) bool {
	kind, _, _ := strings.Cut(name, ":")
	return kind == "" || kind == endpoint.KindDevice
}

// orElse is what was asked for, or the sound card, or, without one, the
// stand-in.
func orElse(asked string, noCard error, standIn string) string {
	switch {
	case asked != "":
		return asked
	case noCard != nil:
		return standIn
	}
	return endpoint.KindDevice
}

func (s *Sound) openMic() error {
	if s.Mic.Device() {
		s.App.MicCard = true
		return nil
	}
	open, err := s.Mic.Open()
	if err != nil {
		return cli.Cannot(err, "a WAV file of PCM samples, or  --mic tone:440")
	}
	s.App.Mic = open
	return nil
}

func (s *Sound) openSpeaker(force bool) error {
	if s.Speaker.Device() {
		s.App.SpeakerCard = true
		return nil
	}
	sink, err := s.Speaker.Sink(force)
	if err != nil {
		return cli.NotWritten(err, "--speaker none")
	}
	if sink != nil {
		s.sink, s.App.Speaker = sink, sink
	}
	return nil
}

// Close finishes the recording. A run that has not started leaves none.
func (s *Sound) Close(started bool) error {
	if s.sink == nil {
		return nil
	}
	return s.sink.Close(started)
}

// cardOpener opens the sound card when the app asks for it; nil if neither
// end is one.
func cardOpener(mic, speaker endpoint.Endpoint) live.OpenSound {
	if !mic.Device() && !speaker.Device() {
		return nil
	}
	return func(s system.OpenSound, on live.SoundEvents) (live.Card, error) {
		return audio.Open(audio.Config{
			Rate: s.Rate, Capture: s.Capture, Playout: s.Playout, CaptureDevice: mic.Arg, PlayoutDevice: speaker.Arg,
			OnCapture: on.Captured, OnPlayout: on.PlayoutDue, OnLost: on.Lost, Guard: on.Guard,
		})
	}
}
