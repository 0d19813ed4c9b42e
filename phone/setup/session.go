package setup

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// The words of the extensions of calls.
const (
	supported = "supported"
	required  = "required"
	none      = "off"
)

// sessionRows say which extensions of SIP a call speaks.
func sessionRows() []Setting {
	return []Setting{
		{
			Key: "100rel", Of: EachAccount, In: []string{control.SIP}, Value: "off|supported|required", Script: true, Example: supported,
			Help:  "whether ringing is acknowledged (RFC 3262, PRACK): where the other side requires it, never (off), or always (required), which refuses calls with those who cannot; supported by default",
			check: OneOf(none, supported, required), set: func(d *draft, v string) error {
				d.sip.Reliable = map[string]sip.Reliability{none: sip.ReliableNever, required: sip.ReliableAlways}[v]
				return nil
			},
			show: func(c phone.Config) string { return string(sipOf(c).Reliable) },
		},
		{
			Key: "session-timer", Of: EachAccount, In: []string{control.SIP}, Value: "off|supported|DURATION", Script: true, Example: supported,
			Help:  "session timer (RFC 4028), after which a call that nobody refreshes ends: as the other side wants it (supported), none (off), or one to ask for, 90s at least; supported by default",
			check: checkSessionTimer, set: setSessionTimer,
			show: func(c phone.Config) string {
				return word(sipOf(c).NoTimer, none) + short(sipOf(c).SessionTimer)
			},
		},
		{
			Key: "vq-report", Of: EachAccount, In: []string{control.SIP}, Value: "SIP-URI", Script: true, Guard: Way, Example: "sip:collector@example.com",
			Help:  "who gets a report of the quality of each call at its end, as a PUBLISH with application/vq-rtcpxr (RFC 6035): what this phone has measured and, where the far end sends RTCP XR, what that has; nobody by default",
			check: parsed(sip.ParseCollector), set: func(d *draft, v string) error { d.sip.Collector = v; return nil },
			show: func(c phone.Config) string { return sipOf(c).Collector },
		},
		{
			Key: "min-se", Of: EachAccount, In: []string{control.SIP}, Value: Duration, Script: true, Example: "90s", Help: "shortest session timer that a call is accepted with (Min-SE of RFC 4028); 90s by default",
			check: isDuration(sip.MinSession), set: func(d *draft, v string) (err error) { d.sip.MinSE, err = time.ParseDuration(v); return err },
			show: func(c phone.Config) string { return short(sipOf(c).MinSE) },
		},
	}
}

// sipOf is the SIP account of a phone; the zero value where it has another.
func sipOf(c phone.Config) sip.Config {
	a, _ := c.App.Account.(sip.Config)
	return a
}

func checkSessionTimer(v string) error {
	if v == supported || v == none {
		return nil
	}
	if err := isDuration(sip.MinSession)(v); err != nil {
		return fmt.Errorf("%w; or supported, or off", err)
	}
	return nil
}

func setSessionTimer(d *draft, v string) (err error) {
	d.sip.NoTimer, d.sip.SessionTimer = v == none, 0
	if v != none && v != supported {
		d.sip.SessionTimer, err = time.ParseDuration(v)
	}
	return err
}
