package app

import (
	"cmp"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// The defaults of a phone are here and nowhere else. Whoever stands between
// the user and the app passes on what the user said and leaves the rest zero,
// so that a phone is the same wherever it runs.

// DefaultStrategy is the strategy of the era that the emulation is about.
const DefaultStrategy = VoIPSocket

// DefaultKeepAlive is the keepalive timeout that the app asks of the system:
// the least that iOS accepts.
// https://developer.apple.com/documentation/uikit/uiapplication/setkeepalivetimeout(_:handler:)
const DefaultKeepAlive = 600 * time.Second

// defaultExpires is how long a strategy that can refresh its registration
// registers for.
const defaultExpires = sip.DefaultExpires

// WithDefaults is c with the app's default for everything that is zero. The
// default of the push service is that of a device that names none. How long
// the app registers for is a fact of its strategy: see [Traits].
func (c Config) WithDefaults() Config {
	c.Strategy = cmp.Or(c.Strategy, DefaultStrategy)
	c.KeepAlive = cmp.Or(c.KeepAlive, DefaultKeepAlive)
	c.KeepAliveAt = cmp.Or(c.KeepAliveAt, InBackground)
	c.KeepAliveHandler = cmp.Or(c.KeepAliveHandler, ByTask)
	c.Mark = c.Mark.withDefaults()
	c.StayAwakeBy = cmp.Or(c.StayAwakeBy, ByPing)
	c.Push = c.Push.withDefaults()
	return c
}
