// Package audio plays and records sound: it opens the sound card through
// miniaudio. Package audio/endpoint has the substitutes for a sound card (a
// file, a tone, silence, nothing).
//
// The sound card is two devices, one for each direction, at the rate of the call,
// mono, 16 bit, each with a clock of its own:
//
//	microphone ─▶ audio thread ─▶ ring ─▶ pump ─▶ OnCapture(20 ms)
//	                                      pump ─▶ OnPlayout(n), "more, please"
//	speaker    ◀─ audio thread ◀─ ring ◀──────── Play(samples)
//
// The audio threads belong to the system and must not wait: they only copy to
// and from the rings, which have no lock, and allocate nothing. One goroutine
// of each [Card], the pump, makes the callbacks, one at a time.
//
// A sound card is never simulated: the null device of miniaudio is not among
// the back ends, so without a sound card [Open] fails and says so.
//
// Only this package needs cgo. Built without it, every function fails with
// [ErrNoAudio].
package audio

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Device is a microphone or a speaker of the system.
type Device struct {
	Name    string `json:"name"`
	Default bool   `json:"default"`
}

// A System is a sound system of this machine, such as PulseAudio, and its devices.
type System struct {
	Name        string   `json:"name"`
	Why         string   `json:"why,omitempty"` // it cannot be used
	Microphones []Device `json:"microphones"`
	Speakers    []Device `json:"speakers"`
}

// Microphone checks that the system has a microphone of that name, as [Open]
// understands it; "" is the default.
func (s System) Microphone(name string) error { return check(microphone, name, s.Microphones) }

// Speaker checks that the system has a speaker of that name.
func (s System) Speaker(name string) error { return check(speaker, name, s.Speakers) }

func check(what, name string, devices []Device) error {
	if len(devices) == 0 {
		return fmt.Errorf("no %s", what)
	}
	_, err := choose(what, name, devices)
	return err
}

// The two directions, as errors call them.
const (
	microphone = "microphone"
	speaker    = "speaker"
)

// A MovedError is why a card is lost that was open by default: another device is
// the default now.
type MovedError struct{ What, Now string }

func (e *MovedError) Error() string { return fmt.Sprintf("the default %s is now %q", e.What, e.Now) }

// Config says which devices to open, and has the callbacks.
type Config struct {
	Capture, Playout bool
	// Rate is that of the samples, in Hz: 8000 if zero.
	Rate int
	// CaptureDevice and PlayoutDevice are part of the name of a device, in
	// any case; empty means the system's default.
	CaptureDevice, PlayoutDevice string
	// System is the only sound system to open, by its name; empty: the first that
	// has what is wanted. A card that is opened again names it, so that a server
	// that has died is not replaced by something else that makes sound.
	System string
	// OnCapture gets each frame of 20 ms from the microphone. The frame is
	// the receiver's to keep.
	OnCapture func(frame []int16)
	// OnPlayout asks for n more samples, in whole pieces of 5 ms, to be handed to
	// [Card.Play] now.
	OnPlayout func(n int)
	// OnLost is called once if a device has stopped by itself, or, with a
	// [*MovedError], is no longer the default that it was opened as. The caller
	// should close the card; no callback follows.
	OnLost func(error)
	// Guard runs the goroutine that makes these calls, and answers for a panic in
	// it; nil: nobody does.
	Guard func(f func())
}

// choose finds a device by name: the one with exactly that name, or else the
// only one whose name contains it. It returns the index, or -1 for the default
// when name is empty.
func choose(what, name string, devices []Device) (int, error) {
	if name == "" {
		return -1, nil
	}
	var found []int
	for i, d := range devices {
		if strings.EqualFold(d.Name, name) {
			return i, nil
		}
		if strings.Contains(strings.ToLower(d.Name), strings.ToLower(name)) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		nearest, apart := words.DidYouMean(name, namesOf(devices)), "; "
		if nearest != "" {
			apart = " "
		}
		return 0, fmt.Errorf("no %s named %q%s%s%s", what, name, nearest, apart, thereIs(devices))
	}
	var match []Device
	for _, i := range found {
		match = append(match, devices[i])
	}
	return 0, fmt.Errorf("%d %ss are named %q; %s", len(found), what, name, thereIs(match))
}

// thereIs lists devices for an error.
func thereIs(devices []Device) string {
	if len(devices) == 0 {
		return "there is none"
	}
	names := namesOf(devices)
	for i, name := range names {
		names[i] = strconv.Quote(name)
	}
	return "there is " + strings.Join(names, ", ")
}

func namesOf(devices []Device) []string {
	names := make([]string, len(devices))
	for i, d := range devices {
		names[i] = d.Name
	}
	return names
}
