package device

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// Profile is the rules of one mobile system. Its fields are settings, each
// with the key under which a profile file and [Profile.With] know it. What
// each means, and where its number comes from, is said in assets/profiles;
// [Profile.Numbers] reads it back.
type Profile struct {
	// Name is the file's, and the era's behind an "@" if one was chosen.
	Name  string
	About string
	// Unfaithful lists the settings that no real system allowed.
	Unfaithful []string
	// Changed lists the settings that are not as the profile's file has them
	// for that era, KEY=VALUE each, as [Profile.With] was told.
	Changed []string
	// Choices lists the settings that no source settles, those first on which
	// most hangs.
	Choices []event.Choice

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
	BootUnlock     bool          `setting:"boot-unlock"`
	Relaunches     bool          `setting:"relaunches"`
	RelaunchDelay  time.Duration `setting:"relaunch-delay"`

	Marked           Marked        `setting:"marked"`
	WakeWindow       time.Duration `setting:"wake-window"`
	Rearm            bool          `setting:"rearm"`
	IdleSuspend      time.Duration `setting:"idle-suspend"` // 0: never
	WakeBudget       int           `setting:"wake-budget"`  // 0: no limit
	WakeBudgetPer    time.Duration `setting:"wake-budget-per"`
	FINCounts        bool          `setting:"fin-counts"`
	KeepAlive        bool          `setting:"keepalive"`
	KeepAliveMin     time.Duration `setting:"keepalive-min"`
	KeepAliveEarly   float64       `setting:"keepalive-early"` // share of the timeout, 0 to less than 1
	KeepAliveWindow  time.Duration `setting:"keepalive-window"`
	KeepAliveOverrun Overrun       `setting:"keepalive-overrun"`
	KeepAliveBug     bool          `setting:"keepalive-bug"`

	Push            bool          `setting:"push"`
	PushWindow      time.Duration `setting:"push-window"`
	PushLaunchMin   time.Duration `setting:"push-launch-min"`
	PushLaunchMax   time.Duration `setting:"push-launch-max"`
	PushReport      bool          `setting:"push-report"`
	PushReportLimit time.Duration `setting:"push-report-limit"`
	PushViolations  int           `setting:"push-violations"` // 0: never blocked
	PushBlockTime   time.Duration `setting:"push-block-time"` // 0: until it is lifted by hand
	CallScreen      bool          `setting:"call-screen"`
	CallScreenTime  time.Duration `setting:"call-screen-time"`
	RingWindow      time.Duration `setting:"ring-window"`

	ReclaimOnLock   bool          `setting:"reclaim-on-lock"`
	ReclaimAfter    time.Duration `setting:"reclaim-after"` // 0: never
	AudioRuns       bool          `setting:"audio-runs"`
	AudioByCall     bool          `setting:"audio-by-call"`
	AudioActivation time.Duration `setting:"audio-activation"`

	NotificationSettings
	DozeSettings

	keys    []string // of the settings that this profile has, in the file's order
	notes   map[string]Note
	open    map[string]string // what the settings say that the file has no source for
	allowed map[string]bounds
	eras    map[string][]field
}

// NotificationSettings are those of the tray.
type NotificationSettings struct {
	Notifications     bool          `setting:"notifications"`
	NotificationTime  time.Duration `setting:"notification-time"`
	NotificationsKept int           `setting:"notifications-kept"`
	SoundMax          time.Duration `setting:"sound-max"`
	DefaultSound      time.Duration `setting:"default-sound"`
}

// Marked is what the system does about a socket that is marked for VoIP.
type Marked string

// What became of a marked socket, from release to release.
const (
	Watched     Marked = "watched" // the system watches it
	Ignored     Marked = "ignored" // it is as any other socket
	KilledForIt Marked = "killed"  // marking one kills the app
)

// Overrun is what the system does about a keepalive handler that has not
// returned in time.
type Overrun string

// What becomes of an app whose handler takes too long.
const (
	SuspendOverrun Overrun = "suspend" // it is suspended, in the middle of it
	KillOverrun    Overrun = "kill"
)

// ownDefault is how sure a number is that nobody has published.
const ownDefault = "D"

// A Note is where a number comes from, and how sure that is: "A" a primary
// source, "B" a secondary one, "C" well known, "D" this emulator's own
// default, "" unsaid.
type Note struct{ Confidence, Source string }

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

// eraMark stands between the name of a profile and that of a release.
const eraMark = "@"

// Load returns a built-in profile: "ios-voip-socket", or of one release
// "ios-voip-socket@ios4".
func Load(name string) (Profile, error) {
	name, era, hasEra := strings.Cut(name, eraMark)
	if !slices.Contains(Names(), name) {
		return Profile{}, fmt.Errorf("no device profile %q%s (there are: %s)",
			name, words.DidYouMean(name, Names()), strings.Join(Names(), ", "))
	}
	built, err := builtIn()
	if err != nil {
		return Profile{}, err
	}
	p := built[name]
	p.Choices = slices.Clone(p.Choices) // it is exported, and so the caller's own
	if !hasEra {
		return p, nil
	}
	return p.With(map[string]string{eraKey: era}, true)
}

// builtIn reads the built-in profiles, once: scenarios ask for them again and
// again. All copies of one share its lists and maps, which nobody changes in
// place.
var builtIn = sync.OnceValues(func() (map[string]Profile, error) {
	profiles := map[string]Profile{}
	for _, name := range Names() {
		text, err := assets.Files.ReadFile("profiles/" + name + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("device profile %s: %w", name, err)
		}
		if profiles[name], err = parse(name, text); err != nil {
			return nil, err
		}
	}
	return profiles, nil
})

// PushService is the push service of the system, as RFC 8599 names it (apns,
// fcm); "" if it has none.
func (p Profile) PushService() string {
	switch {
	case p.Doze:
		return "fcm"
	case p.Push:
		return "apns"
	}
	return ""
}

// Window is how long a wake lets the app run: by push, where the system has
// push, else by the socket.
func (p Profile) Window() time.Duration {
	if p.Push {
		return p.PushWindow
	}
	return p.WakeWindow
}
