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
	rules := []sanity{
		{p.NotificationTime <= 0, "notification-time must be more than 0"},
		{p.NotificationsKept <= 0, "notifications-kept must be more than 0"},
		{p.Suspends && p.EntryLimit <= 0, "entry-limit must be more than 0"},
		{p.launchesApps() && p.LaunchLimit <= 0, "launch-limit must be more than 0"},
		{p.Marked == Watched && p.WakeWindow <= 0, "wake-window must be more than 0"},
		{p.KeepAlive && p.KeepAliveWindow <= 0, "keepalive-window must be more than 0"},
		{p.WakeBudget > 0 && p.WakeBudgetPer <= 0, "wake-budget-per must be more than 0"},
		{p.computer() && p.launchesApps(), "only a system that suspends launches apps in the background"},
		{p.KeepAlive && p.KeepAliveMin <= 0, "keepalive-min must be more than 0"},
		{p.KeepAliveEarly >= 1, "keepalive-early is a share of the timeout: it must be less than 1"},
		{p.Suspends && p.TaskBudget <= 0, "task-budget must be more than 0"},
		{p.Suspends && p.TaskWarning >= p.TaskBudget, "task-warning must be less than task-budget"},
		{(p.Push || p.CallScreen) && p.PushWindow <= 0, "push-window must be more than 0"},
		{p.PushLaunchMax < p.PushLaunchMin, "push-launch-max must be no less than push-launch-min"},
		{p.PushReport && p.PushReportLimit <= 0, "push-report-limit must be more than 0"},
		{p.PushReport && !p.CallScreen, "push-report needs a call-screen to report to"},
		{p.CallScreen && p.CallScreenTime <= 0, "call-screen-time must be more than 0"},
	}
	if p.Doze {
		rules = append(p.dozeRules(), rules...)
	}
	for _, r := range rules {
		if r.broken {
			return errors.New(r.text)
		}
	}
	return nil
}

// launchesApps reports whether the system starts a process of its own accord.
func (p *Profile) launchesApps() bool { return p.Relaunches || p.LaunchesAtBoot }

// computer reports whether only the machine's own sleep stops an app.
func (p *Profile) computer() bool { return !p.Suspends && !p.Doze }
