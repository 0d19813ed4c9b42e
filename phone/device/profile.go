package device

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"sleeptalk/assets"
	"sleeptalk/phone/words"
)

// Profile is the rules of one mobile system. Its fields are settings, each
// with the key under which a profile file and [Profile.With] know it. What
// each means, and where its number comes from, is said in
// assets/profiles/ios-voip-socket.yaml.
type Profile struct {
	Name  string
	About string
	// Unfaithful lists the settings that no real system allowed.
	Unfaithful []string
	// Changed lists the settings that are not as the profile's file has them,
	// KEY=VALUE each, as [Profile.With] was told, the era first.
	Changed []string

	Suspends       bool          `setting:"suspends"`
	EntryLimit     time.Duration `setting:"entry-limit"`
	Grace          time.Duration `setting:"grace"`
	TaskBudget     time.Duration `setting:"task-budget"`
	TaskWarning    time.Duration `setting:"task-warning"`
	Settle         time.Duration `setting:"settle"`
	AudioGrace     time.Duration `setting:"audio-grace"`
	LaunchLimit    time.Duration `setting:"launch-limit"`
	LaunchesAtBoot bool          `setting:"launches-at-boot"`
	BootDelay      time.Duration `setting:"boot-delay"`
	Relaunches     bool          `setting:"relaunches"`
	RelaunchDelay  time.Duration `setting:"relaunch-delay"`

	Marked          Marked        `setting:"marked"`
	WakeWindow      time.Duration `setting:"wake-window"`
	Rearm           bool          `setting:"rearm"`
	IdleSuspend     time.Duration `setting:"idle-suspend"` // 0: never
	WakeBudget      int           `setting:"wake-budget"`  // 0: no limit
	WakeBudgetPer   time.Duration `setting:"wake-budget-per"`
	KeepAlive       bool          `setting:"keepalive"`
	KeepAliveMin    time.Duration `setting:"keepalive-min"`
	KeepAliveEarly  float64       `setting:"keepalive-early"` // share of the timeout, 0 to less than 1
	KeepAliveWindow time.Duration `setting:"keepalive-window"`
	KeepAliveBug    bool          `setting:"keepalive-bug"`

	ReclaimOnLock bool          `setting:"reclaim-on-lock"`
	ReclaimAfter  time.Duration `setting:"reclaim-after"` // 0: never
	AudioRuns     bool          `setting:"audio-runs"`

	Notifications     bool          `setting:"notifications"`
	NotificationTime  time.Duration `setting:"notification-time"`
	NotificationsKept int           `setting:"notifications-kept"`
	SoundMax          time.Duration `setting:"sound-max"`
	DefaultSound      time.Duration `setting:"default-sound"`

	DozeSettings

	keys    []string // of the settings that this profile has, in order
	allowed map[string]bounds
	eras    map[string]map[string]string
}

// Marked is what the system does about a socket that is marked for VoIP.
type Marked string

// What became of a marked socket, from release to release.
const (
	Watched     Marked = "watched" // the system watches it
	Ignored     Marked = "ignored" // it is as any other socket
	KilledForIt Marked = "killed"  // marking one kills the app
)

// bounds is how far a setting may go before no real system allowed it.
type bounds struct {
	Min string `yaml:"min"`
	Max string `yaml:"max"`
}

// file is a profile as it is written.
type file struct {
	About    string                       `yaml:"about"`
	Settings map[string]string            `yaml:"settings"`
	Allowed  map[string]bounds            `yaml:"allowed"`
	Eras     map[string]map[string]string `yaml:"eras"`
}

// Names lists the built-in profiles.
func Names() []string {
	files, err := fs.Glob(assets.Files, "profiles/*.yaml")
	if err != nil { // only for a malformed pattern
		panic(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Load returns a built-in profile.
func Load(name string) (Profile, error) {
	if !slices.Contains(Names(), name) {
		return Profile{}, fmt.Errorf("no device profile %q%s (there are: %s)",
			name, words.DidYouMean(name, Names()), strings.Join(Names(), ", "))
	}
	text, err := assets.Files.ReadFile("profiles/" + name + ".yaml")
	if err != nil {
		return Profile{}, fmt.Errorf("device profile %s: %w", name, err)
	}
	return parse(name, text)
}

// parse reads a profile file. An unknown key, or a number that cannot be, is
// an error.
func parse(name string, text []byte) (Profile, error) {
	var f file
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		return Profile{}, fmt.Errorf("device profile %s: %w", name, err)
	}
	p := Profile{Name: name, About: f.About, allowed: f.Allowed, eras: f.Eras}
	p.keys = slices.Sorted(maps.Keys(f.Settings))
	for _, key := range p.keys {
		if err := p.set(key, f.Settings[key]); err != nil {
			return Profile{}, fmt.Errorf("device profile %s: %w", name, err)
		}
	}
	if err := p.checkFile(); err != nil {
		return Profile{}, fmt.Errorf("device profile %s: %w", name, err)
	}
	return p, nil
}

// checkFile checks all that a file says.
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
		{p.Suspends && p.LaunchLimit <= 0, "launch-limit must be more than 0"},
		{p.Suspends && p.WakeWindow <= 0, "wake-window must be more than 0"},
		{p.Suspends && p.KeepAliveWindow <= 0, "keepalive-window must be more than 0"},
		{p.Suspends && p.WakeBudget > 0 && p.WakeBudgetPer <= 0, "wake-budget-per must be more than 0"},
		{p.computer() && (p.Relaunches || p.LaunchesAtBoot), "only a system that suspends launches apps in the background"},
		{p.KeepAlive && p.KeepAliveMin <= 0, "keepalive-min must be more than 0"},
		{p.KeepAliveEarly >= 1, "keepalive-early is a share of the timeout: it must be less than 1"},
		{p.Suspends && p.TaskBudget <= 0, "task-budget must be more than 0"},
		{p.Suspends && p.TaskWarning >= p.TaskBudget, "task-warning must be less than task-budget"},
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
