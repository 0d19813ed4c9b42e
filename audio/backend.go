//go:build cgo

package audio

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

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

// end closes the back end. Every device in it must be closed before.
func (s *session) end() error {
	err := s.Uninit()
	s.Free()
	return err
}

// openSession opens the first back end that has a device in each of the
// directions that are wanted.
func openSession(capture, playout bool) (*session, error) {
	var tried []string
	for _, b := range backends() {
		if b.id == malgo.BackendAlsa && !alsaPresent() {
			tried = append(tried, "ALSA has no sound card")
			continue
		}
		context, err := malgo.InitContext([]malgo.Backend{b.id}, malgo.ContextConfig{}, nil)
		if err != nil {
			tried = append(tried, b.name+" is not there")
			continue
		}
		s := &session{context, b}
		lacks := s.lacking(capture, playout)
		if lacks == "" {
			return s, nil
		}
		tried = append(tried, b.name+" has no "+lacks)
		s.end()
	}
	return nil, fmt.Errorf("%w: %s", ErrNoAudio, strings.Join(tried, ", "))
}

// lacking names the wanted direction that has no device.
func (s *session) lacking(capture, playout bool) string {
	if capture && len(s.list(malgo.Capture)) == 0 {
		return "microphone"
	}
	if playout && len(s.list(malgo.Playback)) == 0 {
		return "speaker"
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

// Devices lists the microphones and the speakers of the back end that [Open]
// would use. It fails with [ErrNoAudio] if there is neither.
func Devices() (capture, playout []Device, err error) {
	_, capture, playout, err = survey()
	return capture, playout, err
}

// Backend returns the name of the sound system in use, or "none".
func Backend() string {
	name, _, _, err := survey()
	if err != nil {
		return "none"
	}
	return name
}

// survey opens the first back end that has any device, and lists them.
func survey() (name string, capture, playout []Device, err error) {
	for _, want := range []struct{ capture, playout bool }{{true, true}, {false, true}, {true, false}} {
		var s *session
		if s, err = openSession(want.capture, want.playout); err == nil {
			defer s.end()
			return s.name, s.list(malgo.Capture), s.list(malgo.Playback), nil
		}
	}
	return "", nil, nil, err
}
