package phone

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// doers are what a handset does for each verb of a phone that is not the
// stage's: see [verb.Specs].
var doers = map[string]verbFunc{
	"background":     act(device.Background{}),
	"foreground":     act(device.Foreground{}),
	"lock":           act(device.Lock{}),
	"unlock":         act(device.Unlock{}),
	"kill":           act(device.ForceQuit{}),
	"crash":          act(device.Crash{}),
	"jetsam":         act(device.Jetsam{}),
	"exit":           exit,
	"reboot":         act(device.Reboot{}),
	"reinstall":      act(device.Reinstall{}),
	"other app quit": act(device.OtherAppQuit{}),
	"token rotate":   act(device.RotateToken{}),
	"push reset":     act(device.ResetPush{}),
	"do not disturb": choose(map[string]device.Act{
		"on": device.DoNotDisturb{On: true}, "off": device.DoNotDisturb{},
	}),
	"block caller":   blockCaller(true),
	"unblock caller": blockCaller(false),
	"machine sleep":  act(device.Sleep{}),
	"machine wake":   act(device.Resume{}),
	"screen off":     act(device.Screen{}),
	"screen on":      act(device.Screen{On: true}),
	"motion":         act(device.Motion{}),
	"battery unplug": act(device.Charger{}),
	"battery reset":  act(device.Charger{On: true}),
	"doze force-idle": choose(map[string]device.Act{
		"light": device.ForceIdle{}, "deep": device.ForceIdle{Deep: true},
	}),
	"doze step": choose(map[string]device.Act{
		"light": device.StepIdle{}, "deep": device.StepIdle{Deep: true},
	}),
	"doze unforce": act(device.Unforce{}),
	"doze get": choose(map[string]device.Act{
		"light": device.GetIdle{}, "deep": device.GetIdle{Deep: true},
	}),
	"doze allowlist": choose(map[string]device.Act{
		"on": device.Allowlist{On: true}, "off": device.Allowlist{},
	}),
	"standby": standby,
	"standby inactive": choose(map[string]device.Act{
		"on": device.Standby{Bucket: device.BucketRare}, "off": device.Standby{Bucket: device.BucketActive},
	}),
	"distributor sleep": act(device.Distributor{Sleeps: true}),
	"distributor wake":  act(device.Distributor{}),
	"force-stop":        act(device.ForceStop{}),
	"push":              pushByHand,
	"call": whenOpen(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Call(now, line.Account, line.Arg())
	}),
	"answer":                   answer,
	"answer from notification": tap(system.Answer),
	"open notification":        tap(system.Open),
	"decline":                  decline,
	"hang up": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Hangup(now, line.Call)
	}),
	"dtmf": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.DTMF(now, line.Arg())
	}),
	"mute":   mute(true),
	"unmute": mute(false),
	"hold":   hold(true),
	"resume": hold(false),
	"swap": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Swap(now, line.Call)
	}),
	"transfer": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Transfer(now, line.Call, line.To)
	}),
	"transfer to call": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.TransferTo(now, line.Call)
	}),
	"attended transfer": whenRunning(func(h *Handset, now time.Time, _ verb.Line) ([]system.Effect, error) {
		return h.app.AttendedTransfer(now)
	}),
	"accept transfer": whenRunning(func(h *Handset, now time.Time, _ verb.Line) ([]system.Effect, error) {
		return h.app.AcceptTransfer(now)
	}),
	"refuse transfer": whenRunning(func(h *Handset, now time.Time, _ verb.Line) ([]system.Effect, error) {
		return h.app.RefuseTransfer(now)
	}),
	"register": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Register(now, line.Account)
	}),
	"unregister": whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Unregister(now, line.Account)
	}),
	"text": tell(func(l verb.Line) control.Order { return control.SendText{To: l.Args[0], Text: l.Args[1]} }),
	"respond": tell(func(l verb.Line) control.Order {
		if l.Forced.Normally {
			return control.Unforce{Method: l.Forced.Method}
		}
		return control.Force{Method: l.Forced.Method, Status: l.Forced.Status, RetryAfter: l.Forced.Retry, After: l.Forced.After, Times: l.Forced.Times}
	}),
	"subscribe": tell(func(l verb.Line) control.Order {
		return control.Subscribe{Package: l.Watch.Package, To: l.Watch.To, For: l.Watch.For}
	}),
	"unsubscribe": tell(func(l verb.Line) control.Order {
		return control.Unsubscribe{Package: l.Watch.Package, To: l.Watch.To}
	}),
	"publish": tell(func(l verb.Line) control.Order {
		return control.Publish{Basic: l.Presence.Basic, Note: l.Presence.Note}
	}),
	"header": tell(func(l verb.Line) control.Order {
		return control.AddHeader{On: l.Header.On, Name: l.Header.Name, Value: l.Header.Value}
	}),
	"strategy": setStrategy,
	"set":      set,
	"fault":    fault,
}

// Errors of verbs.
var (
	ErrSuspended = errors.New("the app is suspended: nothing in it runs; open it first (foreground)")
	ErrDead      = errors.New("the app is not running; open it first (foreground)")
	ErrNotShown  = errors.New("the app is not on the screen; open it first (foreground)")
	ErrNoBanner  = errors.New("there is no incoming-call notification")
)

// Do carries out a verb at now. Those that the stage carries out, such as
// "clock", are an error here.
func (h *Handset) Do(now time.Time, line verb.Line) ([]system.Effect, error) {
	do := doers[line.Name()]
	if do == nil {
		return nil, fmt.Errorf("%s is not for a handset", line.Name())
	}
	effects, err := do(h, now, line)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", line.Name(), err)
	}
	h.calls(effects)
	h.settle(now, device.Output{})
	return h.take(), nil
}

// Speak sends another sound than the microphone's; open makes a source that
// starts at its beginning.
func (h *Handset) Speak(open pcm.Opener) error {
	if err := h.mustRun(); err != nil {
		return err
	}
	h.app.Speak(open)
	return nil
}

// Shutdown ends the calls, unregisters and ends the process. A suspended app
// is let run for it: nobody has opened it, this program ends.
func (h *Handset) Shutdown(now time.Time) []system.Effect {
	if !h.runs() && h.app != nil {
		h.settle(now, h.device.Do(now, device.Quit{}))
	}
	if h.app != nil {
		h.calls(h.app.Shutdown(now))
		h.settle(now, device.Output{})
	}
	return h.take()
}

// Down reports whether the app's process has ended.
func (h *Handset) Down() bool { return h.app == nil }

type verbFunc = func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error)

// act is a verb that the device carries out.
func act(a device.Act) verbFunc {
	return func(h *Handset, now time.Time, _ verb.Line) ([]system.Effect, error) {
		h.settle(now, h.device.Do(now, a))
		return nil, nil
	}
}

// exit has the app end itself.
func exit(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	code, err := strconv.ParseUint(line.Arg(), 10, 8)
	if err != nil {
		return nil, fmt.Errorf("%q is no exit code: 0 to 255", line.Arg())
	}
	return act(device.Exit{Code: int(code)})(h, now, line)
}

func blockCaller(on bool) verbFunc {
	return func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return act(device.BlockCaller{Who: line.Arg(), On: on})(h, now, line)
	}
}

// choose is a verb whose argument says what the device is to do.
func choose(acts map[string]device.Act) verbFunc {
	return func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return act(acts[line.Arg()])(h, now, line)
	}
}

func standby(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	return act(device.Standby{Bucket: device.Bucket(line.Arg())})(h, now, line)
}

// whenRunning is a verb for an app that runs, on the screen or not.
func whenRunning(do verbFunc) verbFunc {
	return func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		if err := h.mustRun(); err != nil {
			return nil, err
		}
		return do(h, now, line)
	}
}

// whenOpen is a verb for an app that is on the screen.
func whenOpen(do verbFunc) verbFunc {
	return whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		if h.State() != "foreground" {
			return nil, ErrNotShown
		}
		return do(h, now, line)
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

// tell is a verb that is an order to the agent.
func tell(order func(verb.Line) control.Order) verbFunc {
	return whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Tell(now, line.Account, order(line))
	})
}

// setStrategy has the app stay reachable in another way from its next launch
// on, which is now.
func setStrategy(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	s, err := app.ParseStrategy(line.Arg())
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
func fault(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	return nil, h.fault(now, line.Fault)
}

// tap is a verb on the notification of an incoming call.
func tap(action system.Action) verbFunc {
	return func(h *Handset, now time.Time, _ verb.Line) ([]system.Effect, error) {
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
func answer(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	return onCard(h, now, line, system.Answer, (*app.App).Answer)
}

func decline(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	return onCard(h, now, line, system.Decline, (*app.App).Decline)
}

// onCard does something with a ringing call: by its notification or, where none
// is shown, in the app.
func onCard(h *Handset, now time.Time, line verb.Line, action system.Action, inApp func(*app.App, time.Time, int) ([]system.Effect, error)) ([]system.Effect, error) {
	id, ok := h.device.Banner()
	if ok && line.Call != 0 {
		id, ok = h.card(line.Call)
	}
	if ok {
		h.settle(now, h.device.Do(now, device.Tap{ID: id, Action: action}))
		return nil, nil
	}
	return whenOpen(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return inApp(h.app, now, line.Call)
	})(h, now, line)
}

// card is the notification of a call, or its number on the call screen.
func (h *Handset) card(call int) (id int, ok bool) {
	if h.app == nil {
		return 0, false
	}
	return h.app.Card(call)
}

func mute(on bool) verbFunc {
	return whenRunning(func(h *Handset, _ time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Mute(line.Call, on)
	})
}

func hold(on bool) verbFunc {
	return whenRunning(func(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
		return h.app.Hold(now, line.Call, on)
	})
}
