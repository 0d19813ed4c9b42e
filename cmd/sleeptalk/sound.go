package main

import (
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// sound is the two ends of a phone's audio, open.
type sound struct {
	mic, speaker endpoint.Endpoint
	app          app.Sound
	card         live.OpenSound
	samples      []*pcm.Reference    // what the ear recognises
	sink         endpoint.SinkCloser // nil unless the speaker is a file
}

// openSound opens what the microphone and the speaker are to be. Empty means
// the sound card if there is one; with none, that is said, never pretended.
func (p *program) openSound(mic, speaker string) (*sound, error) {
	s := &sound{}
	var err error
	if s.samples, err = knownSamples(); err != nil {
		return nil, err
	}
	if s.mic, s.speaker, err = p.endpoints(mic, speaker); err != nil {
		return nil, err
	}
	if err := s.openMic(); err != nil {
		return nil, err
	}
	if err := s.openSpeaker(); err != nil {
		return nil, err
	}
	s.card = cardOpener(s.mic, s.speaker)
	return s, nil
}

func (p *program) endpoints(mic, speaker string) (m, s endpoint.Endpoint, err error) {
	var noCard error
	if wantsCard(mic) || wantsCard(speaker) {
		_, _, noCard = audio.Devices()
	}
	if noCard != nil && (mic != "" && wantsCard(mic) || speaker != "" && wantsCard(speaker)) {
		return m, s, cannot(fmt.Errorf("a sound device was asked for: %w", noCard), "--mic tone:440 --speaker none")
	}
	if noCard != nil && mic == "" {
		p.warn(fmt.Sprintf("no microphone (%v); speaking silence", noCard), "--mic file:hello.wav   or   --mic tone:440")
	}
	if m, err = endpoint.ParseMic(orElse(mic, noCard, endpoint.KindSilence)); err != nil {
		return m, s, invalid(err, "")
	}
	if s, err = endpoint.ParseSpeaker(orElse(speaker, noCard, endpoint.KindNone)); err != nil {
		return m, s, invalid(err, "")
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

func (s *sound) openMic() error {
	if s.mic.Device() {
		s.app.MicCard = true
		return nil
	}
	open, err := s.mic.Open()
	if err != nil {
		return cannot(err, "a WAV file of PCM samples, or  --mic tone:440")
	}
	s.app.Mic = open
	return nil
}

func (s *sound) openSpeaker() error {
	if s.speaker.Device() {
		s.app.SpeakerCard = true
		return nil
	}
	sink, err := s.speaker.Sink()
	if err != nil {
		return cannot(err, "--speaker none")
	}
	if sink != nil {
		s.sink, s.app.Speaker = sink, sink
	}
	return nil
}

// close finishes the recording.
func (s *sound) close() error {
	if s.sink == nil {
		return nil
	}
	return s.sink.Close()
}

// cardOpener opens the sound card when the app asks for it; nil if neither
// end is one.
func cardOpener(mic, speaker endpoint.Endpoint) live.OpenSound {
	if !mic.Device() && !speaker.Device() {
		return nil
	}
	return func(s system.OpenSound, on live.SoundEvents) (live.Card, error) {
		return audio.Open(audio.Config{
			Capture: s.Capture, Playout: s.Playout, CaptureDevice: mic.Arg, PlayoutDevice: speaker.Arg,
			OnCapture: on.Captured, OnPlayout: on.PlayoutDue, OnLost: on.Lost,
		})
	}
}

// knownSamples is the speech that the program carries in itself.
func knownSamples() ([]*pcm.Reference, error) {
	known, err := lab.Hello()
	return []*pcm.Reference{known}, err
}
