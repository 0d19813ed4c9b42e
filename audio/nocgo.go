//go:build !cgo

package audio

import (
	"errors"
)

// ErrNoAudio says that there is no sound card to use.
var ErrNoAudio = errors.New("built without audio (it needs cgo)")

// A Card is an open sound card. There is none in this build.
type Card struct{}

// Open fails with [ErrNoAudio].
func Open(Config) (*Card, error) { return nil, ErrNoAudio }

// An Opener opens no card.
type Opener struct{}

// Open fails with [ErrNoAudio].
func (*Opener) Open(Config) (*Card, error) { return nil, ErrNoAudio }

// Play does nothing: there is no card to call it on.
func (c *Card) Play([]int16) {}

// Names returns empty names.
func (c *Card) Names() (capture, playout string) { return "", "" }

// Close does nothing.
func (c *Card) Close() error { return nil }

// System returns "".
func (c *Card) System() string { return "" }

// Find fails with [ErrNoAudio].
func Find() (System, error) { return System{}, ErrNoAudio }

// Systems fails with [ErrNoAudio].
func Systems() ([]System, error) { return nil, ErrNoAudio }
