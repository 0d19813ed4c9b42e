package phone

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A Verb is one command, in the language that keys, the ":" prompt, standard
// input and the command log share.
type Verb struct {
	Spec *VerbSpec
	Arg  string
}

// String is the verb as it is written.
func (v Verb) String() string { return strings.TrimSpace(v.Spec.Name + " " + v.Arg) }

// A VerbSpec says what a verb is and does.
type VerbSpec struct {
	Name string // one or more words
	Args string // how the argument is written; empty: it takes none; in brackets: it can be left out
	Help string
	// do carries the verb out; nil where the shell does it (clock, quit).
	do func(h *Handset, now time.Time, arg string) ([]system.Call, error)
}

// Shell reports whether the shell carries the verb out, not the handset.
func (s *VerbSpec) Shell() bool { return s.do == nil }

// Verbs is every verb, in the order in which help shows them.
var Verbs = []*VerbSpec{
	{"background", "", "send the app to the background", act(device.Background{})},
	{"foreground", "", "open the app", act(device.Foreground{})},
	{"lock", "", "lock the screen", act(device.Lock{})},
	{"unlock", "", "unlock the screen", act(device.Unlock{})},
	{"kill", "", "force-quit the app, as the user does from the app switcher", act(device.ForceQuit{})},
	{"crash", "", "crash the app; the system starts it again", act(device.Crash{})},
	{"jetsam", "", "end the app because the system wants its memory", act(device.Jetsam{})},
	{"exit", "CODE", "have the app end itself; any code but 0 is a crash to the system", exit},
	{"reboot", "", "reboot the device", act(device.Reboot{})},
	{"reinstall", "", "replace the app by a fresh copy, with another push token", act(device.Reinstall{})},
	{"other app quit", "", "force-quit another app, which by a bug of iOS cancels the keepalive (keepalive-bug)", act(device.OtherAppQuit{})},
	{"token rotate", "", "have the push service replace the app's token", act(device.RotateToken{})},
	{"push reset", "", "deliver pushes again that were blocked because the app ignored some", act(device.ResetPush{})},
	{"do not disturb", "on|off", "silence the device: it shows no call", choose(map[string]device.Act{
		"on": device.DoNotDisturb{On: true}, "off": device.DoNotDisturb{},
	})},
	{"block caller", "SIP-URI|USER", "refuse the calls of somebody, as the user does in the settings", blockCaller(true)},
	{"unblock caller", "SIP-URI|USER", "accept them again", blockCaller(false)},
	{"machine sleep", "", "put the computer to sleep that the app runs on (desktop)", act(device.Sleep{})},
	{"machine wake", "", "wake it", act(device.Resume{})},
	{"screen off", "", "switch the screen of an Android device off, which locks it (adb shell input keyevent SLEEP)", act(device.Screen{})},
	{"screen on", "", "light its lock screen (adb shell input keyevent WAKEUP)", act(device.Screen{On: true})},
	{"motion", "", "move it (adb shell dumpsys deviceidle motion)", act(device.Motion{})},
	{"battery unplug", "", "take it off the charger (adb shell dumpsys battery unplug)", act(device.Charger{})},
	{"battery reset", "", "put it on the charger again (adb shell dumpsys battery reset)", act(device.Charger{On: true})},
	{"doze force-idle", "light|deep", "make it idle at once (adb shell dumpsys deviceidle force-idle light|deep)", choose(map[string]device.Act{
		"light": device.ForceIdle{}, "deep": device.ForceIdle{Deep: true},
	})},
	{"doze step", "light|deep", "take its idleness a step further (adb shell dumpsys deviceidle step light|deep)", choose(map[string]device.Act{
		"light": device.StepIdle{}, "deep": device.StepIdle{Deep: true},
	})},
	{"doze unforce", "", "end what was forced (adb shell dumpsys deviceidle unforce)", act(device.Unforce{})},
	{"doze get", "light|deep", "say how idle it is (adb shell dumpsys deviceidle get light|deep)", choose(map[string]device.Act{
		"light": device.GetIdle{}, "deep": device.GetIdle{Deep: true},
	})},
	{"doze allowlist", "on|off", "take the app on its battery allowlist, or off it (adb shell dumpsys deviceidle whitelist +PACKAGE|-PACKAGE)", choose(map[string]device.Act{
		"on": device.Allowlist{On: true}, "off": device.Allowlist{},
	})},
	{"standby", "active|working-set|frequent|rare|restricted", "put the app into a bucket (adb shell am set-standby-bucket PACKAGE BUCKET)", standby},
	{"standby inactive", "on|off", "call the app unused, the bucket rare, or used (adb shell am set-inactive PACKAGE true|false)", choose(map[string]device.Act{
		"on": device.Standby{Bucket: device.BucketRare}, "off": device.Standby{Bucket: device.BucketActive},
	})},
	{"force-stop", "", "stop the app until the user opens it: no push starts it (adb shell am force-stop PACKAGE)", act(device.ForceStop{})},
	{"push", "[KEY=VALUE ...]", "push to the app without a server; keys are name, from, call-id, priority=normal, or any other", pushByHand},
	{"call", "SIP-URI|USER", "call somebody", whenOpen(func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		return h.app.Call(now, arg)
	})},
	{"answer", "", "answer the ringing call: in the app, or from its notification", answer},
	{"answer from notification", "", "answer the ringing call from its notification", tap(system.Answer)},
	{"open notification", "", "tap the notification: opens the app, which still rings", tap(system.Open)},
	{"decline", "", "decline the ringing call: in the app, or from its notification", decline},
	{"hang up", "", "end the call", whenRunning(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Hangup(now)
	})},
	{"dtmf", "DIGITS", "send tones, such as 12#", whenRunning(func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		return h.app.DTMF(now, arg)
	})},
	{"mute", "", "mute the microphone", mute(true)},
	{"unmute", "", "let the microphone be heard again", mute(false)},
	{"hold", "", "put the call on hold", hold(true)},
	{"resume", "", "take the held call back", hold(false)},
	{"speak", "tone HZ|file PATH|silence", "send this sound instead of the microphone's", nil},
	{"register", "", "register with the server, or refresh", whenRunning(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Register(now), nil
	})},
	{"unregister", "", "remove the registration", whenRunning(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Unregister(now), nil
	})},
	{"strategy", "NAME", "put the app on another strategy, as an update of it would: the process ends and is launched anew", setStrategy},
	{"fault", "WHAT", "break the network, such as nat drop, network wifi -> cell, loss 5%, clear (all: sleeptalk help faults)", fault},
	{"clock", "xN|next", "run the device clock N times as fast, or jump to the next timer, while the app is suspended", nil},
	{"quit", "", "hang up, unregister and leave", nil},
}

// aliases are other ways to write a verb.
var aliases = map[string]string{
	"hangup": "hang up", "open": "foreground", "dial": "call", "force-quit": "kill",
}

// Errors of verbs.
var (
	ErrSuspended = errors.New("the app is suspended: nothing in it runs; open it first (foreground)")
	ErrDead      = errors.New("the app is not running; open it first (foreground)")
	ErrNotShown  = errors.New("the app is not on the screen; open it first (foreground)")
	ErrNoBanner  = errors.New("there is no incoming-call notification")
)

// ParseVerb reads one command. An error names the nearest verb.
func ParseVerb(line string) (Verb, error) {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return Verb{}, errors.New("no command")
	}
	spec, n := longest(fields)
	if full, ok := aliases[strings.ToLower(fields[0])]; ok && spec == nil {
		fields = append(strings.Fields(full), fields[1:]...)
		spec, n = longest(fields)
	}
	if spec == nil {
		return Verb{}, fmt.Errorf("unknown command %q%s", fields[0], words.DidYouMean(fields[0], verbNames()))
	}
	arg := strings.Join(fields[n:], " ")
	switch {
	case spec.Args == "" && arg != "":
		return Verb{}, fmt.Errorf("%s takes no argument, and %q was given", spec.Name, arg)
	case spec.Args != "" && arg == "" && !strings.HasPrefix(spec.Args, "["):
		return Verb{}, fmt.Errorf("%s needs an argument: %s %s", spec.Name, spec.Name, spec.Args)
	case spec.Name == "fault": // the only verb with a language of its own behind it
		if _, err := link.Parse(fields[n:]); err != nil {
			return Verb{}, fmt.Errorf("fault: %w", err)
		}
	}
	if known := spec.choices(); known != nil && !slices.Contains(known, arg) {
		return Verb{}, fmt.Errorf("%s knows no %q%s (there are: %s)", spec.Name, arg, words.DidYouMean(arg, known), strings.Join(known, ", "))
	}
	return Verb{Spec: spec, Arg: arg}, nil
}

// choices are the words of which the argument must be one; nil if it is free.
func (s *VerbSpec) choices() []string {
	if s.Args == "" || strings.Trim(s.Args, "abcdefghijklmnopqrstuvwxyz-|") != "" {
		return nil
	}
	return strings.Split(s.Args, "|")
}

// longest finds the verb with the most words at the start of a line.
func longest(fields []string) (best *VerbSpec, n int) {
	for _, spec := range Verbs {
		name := strings.Fields(spec.Name)
		if len(name) > n && len(name) <= len(fields) && slices.EqualFunc(name, fields[:len(name)], strings.EqualFold) {
			best, n = spec, len(name)
		}
	}
	return best, n
}

func verbNames() []string {
	names := make([]string, 0, len(Verbs)+len(aliases))
	for _, spec := range Verbs {
		names = append(names, spec.Name)
	}
	for alias := range aliases {
		names = append(names, alias)
	}
	slices.Sort(names)
	return names
}

// Do carries out a verb at now. Verbs of the shell are an error here.
func (h *Handset) Do(now time.Time, v Verb) ([]system.Call, error) {
	if v.Spec.Shell() {
		return nil, fmt.Errorf("%s is not for a handset", v.Spec.Name)
	}
	calls, err := v.Spec.do(h, now, v.Arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.Spec.Name, err)
	}
	h.calls(calls)
	h.settle(now, device.Output{})
	return h.take(), nil
}

// Speak sends another sound than the microphone's; open makes a source that
// starts at its beginning.
func (h *Handset) Speak(open func() pcm.Source) error {
	if err := h.mustRun(); err != nil {
		return err
	}
	h.app.Speak(open)
	return nil
}

// Shutdown ends the calls, unregisters and ends the process. A suspended app
// is brought to the foreground for it, as a user would who signs off.
func (h *Handset) Shutdown(now time.Time) []system.Call {
	if !h.runs() && h.app != nil {
		h.settle(now, h.device.Do(now, device.Foreground{}))
	}
	if h.app != nil {
		h.calls(h.app.Shutdown(now))
		h.settle(now, device.Output{})
	}
	return h.take()
}

// Down reports whether the app's process has ended.
func (h *Handset) Down() bool { return h.app == nil }

type verbFunc = func(h *Handset, now time.Time, arg string) ([]system.Call, error)

// act is a verb that the device carries out.
func act(a device.Act) verbFunc {
	return func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		h.settle(now, h.device.Do(now, a))
		return nil, nil
	}
}

// exit has the app end itself.
func exit(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	code, err := strconv.ParseUint(arg, 10, 8)
	if err != nil {
		return nil, fmt.Errorf("%q is no exit code: 0 to 255", arg)
	}
	return act(device.Exit{Code: int(code)})(h, now, arg)
}

func blockCaller(on bool) verbFunc {
	return func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		return act(device.BlockCaller{Who: arg, On: on})(h, now, arg)
	}
}

// choose is a verb whose argument says what the device is to do.
func choose(acts map[string]device.Act) verbFunc {
	return func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		return act(acts[arg])(h, now, "")
	}
}

func standby(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	return act(device.Standby{Bucket: device.Bucket(arg)})(h, now, "")
}

// whenRunning is a verb for an app that runs, on the screen or not.
func whenRunning(do verbFunc) verbFunc {
	return func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		if err := h.mustRun(); err != nil {
			return nil, err
		}
		return do(h, now, arg)
	}
}

// whenOpen is a verb for an app that is on the screen.
func whenOpen(do verbFunc) verbFunc {
	return whenRunning(func(h *Handset, now time.Time, arg string) ([]system.Call, error) {
		if h.State() != "foreground" {
			return nil, ErrNotShown
		}
		return do(h, now, arg)
	})
}

func (h *Handset) mustRun() error {
	switch {
	case h.app == nil:
		return ErrDead
	case !h.device.Running():
		return ErrSuspended
	}
	return nil
}

// setStrategy has the app stay reachable in another way from its next launch
// on, which is now.
func setStrategy(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	s, err := app.ParseStrategy(arg)
	if err != nil {
		return nil, err
	}
	before := h.cfg.App.Strategy
	h.cfg.App.Strategy = s
	if _, err := h.process(); err != nil {
		h.cfg.App.Strategy = before
		return nil, err
	}
	h.started()
	h.settle(now, h.device.Do(now, device.Update{}))
	return nil, nil
}

// fault breaks the network, whether the app runs or not.
func fault(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	f, err := link.Parse(strings.Fields(arg))
	if err != nil { // ParseVerb has looked
		return nil, err
	}
	return nil, h.fault(now, f)
}

// tap is a verb on the notification of an incoming call.
func tap(action system.Action) verbFunc {
	return func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		id, ok := h.device.Banner()
		if !ok {
			return nil, ErrNoBanner
		}
		h.settle(now, h.device.Do(now, device.Tap{ID: id, Action: action}))
		return nil, nil
	}
}

// answer answers in the app if it is on the screen, else from the
// notification.
func answer(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	if _, ok := h.device.Banner(); ok {
		return tap(system.Answer)(h, now, arg)
	}
	return whenOpen(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Answer(now)
	})(h, now, arg)
}

func decline(h *Handset, now time.Time, arg string) ([]system.Call, error) {
	if _, ok := h.device.Banner(); ok {
		return tap(system.Decline)(h, now, arg)
	}
	return whenOpen(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Decline(now)
	})(h, now, arg)
}

func mute(on bool) verbFunc {
	return whenRunning(func(h *Handset, _ time.Time, _ string) ([]system.Call, error) {
		return h.app.Mute(on)
	})
}

func hold(on bool) verbFunc {
	return whenRunning(func(h *Handset, now time.Time, _ string) ([]system.Call, error) {
		return h.app.Hold(now, on)
	})
}
