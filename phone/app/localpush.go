package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// LocalPush is woken by a push that never leaves the building: the app's [Provider], a
// process of its own, holds a connection to the server for as long as the phone is on a
// Wi-Fi of the app's. It is the heir of the VoIP socket, where no internet is.
const LocalPush Strategy = event.LocalPush

func localPushPlan() plan {
	return plan{
		Traits{
			Name: LocalPush, Help: "holds nothing itself; a provider apart from it keeps a connection while on a Wi-Fi that it names (iOS 14)",
			WakeServer: true, Expires: pushExpires,
		},
		func(e env) strategy { return newLocalPushing(e) },
	}
}

// Provided is how an app with the strategy local-push has set up its provider.
type Provided struct {
	// MatchSSIDs are the names of the Wi-Fi networks on which the provider is to run; [system.UsualWiFi] if
	// there are none.
	MatchSSIDs []string
	// Unentitled is an app that was signed without the entitlement app-push-provider.
	Unentitled bool
}

const (
	// maxSSID is how many bytes the name of a Wi-Fi has at most (IEEE 802.11, 9.4.2.2).
	maxSSID = 32
	// maxSSIDs bounds how many an app names: our own number.
	maxSSIDs = 10
)

func (p Provided) ssids() []string {
	if len(p.MatchSSIDs) == 0 {
		return []string{system.UsualWiFi}
	}
	return p.MatchSSIDs
}

// ParseSSIDs reads a list of names, with commas between them.
func ParseSSIDs(s string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		if err := CheckSSID(name); err != nil {
			return nil, err
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxSSIDs {
		return nil, fmt.Errorf("%d names of Wi-Fi networks; at most %d", len(names), maxSSIDs)
	}
	return names, nil
}

// CheckSSID refuses what is no name of a Wi-Fi that can be shown.
func CheckSSID(name string) error {
	switch {
	case name == "":
		return errors.New("the name of a Wi-Fi is empty")
	case len(name) > maxSSID:
		return fmt.Errorf("the name of a Wi-Fi has %d bytes; at most %d", len(name), maxSSID)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%q has a character that is not printable", name)
	}
	return nil
}

// errLocalPush is local push with a protocol in which a server is not told of pushes.
var errLocalPush = errors.New("the strategy local-push is for SIP, by which the phone tells its server of the provider (RFC 8599)")

// localPushing is the strategy of that name: that of pushes, brought by the app's own
// provider instead of a push service.
//
//	Launched ─▶ saveToPreferences ─▶ the system runs the provider ─▶ REGISTER pn-provider=localpush
type localPushing struct {
	*pushing
	save system.SaveAppPush
}

func newLocalPushing(e env) *localPushing {
	e.cfg.Push.Provider = push.Local
	return &localPushing{newPushing(e), system.SaveAppPush{MatchSSIDs: e.cfg.Provided.ssids(), Server: e.cfg.WakeServer}}
}

func (l *localPushing) receive(now time.Time, s system.Signal) bool {
	if _, ok := s.(system.Launched); ok {
		l.out.ask(l.save)
		return false
	}
	return l.pushing.receive(now, s)
}

// checkLocal refuses accounts that cannot be reached by local push.
func (c Config) checkLocal() error {
	for _, a := range c.Accounts() {
		if c.Strategy == LocalPush && a.Account.Identity().Protocol != control.SIP {
			return errLocalPush
		}
	}
	return nil
}
