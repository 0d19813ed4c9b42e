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

// Profile is the rules of one mobile system. Its fields are settings that more
// than one family has, and own holds those of its family: each
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

	LifeSettings
	WakeSettings
	NotificationSettings

	// family is the name of the family, own its own settings.
	family string
	own    settings

	keys    []string // of the settings that this profile has, in the file's order
	notes   map[string]Note
	open    map[string]string // what the settings say that the file has no source for
	allowed map[string]bounds
	eras    map[string][]field
	order   []string // of the eras in the file
}

// LifeSettings say how long an app runs that nobody looks at.
type LifeSettings struct {
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
	ReclaimOnLock  bool          `setting:"reclaim-on-lock"`
	ReclaimAfter   time.Duration `setting:"reclaim-after"` // 0: never
	AudioRuns      bool          `setting:"audio-runs"`
	AudioByCall    bool          `setting:"audio-by-call"`
}

// WakeSettings say what wakes a suspended app, and for how long.
type WakeSettings struct {
	Marked          Marked        `setting:"marked"`
	WakeWindow      time.Duration `setting:"wake-window"`
	Rearm           bool          `setting:"rearm"`
	IdleSuspend     time.Duration `setting:"idle-suspend"` // 0: never
	PushWindow      time.Duration `setting:"push-window"`
	KeepAlive       bool          `setting:"keepalive"`
	KeepAliveMin    time.Duration `setting:"keepalive-min"`
	KeepAliveEarly  float64       `setting:"keepalive-early"` // share of the timeout, 0 to less than 1
	KeepAliveWindow time.Duration `setting:"keepalive-window"`
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
func (p Profile) PushService() string { return p.own.pushService() }

// Window is how long a wake lets the app run: by push, where the system has
// PushKit, else by the socket.
func (p Profile) Window() time.Duration { return p.own.window(&p) }

// Budget is how many wakes by socket the system allows in so long; 0: it does
// not count them.
func (p Profile) Budget() (wakes int, per time.Duration) {
	if b := p.own.newBudget(); b != nil {
		return b.limit, b.per
	}
	return 0, 0
}
