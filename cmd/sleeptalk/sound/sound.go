// Package sound opens what a phone says and hears, the sound card or what stands
// in for it, and keeps both on tape.
package sound

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/audio/endpoint"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/event"
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
	system, err := s.choose(p, mic, speaker)
	if err != nil {
		return nil, err
	}
	if err := s.openMic(); err != nil {
		return nil, err
	}
	if err := s.openSpeaker(force); err != nil {
		return nil, err
	}
	s.Card = cardOpener(system, s.Mic, s.Speaker)
	return s, nil
}

// choose reads what both ends are to be, and looks for a sound card if one is: it
// returns the name of the sound system.
func (s *Sound) choose(p *cli.Program, mic, speaker string) (system string, err error) {
	var card audio.System
	var noCard error
	if wantsCard(mic) || wantsCard(speaker) {
		card, noCard = audio.Find()
	}
	noMic, noSpeaker := lacks(noCard, card.Microphone, mic), lacks(noCard, card.Speaker, speaker)
	if mic != "" && noMic != nil || speaker != "" && noSpeaker != nil {
		return "", cli.Cannot(fmt.Errorf("a sound device was asked for: %w", cmp.Or(noCard, errors.Join(noMic, noSpeaker))), "sleeptalk devices lists them;  --mic tone:440 --speaker none  needs none")
	}
	switch {
	case noMic != nil:
		p.Warn(fmt.Sprintf("no microphone (%v); speaking silence", noMic), "--mic file:hello.wav   or   --mic tone:440")
	case noSpeaker != nil:
		p.Warn(fmt.Sprintf("no speaker (%v); nobody hears what comes", noSpeaker), "--speaker file:heard.wav")
	}
	if s.Mic, err = endpoint.ParseMic(orElse(mic, noMic, endpoint.KindSilence)); err != nil {
		return "", cli.Invalid(err, "")
	}
	if s.Speaker, err = endpoint.ParseSpeaker(orElse(speaker, noSpeaker, endpoint.KindNone)); err != nil {
		return "", cli.Invalid(err, "")
	}
	return card.Name, nil
}

// lacks says why an end cannot be the sound card, if it is to be.
func lacks(noCard error, has func(name string) error, end string) error {
	switch _, name, _ := strings.Cut(end, ":"); {
	case !wantsCard(end):
		return nil
	case noCard != nil:
		return noCard
	default:
		return has(name)
	}
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

// cardOpener opens the sound card when the app asks for it, as devices of one sound
// system; nil if neither end is one.
func cardOpener(of string, mic, speaker endpoint.Endpoint) live.OpenSound {
	if !mic.Device() && !speaker.Device() {
		return nil
	}
	opener := new(audio.Opener)
	return func(s system.OpenSound, on live.SoundEvents) (live.Card, error) {
		config := audio.Config{
			System: of, Rate: s.Rate, OnCapture: on.Captured, OnPlayout: on.PlayoutDue, Guard: on.Guard,
			OnLost: func(err error) {
				_, moved := errors.AsType[*audio.MovedError](err)
				on.Lost(err, moved)
			},
		}
		if s.Way == event.Microphone {
			config.Capture, config.CaptureDevice = true, mic.Arg
		} else {
			config.Playout, config.PlayoutDevice = true, speaker.Arg
		}
		card, err := opener.Open(config)
		if err != nil {
			return nil, err
		}
		return device{card}, nil
	}
}

// device is a card that is open in one direction.
type device struct{ *audio.Card }

// Device is as what it is open.
func (d device) Device() (name, of string) {
	capture, playout := d.Names()
	return cmp.Or(capture, playout), d.System()
}
