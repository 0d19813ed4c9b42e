package setup

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
)

// backgroundRows say what the app does to stay reachable off the screen, step by
// step, so that each step can be left out or done wrong.
func backgroundRows() []Setting {
	return []Setting{
		{
			Key: "keepalive", Of: ThePhone, Live: true, Value: Duration, Script: true, Help: "keepalive timeout that the app asks of the device",
			check: isDuration(time.Second), set: func(d *draft, v string) (err error) { d.app.KeepAlive, err = time.ParseDuration(v); return err },
			usual: func(c app.Config) string { return short(c.KeepAlive) },
			show: func(c phone.Config) string {
				return word(c.App.KeepAlive != app.DefaultKeepAlive, short(c.App.KeepAlive))
			},
		},
		{
			Key: "keepalive-round", Of: ThePhone, Value: "on|off", Script: true, Example: "on",
			Help:  "on asks again for 600 s where the device has refused a shorter keepalive, as iOS does; off by default, but for a keepalive that a config file has always had",
			check: onOff, set: func(d *draft, v string) error { d.app.KeepAliveRound = on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.KeepAliveRound, "on") },
		},
		{
			Key: "keepalive-at", Of: ThePhone, Value: strings.Join(app.Installs(), "|"), Script: true, Example: "launch",
			Help:  "when the app installs its keepalive handler: in applicationDidEnterBackground, once at launch, never; in the background by default",
			check: OneOf(app.Installs()...), set: func(d *draft, v string) error { d.app.KeepAliveAt = app.Install(v); return nil },
			show: func(c phone.Config) string {
				return word(c.App.KeepAliveAt != app.InBackground, string(c.App.KeepAliveAt))
			},
		},
	}
}
