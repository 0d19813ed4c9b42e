package phone

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/link"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
	"github.com/sleeptalk/sleeptalk/phone/websocket"
)

// Config is what a handset is made of.
type Config struct {
	Profile device.Profile
	App     app.Config // Rand is the handset's own and is ignored
	// TLS is whom the app trusts, and what it has to show.
	TLS secure.Config
	// Seed is that of the run. Together with Name, the phone's among others, it
	// decides everything that is left to chance: no two phones of a run draw
	// the same Call-ID.
	Seed uint64
	Name string
	// Resolver is the "address:port" of a server of the DNS that is asked instead of
	// those of the machine; "" is none. In virtual time there is one.
	Resolver string
	// Faults are on from the start.
	Faults []link.Fault
	// Version, Mic and Speaker are for the log's first line, and so is
	// Settings: what else is set, KEY=VALUE each.
	Version, Mic, Speaker string
	Settings              []string
	// Unpushed says that no server can push to the phone, which has no push service but its
	// own: only the verb push wakes one that waits for pushes.
	Unpushed bool
	// WiFi is the name of the Wi-Fi that it is on; "": the usual one.
	WiFi string
	// Change changes a setting of the app that runs, by its key, where that can be done; nil:
	// none can be.
	Change func(c *Config, key, value string) error
}

// seed is the phone's own: none that another name has.
func (c Config) seed() uint64 {
	if c.Name == "" {
		return c.Seed
	}
	sum := sha256.Sum256([]byte(c.Name))
	return c.Seed ^ binary.BigEndian.Uint64(sum[16:])
}

// Handset is one emulated phone.
type Handset struct {
	cfg      Config
	rng      *rand.Rand
	link     *link.Link
	wire     *websocket.Layer // the TLS and WebSocket of the app
	device   *device.Device
	app      *app.App       // nil while there is no process
	provider *app.Provider  // of local push, a process of its own
	began    Config         // what it was switched on with
	set      []verb.Setting // what was changed since, as the settings of one line
	token    string         // of the device's pushes; "": it has none
	about    string         // the account that what is dealt with is for; "": it has one, or none
	ran      bool           // whether the app ran when the device was last heard
	out      []system.Effect
	queue    []step
	// Reused, so that no packet costs an allocation.
	records []system.Effect
	signals []system.Signal
}

// step is one thing on its way between app and device.
type step struct {
	from   *app.App      // whose call it is; a dead app's are dropped
	effect system.Effect // from the app to the device, or
	signal system.Signal // from the device to the app
}

// webSocketStream sets what WebSockets leave to chance apart from all else.
const webSocketStream = 0x7118

// New returns a handset that is switched off. It validates the configuration of
// the app, so a relaunch cannot fail.
func New(cfg Config) (*Handset, error) {
	cfg.App.Push.Provider = cmp.Or(cfg.App.Push.Provider, cfg.Profile.PushService()) // an app is built for its system
	cfg.App.KeyLog = cfg.TLS.KeyLog.Taker()
	seed := cfg.seed()
	h := &Handset{cfg: cfg, began: cfg, rng: rand.New(rand.NewPCG(seed, 0x5eed)), link: link.New(seed), provider: app.NewProvider(), wire: websocket.Over(secure.New(cfg.TLS), rand.New(rand.NewPCG(seed, webSocketStream)))}
	if cfg.App.Push.Provider == push.WebPush {
		h.cfg.App.Push.Keys = webpush.NewKeys(h.fork())
	}
	h.link.ReadBy(h.readLost)
	h.device = device.New(cfg.Profile, h.fork(), h.nameFrame)
	h.device.Install(device.Mode(cmp.Or(cfg.App.Modes, string(device.ModeVoIP))))
	h.device.Entitle(!cfg.App.Provided.Unentitled)
	if cfg.WiFi != "" {
		h.device.JoinWiFi(cfg.WiFi)
	}
	if _, err := h.process(); err != nil {
		return nil, err
	}
	return h, nil
}

// nameFrame names a frame that has woken the app: the app's agent knows its
// protocol, and the device does not.
func (h *Handset) nameFrame(s system.Socket, data []byte) string {
	if h.app == nil {
		return control.Unnamed
	}
	return h.app.NameFrame(s, data)
}

// readLost says what the network has swallowed, on its way to a socket of the app or from
// it, whether the app runs or not. What nothing can be read of, such as TLS, is data.
func (h *Handset) readLost(s system.Socket, data []byte) event.Swallowed {
	e := event.Swallowed{What: h.nameFrame(s, data)}
	if from, id, ok := sip.Glance(data); ok {
		e.What, e.From, e.CallID = "INVITE", from, id
	}
	return e
}

// fork returns a source of randomness of its own for a part of the handset,
// so that one part's use does not shift another's.
func (h *Handset) fork() *rand.Rand {
	return rand.New(rand.NewPCG(h.rng.Uint64(), h.rng.Uint64()))
}

// process makes the app's process afresh: nothing of an earlier one is left
// but the configuration.
func (h *Handset) process() (*app.App, error) {
	cfg := h.cfg.App
	cfg.Rand = h.fork()
	return app.New(cfg)
}

// Start switches the handset on: the user opens the app.
func (h *Handset) Start(now time.Time) []system.Effect {
	h.started()
	for _, f := range h.cfg.Faults {
		if err := h.fault(now, f); err != nil {
			h.log(event.Error{Op: "fault " + f.String(), Err: err.Error(), Rule: event.RuleNotPossible})
		}
	}
	if k := h.cfg.TLS.KeyLog; k != nil {
		h.log(k.Warning())
	}
	if h.cfg.Unpushed && h.cfg.App.Strategy.Traits().Pushed {
		h.log(event.Warning{
			Rule: event.RuleNotWakeable, Note: "the app waits for pushes, and there is no push service that a server could reach: only the verb push wakes it",
			Hint: "--push-listen 127.0.0.1:2197, where the server pushes to, or --push-service URL",
		})
	}
	h.settle(now, h.device.Do(now, device.Launch{}))
	return h.take()
}

// started writes down what the handset is.
func (h *Handset) started() {
	p, who := h.cfg.Profile, h.cfg.App.Identity()
	wakes, per := p.Budget()
	h.log(event.Start{
		Version: h.cfg.Version, Profile: p.Name, Strategy: string(h.cfg.App.WithDefaults().Strategy),
		Protocol: who.Protocol, Raw: who.Raw, AOR: who.Address, Server: who.Server, Transport: who.Transport, Mic: h.cfg.Mic, Speaker: h.cfg.Speaker, Seed: h.cfg.Seed,
		Window: event.Seconds(p.Window()), Budget: wakes, BudgetPer: event.Seconds(per), Unfaithful: p.Unfaithful,
		Settings: p.Changed, Choices: p.Choices, Display: who.Display, Auto: string(h.cfg.App.Auto), Expires: event.Seconds(who.Expires),
		App: h.cfg.Settings, Faults: link.List(h.cfg.Faults), Accounts: h.accounts(),
	})
}

// Accounts are the names of the accounts of an app that has several, and of their flows.
func (h *Handset) Accounts() (names []string) {
	for _, a := range h.accounts() {
		if a.Of != "" && !slices.Contains(names, a.Of) {
			names = append(names, a.Of)
		}
		names = append(names, a.Name)
	}
	return names
}

// accounts are those of an app that has several.
func (h *Handset) accounts() (list []event.Account) {
	if len(h.cfg.App.Others) == 0 {
		return nil
	}
	for _, a := range h.cfg.App.Accounts() {
		who := h.cfg.App.IdentityOf(a.Account)
		list = append(list, event.Account{
			Name: a.Name, AOR: who.Address, Server: who.Server, Protocol: who.Protocol, Raw: who.Raw,
			Flow: a.Flow, Of: a.Of, Transport: who.Transport, Display: who.Display, Expires: event.Seconds(who.Expires), App: a.Settings,
		})
	}
	return list
}

// State is the app's lifecycle state.
func (h *Handset) State() event.Lifecycle { return h.device.State() }

// Deadline is when Advance wants to be called next. A suspended app's
// deadlines are not looked at: this is what suspension is.
func (h *Handset) Deadline() time.Time {
	if !h.runs() {
		return system.Earliest(h.device.Deadline(), h.link.Deadline(), h.provider.Deadline())
	}
	return system.Earliest(h.device.Deadline(), h.link.Deadline(), h.provider.Deadline(), h.app.Deadline())
}

func (h *Handset) runs() bool { return h.app != nil && h.device.Running() }

// Advance does everything that is due, the oldest first; at the same instant
// the device comes before the others, for a window that has ended has ended.
func (h *Handset) Advance(now time.Time) []system.Effect {
	for due := h.Deadline(); system.Due(due, now); due = h.Deadline() {
		switch {
		case h.device.Deadline().Equal(due):
			h.settle(now, h.device.Advance(now))
		case h.link.Deadline().Equal(due):
			s, out := h.link.Advance(now, h.out)
			h.out = out
			h.receive(now, s)
		case h.provider.Deadline().Equal(due):
			h.provide(now, h.provider.Advance(now))
		default:
			h.runApp(now)
		}
	}
	return h.take()
}

// Receive takes in a signal of the kernel.
func (h *Handset) Receive(now time.Time, s system.Signal) []system.Effect {
	s, h.out = h.link.Receive(now, s, h.out)
	h.receive(now, s)
	return h.take()
}

// receive takes in what has come through the link, if anything has.
func (h *Handset) receive(now time.Time, s system.Signal) {
	if s == nil {
		return
	}
	h.signals, h.records = h.wire.Receive(now, s, h.signals[:0], h.records[:0])
	h.down(now)
	for _, s := range h.signals {
		if h.provider.Owns(s) {
			h.provide(now, h.provider.Receive(now, s))
			continue
		}
		h.about = h.accountOf(s)
		h.noteOpened(s)
		h.settle(now, h.device.Receive(now, s))
		h.about = ""
	}
}

// accountOf is the account of an app with several that a signal is for.
func (h *Handset) accountOf(s system.Signal) string {
	id, ok := system.SocketOf(s)
	if !ok || h.app == nil {
		return ""
	}
	return h.app.AccountOf(id)
}

// whose says of what wakes the app, and of what it reads then, which account it is
// about.
func (h *Handset) whose(c system.Effect) system.Effect {
	l, ok := c.(system.Log)
	if !ok || h.about == "" {
		return c
	}
	switch l.Event.(type) {
	case event.Wake, event.Frame:
		l.Account = h.about
	}
	return l
}

// down passes what the TLS and WebSocket of the app have made on to the link.
func (h *Handset) down(now time.Time) {
	for _, c := range h.records {
		h.out = h.link.Call(now, c, h.out)
	}
}

// fault breaks or mends the link.
func (h *Handset) fault(now time.Time, f link.Fault) (err error) {
	before := h.link.Network()
	h.out, err = h.link.Do(now, f, h.out)
	if joined := h.link.Network(); joined != before {
		h.settle(now, h.device.Do(now, device.Join{Bearer: device.Bearer(joined)}))
	}
	return err
}

// settle carries out what the device decided, and all that follows from it,
// until app and device have nothing more to say to each other.
func (h *Handset) settle(now time.Time, out device.Output) {
	h.decided(now, out)
	for len(h.queue) > 0 {
		s := h.queue[0]
		h.queue = h.queue[1:]
		switch {
		case s.signal != nil:
			h.deliver(now, s.signal)
		case s.from == h.app:
			h.decided(now, h.device.Call(now, s.effect))
		}
	}
}

// decided queues what the device gave back. The overdue timers of an app that
// has just thawed fire before anything reaches it.
func (h *Handset) decided(now time.Time, out device.Output) {
	h.out = slices.Grow(h.out, len(out.Kernel))
	for _, c := range out.Kernel {
		if end, ok := c.(system.Close); ok && (out.Died || !h.device.Running()) {
			h.wire.Forget(end.Socket) // it is the system that closes: the app says no goodbye
		}
		h.records = h.wire.Call(now, h.whose(c), h.records[:0])
		h.down(now)
	}
	for _, s := range out.Provider {
		h.provide(now, h.provider.Receive(now, s))
	}
	h.noteToken(out.Kernel)
	if out.Died {
		h.app = nil
		h.wire.Restart()
	}
	if h.runs() && !h.ran {
		h.calls(h.app.Advance(now))
	}
	if h.ran && !h.runs() && h.app != nil {
		h.cutOff()
	}
	h.ran = h.runs()
	for _, s := range out.App {
		h.queue = append(h.queue, step{signal: s})
	}
}

// provide carries out what the provider of local push asks: of the kernel, without the
// device, which suspends the app and not the provider; and of the device, to announce a
// call to the app.
func (h *Handset) provide(now time.Time, effects []system.Effect) {
	for _, c := range effects {
		if call, ok := c.(system.AnnounceCall); ok {
			h.settle(now, h.device.Announced(now, call))
			continue
		}
		h.records = h.wire.Call(now, c, h.records[:0])
		h.down(now)
	}
}

// cutOff says so if the app has been suspended before its goodbye was answered.
func (h *Handset) cutOff() {
	for account, what := range h.app.Parting() {
		h.out = append(h.out, system.Log{Account: account, Event: event.Warning{
			Rule: event.RuleGoodbyeCut, Note: "suspended before " + what + " was answered: if that was lost, the server does not know",
			Hint: "a background task until the answer is there",
		}})
	}
}

// deliver hands a signal to the app; a launch makes its process first.
func (h *Handset) deliver(now time.Time, s system.Signal) {
	if _, ok := s.(system.Launched); ok {
		a, err := h.process()
		if err != nil { // New has tried the same configuration
			panic(fmt.Sprintf("relaunch: %v", err))
		}
		h.app, h.ran = a, true
	}
	if h.app != nil {
		h.calls(h.app.Receive(now, s))
	}
}

// runApp lets the app do what is due.
func (h *Handset) runApp(now time.Time) {
	h.calls(h.app.Advance(now))
	h.settle(now, device.Output{})
}

// calls queues what the app asks of the system.
func (h *Handset) calls(effects []system.Effect) {
	for _, c := range effects {
		h.queue = append(h.queue, step{from: h.app, effect: c})
	}
}

func (h *Handset) log(e event.Event) {
	h.out = append(h.out, system.Log{Event: e})
}

func (h *Handset) take() []system.Effect {
	out := h.out
	h.out = nil
	return out
}
