package setup

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
)

// localPushRows say how the app is reached by local push, and by which Wi-Fi.
func localPushRows() []Setting {
	return []Setting{
		{
			Key: "wifi", Of: ThePhone, Value: "NAME", Script: true, Example: "warehouse",
			Help:  "name of the Wi-Fi that the phone is on while it is on Wi-Fi; office by default",
			check: app.CheckSSID, set: func(d *draft, v string) error { d.wifi = v; return nil },
			show: func(c phone.Config) string { return c.WiFi },
		},
		{
			Key: "match-ssids", Of: ThePhone, Value: "NAME, ...", Script: true, Example: "warehouse, office",
			Help:  "names of the Wi-Fi networks on which the system runs the app's local push provider (NEAppPushManager.matchSSIDs), for the strategy local-push; office by default",
			check: parsed(app.ParseSSIDs), set: func(d *draft, v string) (err error) { d.app.Provided.MatchSSIDs, err = app.ParseSSIDs(v); return err },
			show: func(c phone.Config) string { return strings.Join(c.App.Provided.MatchSSIDs, ", ") },
		},
		{
			Key: "app-push-provider", Of: ThePhone, Value: "on|off", Script: true, Example: "on",
			Help:  "off signs the app without the entitlement app-push-provider: the system refuses its local push configuration; on by default",
			check: onOff, set: func(d *draft, v string) error { d.app.Provided.Unentitled = !on(v); return nil },
			show: func(c phone.Config) string { return word(c.App.Provided.Unentitled, "off") },
		},
	}
}
