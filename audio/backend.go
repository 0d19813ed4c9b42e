//go:build cgo

package audio

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gen2brain/malgo"
)

// A backend is one sound system that miniaudio can use.
type backend struct {
	id   malgo.Backend
	name string
}

// backends lists the back ends to try, the best first. The null back end is
// never among them: it looks like a sound card but is not one.
func backends() []backend {
	switch runtime.GOOS {
	case "windows":
		return []backend{{malgo.BackendWasapi, "WASAPI"}, {malgo.BackendDsound, "DirectSound"}, {malgo.BackendWinmm, "WinMM"}}
	case "darwin":
		return []backend{{malgo.BackendCoreaudio, "Core Audio"}}
	case "linux":
		// Not JACK: its library prints on standard error, across the screen.
		return []backend{{malgo.BackendPulseaudio, "PulseAudio"}, {malgo.BackendAlsa, "ALSA"}}
	default:
		return []backend{{malgo.BackendSndio, "sndio"}, {malgo.BackendAudio4, "audio(4)"}, {malgo.BackendOss, "OSS"}}
	}
}

// A session is an open back end.
type session struct {
	*malgo.AllocatedContext
	backend
}

// buffers are how much sound a device moves at a time, and how many times as much the sound
// system has room for; 0: as miniaudio has it.
//
// miniaudio makes the first what PulseAudio holds of a speaker in all (tlength), of which that
// asks for a quarter at a time: less has dropouts on a busy machine. Of a microphone, what is
// not fetched waits until there is no room, and then is lost: 200 ms, as much as the program
// keeps itself.
func (b backend) buffers(kind malgo.DeviceType) (period time.Duration, room uint32) {
	switch {
	case b.id != malgo.BackendPulseaudio:
		return 10 * time.Millisecond, 0
	case kind == malgo.Playback:
		return 20 * time.Millisecond, 0
	}
	return 5 * time.Millisecond, 40
}

// open opens a back end. The error says why it cannot be used.
func (b backend) open() (*session, error) {
	quietPulse()
	if b.id == malgo.BackendAlsa && !alsaPresent() {
		return nil, fmt.Errorf("%s has no sound card", b.name)
	}
	context, err := malgo.InitContext([]malgo.Backend{b.id}, malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%s is not there", b.name)
	}
	return &session{context, b}, nil
}

// end closes the back end. Every device in it must be closed before.
func (s *session) end() error {
	err := s.Uninit()
	s.Free()
	return err
}

// openSession opens the back end of that name, or, if it is "", the first one
// that has a device in each of the directions that are wanted.
func openSession(name string, capture, playout bool) (*session, error) {
	var tried []string
	for _, b := range backends() {
		if name != "" && name != b.name {
			continue
		}
		s, err := b.open()
		if err != nil {
			tried = append(tried, err.Error())
			continue
		}
		lacks := s.lacking(capture, playout)
		if lacks == "" {
			return s, nil
		}
		tried = append(tried, b.name+" has no "+lacks)
		s.end()
	}
	if tried == nil {
		tried = append(tried, "there is no "+name)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoAudio, strings.Join(tried, ", "))
}

// lacking names the wanted direction that has no device.
func (s *session) lacking(capture, playout bool) string {
	if capture && len(s.list(malgo.Capture)) == 0 {
		return microphone
	}
	if playout && len(s.list(malgo.Playback)) == 0 {
		return speaker
	}
	return ""
}

// list lists the devices of a direction, none if the back end fails.
func (s *session) list(kind malgo.DeviceType) []Device {
	infos, err := s.infos(kind)
	if err != nil {
		return nil
	}
	return devicesOf(infos)
}

// infos lists the devices of a direction as miniaudio knows them, without those
// that are not a sound card.
func (s *session) infos(kind malgo.DeviceType) ([]malgo.DeviceInfo, error) {
	infos, err := s.Devices(kind)
	return slices.DeleteFunc(infos, func(i malgo.DeviceInfo) bool {
		return s.id == malgo.BackendAlsa && alsaPlugin(cString(i.ID[:]))
	}), err
}

// cString returns the text before the first zero.
func cString(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return text
}

func devicesOf(infos []malgo.DeviceInfo) []Device {
	devices := make([]Device, len(infos))
	for i := range infos {
		devices[i] = Device{Name: infos[i].Name(), Default: infos[i].IsDefault != 0}
	}
	return devices
}

// Find returns the sound system that a program is to use: the first that has
// both a microphone and a speaker, or else the first that has one of them. It
// fails with [ErrNoAudio] if there is none.
func Find() (System, error) {
	return within(openWithin, func() (System, error) {
		var err error
		for _, want := range []struct{ capture, playout bool }{{true, true}, {false, true}, {true, false}} {
			var s *session
			if s, err = openSession("", want.capture, want.playout); err == nil {
				defer s.end()
				return s.survey(), nil
			}
		}
		return System{}, err
	}, nil)
}

func (s *session) survey() System {
	return System{Name: s.name, Microphones: s.list(malgo.Capture), Speakers: s.list(malgo.Playback)}
}

// Systems lists all sound systems that this program can use, the preferred one
// first, with what they have, or why they cannot be used.
func Systems() ([]System, error) {
	var systems []System
	for _, b := range backends() {
		system, err := within(openWithin, func() (System, error) {
			s, err := b.open()
			if err != nil {
				return System{}, err
			}
			defer s.end()
			return s.survey(), nil
		}, nil)
		switch {
		case err != nil:
			system = System{Name: b.name, Why: err.Error(), Microphones: []Device{}, Speakers: []Device{}}
		case len(system.Microphones)+len(system.Speakers) == 0:
			system.Why = b.name + " has no device"
		}
		systems = append(systems, system)
	}
	return systems, nil
}

// openWithin is how long a sound system may take to open: PulseAudio was seen
// to take two seconds when it has to start.
const openWithin = 6 * time.Second

var errMute = fmt.Errorf("%w: the sound system does not answer", ErrNoAudio)

// within returns what f returns, or an error if f takes longer than d; what it
// returns after that goes to late, if there is one. miniaudio waits for ever for a
// server that has stopped.
func within[T any](d time.Duration, f func() (T, error), late func(T)) (T, error) {
	type result struct {
		of  T
		err error
	}
	done := make(chan result) // somebody takes it, or gone is closed
	gone := make(chan struct{})
	go func() {
		of, err := f()
		select {
		case <-gone:
			if err == nil && late != nil {
				late(of)
			}
		case done <- result{of, err}:
		}
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.of, r.err
	case <-timer.C:
		close(gone)
		var none T
		return none, errMute
	}
}
