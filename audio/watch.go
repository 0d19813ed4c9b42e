//go:build cgo

package audio

import (
	"fmt"
	"slices"
	"time"

	"github.com/gen2brain/malgo"
)

// watchEvery is how often the devices of the sound system are listed: so long it
// may take until a change is said. Not ALSA's: it has no default that changes, and
// takes long to list.
const watchEvery = time.Second

// watch looks whether the devices that are open are still there, and still the
// default if they were opened as that, until the card is closed. miniaudio tells
// neither by way of its Go package, and PulseAudio moves the sound of a default
// that has gone to whatever is left.
func (c *Card) watch(tick *time.Ticker) {
	defer close(c.watched)
	defer tick.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-tick.C:
		}
		if why := c.changed(); why != nil && !c.closed() {
			c.loses(why)
			c.notify()
			return
		}
	}
}

// changed says what of the sound system is no longer as it was.
func (c *Card) changed() error {
	if c.session.id == malgo.BackendAlsa {
		return nil
	}
	for i, side := range []struct {
		kind        malgo.DeviceType
		what, named string
	}{{malgo.Capture, microphone, c.config.CaptureDevice}, {malgo.Playback, speaker, c.config.PlayoutDevice}} {
		if c.names[i] == "" {
			continue
		}
		infos, err := c.session.infos(side.kind)
		if err != nil {
			return fmt.Errorf("%s no longer answers, and with it the %s %q is gone", c.session.name, side.what, c.names[i])
		}
		if why := missing(side.what, c.names[i], side.named == "", devicesOf(infos)); why != nil {
			return why
		}
	}
	return nil
}

// missing says why a device is no longer the one that was opened; byDefault: because
// it was the default.
func missing(what, name string, byDefault bool, now []Device) error {
	if byDefault {
		if at := slices.IndexFunc(now, func(d Device) bool { return d.Default }); at >= 0 && now[at].Name != name {
			return &MovedError{What: what, Now: now[at].Name}
		}
		if name == unnamed {
			return nil
		}
	}
	if !slices.ContainsFunc(now, func(d Device) bool { return d.Name == name }) {
		return fmt.Errorf("the %s %q is gone", what, name)
	}
	return nil
}
