package setup

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// backgroundRows say what the app does to stay reachable off the screen, step by
// step, so that each step can be left out or done wrong.
func backgroundRows() []Setting {
	return []Setting{
		{
			Key: "background-modes", Of: ThePhone, Value: strings.Join(device.Modes(), "|"), Script: true, Example: "none",
			Help:  "what the app lists in UIBackgroundModes of its Info.plist: voip, which permits audio as well, audio alone, or none; voip by default; on iOS alone",
			check: OneOf(device.Modes()...), set: func(d *draft, v string) error { d.app.Modes = v; return nil },
			show: func(c phone.Config) string { return word(c.App.Modes != string(device.ModeVoIP), c.App.Modes) },
		},
		{
			Key: "mark", Of: ThePhone, Value: strings.Join(app.MarkTimes(), "|"), Script: true, Example: "never",
			Help:  "when the app marks its connection for VoIP, for the system to watch it: before its streams are open (the one that works), after they are, after TLS was set on them, outside performBlock (GCDAsyncSocket alone), never, or the sockets of the voice instead; before-open by default",
			check: OneOf(app.MarkTimes()...), set: func(d *draft, v string) error { d.app.Mark.When = app.MarkTime(v); return nil },
			show: func(c phone.Config) string {
				return word(c.App.Mark.When != app.MarkBeforeOpen, string(c.App.Mark.When))
			},
		},
		{
			Key: "mark-by", Of: ThePhone, Value: strings.Join(app.MarkCallNames(), "|"), Script: true, Example: "gcdasyncsocket",
			Help:  "by which call the app marks it: NSStream's property, CFStream's, NSMutableURLRequest's networkServiceType (which marks HTTP and WebSocket alone), or GCDAsyncSocket's enableBackgroundingOnSocket; cfstream by default",
			check: OneOf(app.MarkCallNames()...), set: func(d *draft, v string) error { d.app.Mark.By = event.MarkCall(v); return nil },
			show: func(c phone.Config) string { return word(c.App.Mark.By != event.ByCFStream, string(c.App.Mark.By)) },
		},
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
		{
			Key: "keepalive-handler", Of: ThePhone, Value: strings.Join(app.Handlers(), "|"), Script: true, Example: "wait",
			Help:  "how the keepalive handler waits for an answer that takes longer than 5 s: it takes a background task and returns, or waits and is suspended after 10 s; by a task by default",
			check: OneOf(app.Handlers()...), set: func(d *draft, v string) error { d.app.KeepAliveHandler = app.Handler(v); return nil },
			show: func(c phone.Config) string {
				return word(c.App.KeepAliveHandler != app.ByTask, string(c.App.KeepAliveHandler))
			},
		},
	}
}
