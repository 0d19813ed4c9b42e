package setup

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
)

// A LabSetting is one row of the table of the lab's settings: a KEY=VALUE of
// "use lab".
type LabSetting struct {
	Key, Value, Help string
	// Rule marks a rule of the lab's push service: see [push.Settings].
	Rule bool

	check func(value string) error
	set   func(d *labDraft, value string) error
}

// A labDraft is a lab and its push service while their settings are taken in.
type labDraft struct {
	lab  lab.Config
	push push.Config
}

// Check refuses a value that cannot be.
func (s LabSetting) Check(value string) error {
	if s.check == nil {
		return nil
	}
	return s.check(value)
}

// domainKey is the one setting of the lab that the log has elsewhere.
const domainKey = "domain"

// LabSettings lists the table.
func LabSettings() []LabSetting { return slices.Clone(labTable()) }

var labTable = sync.OnceValue(func() []LabSetting {
	rows := []LabSetting{
		{domainKey, "NAME", "the domain of the addresses; " + lab.DefaultDomain + " by default", false, nil, func(d *labDraft, v string) error { d.lab.Domain = v; return nil }},
		{"ip", "4|6", "the version of IP by which the lab is reached, and everybody speaks; 4 by default", false, OneOf("4", "6"), func(d *labDraft, v string) error { d.lab.IPv6 = v == "6"; return nil }},
		{"algorithm", "NAME[,NAME…]", "the digest algorithms to offer, best first: " + strings.Join(digest.Algorithms(), ", ") + "; MD5 by default", false, algorithms, func(d *labDraft, v string) error { d.lab.Algorithms = strings.Split(v, ","); return nil }},
		{"qop", strings.Join(qopNames[:], "|"), "what the digest protects: auth by default, auth-int the body too, none is a server of RFC 2069", false, OneOf(qopNames[:]...), setQOP},
		{"auth-info", strings.Join(informNames[:], "|"), "what a 200 to REGISTER says of the credentials (Authentication-Info, RFC 7616 §3.5): that the lab knows the password, too, the next nonce, or both; off by default", false, OneOf(informNames[:]...), setInform},
		labSwitch("userhash", "on has phones send their name as a hash (RFC 7616 §3.4.4); off by default", "on", func(c *lab.Config) *bool { return &c.UserHash }),
		labSwitch("auth", "on asks the lab's accounts for their password when they ask anything of somebody, too (407), and refuses a forged From; guests may call. off asks for it at a REGISTER alone", "off", func(c *lab.Config) *bool { return &c.NoAuth }),
		{"srtp", strings.Join(sdp.Policies(), "|"), "of the robots: " + srtpHelp, false, parsed(sdp.ParsePolicy), func(d *labDraft, v string) (err error) { d.lab.SRTP, err = sdp.ParsePolicy(v); return err }},
		{"srtp-keys", strings.Join(srtp.Keyings(), "|"), "of the robots: " + srtpKeysHelp, false, parsed(parseKeying), func(d *labDraft, v string) (err error) { d.lab.DTLS, err = parseKeying(v); return err }},
		labTime("nonce-life", "how long a nonce is good for", func(c *lab.Config) *time.Duration { return &c.NonceLife }),
		labTime("min-expires", "the shortest registration", func(c *lab.Config) *time.Duration { return &c.MinExpires }),
		labTime("max-expires", "the longest registration", func(c *lab.Config) *time.Duration { return &c.MaxExpires }),
		labTime("ping-every", "how often the lab pings each connection", func(c *lab.Config) *time.Duration { return &c.PingEvery }),
		labTime("flow-timer", "the time within which phones are told to ping (RFC 5626 §4.4.1)", func(c *lab.Config) *time.Duration { return &c.FlowTimer }),
		{"wake-wait", Duration, "how long an INVITE waits after the wake line of a wake socket", false, isDuration(0), func(d *labDraft, v string) (err error) { d.lab.WakeWait, err = time.ParseDuration(v); return err }},
		labSwitch("push", "off pushes to nobody", "off", func(c *lab.Config) *bool { return &c.NoPush }),
		labSwitch("push-cancel", "on pushes once more when a call that was pushed for is over before the phone has registered; off by default", "on", func(c *lab.Config) *bool { return &c.PushCancel }),
		labSwitch("push-cancel-background", "on has that be a background push (APNs, priority 5), which may overtake the one for the call; off by default", "on", func(c *lab.Config) *bool { return &c.PushCancelBackground }),
		labTime("push-wait", "how long an INVITE is held for a phone that was pushed to; 30s by default (OpenSIPS has 6s, an Asterisk dial plan in the wild 8s, Flexisip 90s)", func(c *lab.Config) *time.Duration { return &c.PushWait }),
		labOptional("push-ttl", "how long a push may take (apns-expiration); 0s has it tried once; as long as push-wait by default", func(c *lab.Config) *lab.Optional { return &c.PushTTL }),
		labOptional("push-refresh", "how long before its end a registration is refreshed by a push; 120s by default (RFC 8599 §5.5), 0s is never", func(c *lab.Config) *lab.Optional { return &c.PushRefresh }),
	}
	for _, r := range push.Settings {
		rows = append(rows, LabSetting{PushRule + r.Key, r.Value, r.Help, true, r.Check, func(d *labDraft, v string) error { return d.push.Set(r.Key, v) }})
	}
	return rows
})

// PushRule begins the settings of the lab that are rules of its push service.
const PushRule = "push-"

// algorithms checks a list of digest algorithms.
func algorithms(value string) error {
	for name := range strings.SplitSeq(value, ",") {
		if err := OneOf(digest.Algorithms()...)(name); err != nil {
			return err
		}
	}
	return nil
}

// qopNames are what a digest may protect (RFC 7616 §3.3).
var qopNames = [...]string{"auth", "auth-int", "both", "none"}

func setQOP(d *labDraft, v string) error {
	d.lab.QOP = map[string][]string{"auth": {"auth"}, "auth-int": {"auth-int"}, "both": {"auth", "auth-int"}, "none": {}}[v]
	return nil
}

// informNames are what a registrar may say of credentials that it has accepted.
var informNames = [...]string{"off", "rspauth", "nextnonce", "both"}

func setInform(d *labDraft, v string) error {
	d.lab.Inform = lab.Inform{RspAuth: v == "rspauth" || v == "both", NextNonce: v == "nextnonce" || v == "both"}
	return nil
}

// labSwitch is on or off, one of which sets something.
func labSwitch(key, help, sets string, at func(*lab.Config) *bool) LabSetting {
	return LabSetting{key, "on|off", help, false, OneOf("on", "off"), func(d *labDraft, v string) error {
		*at(&d.lab) = v == sets
		return nil
	}}
}

// labTime is a length of time, which is something.
func labTime(key, help string, at func(*lab.Config) *time.Duration) LabSetting {
	return LabSetting{key, Duration, help, false, isDuration(1), func(d *labDraft, v string) (err error) {
		*at(&d.lab), err = time.ParseDuration(v)
		return err
	}}
}

// labOptional is a length of time of which nothing means something, too.
func labOptional(key, help string, at func(*lab.Config) *lab.Optional) LabSetting {
	return LabSetting{key, OptionalDuration, help, false, isDuration(0), func(d *labDraft, v string) error {
		length, err := time.ParseDuration(v)
		*at(&d.lab) = lab.Exactly(length)
		return err
	}}
}

// Lab makes a lab and its push service of their settings; it has no addresses,
// and nobody in it.
func Lab(v Values) (lab.Config, push.Config, error) {
	var d labDraft
	for _, s := range labTable() {
		value := v[s.Key]
		if value == "" {
			continue
		}
		err := s.Check(value)
		if err == nil {
			err = s.set(&d, value)
		}
		if err != nil {
			return d.lab, d.push, fmt.Errorf("%s: %w", s.Key, err)
		}
		if s.Key != domainKey {
			d.lab.Settings = append(d.lab.Settings, s.Key+"="+value)
		}
	}
	return d.lab, d.push, nil
}
