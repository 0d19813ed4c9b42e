package device

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// checkFile checks all that a built-in profile says.
func (p *Profile) checkFile() error {
	for _, key := range slices.Sorted(maps.Keys(p.allowed)) {
		if !slices.Contains(p.keys, key) {
			return fmt.Errorf("allowed: no setting %q%s", key, words.DidYouMean(key, p.keys))
		}
		if _, _, err := p.outside(key); err != nil {
			return fmt.Errorf("allowed: %w", err)
		}
	}
	for _, era := range p.Eras() {
		q := *p
		if err := q.setEra(era); err != nil {
			return err
		}
		if err := q.check(); err != nil {
			return fmt.Errorf("era %s: %w", era, err)
		}
	}
	return p.check()
}

// sanity is a rule that a profile's numbers must keep.
type sanity struct {
	broken bool
	text   string
}

// check finds the numbers that cannot be.
func (p *Profile) check() error {
	rules := append(p.own.rules(p), []sanity{
		{p.NotificationTime <= 0, "notification-time must be more than 0"},
		{p.NotificationsKept <= 0, "notifications-kept must be more than 0"},
		{p.Marked == Watched && p.WakeWindow <= 0, "wake-window must be more than 0"},
		{p.KeepAlive && p.KeepAliveWindow <= 0, "keepalive-window must be more than 0"},
		{p.KeepAlive && p.KeepAliveMin <= 0, "keepalive-min must be more than 0"},
		{p.KeepAliveEarly >= 1, "keepalive-early is a share of the timeout: it must be less than 1"},
	}...)
	for _, r := range rules {
		if r.broken {
			return errors.New(r.text)
		}
	}
	return nil
}

// launchesApps reports whether the system starts a process of its own accord.
func (p *Profile) launchesApps() bool { return p.Relaunches || p.LaunchesAtBoot }

// computerRule is that of a system that suspends no app.
func (p *Profile) computerRule() sanity {
	return sanity{!p.Suspends && p.launchesApps(), "only a system that suspends launches apps in the background"}
}
