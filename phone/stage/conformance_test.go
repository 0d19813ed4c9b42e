package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/seeds"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// hurry is how fast device time runs live while the app under test sleeps.
const hurry = 60

// atATime is how many live stages stand at the same time: they wait more than
// they work.
const atATime = 60

// patience is how long a scenario that is said to need minutes is played live,
// to see that it does.
const patience = 45 * time.Second

// A performance is a scenario on both stages.
type performance struct {
	name          string
	file          *scenario.File
	rate          float64
	unlive        string       // why it cannot be played live; empty: it can
	want          play.Verdict // on both stages; empty: whatever it is
	virtual, live show
	err           error
}

// A show is what became of a scenario on one stage.
type show struct {
	result *play.Result
	log    *event.Log
}

// upTo is the log as it is now: what follows is the phones signing off.
func (s show) upTo() *event.Log {
	log := new(event.Log)
	for _, r := range s.log.After(0) {
		log.Append(r)
	}
	return log
}

// perform plays all of them live, many at a time, and in virtual time meanwhile.
func perform(t *testing.T, all []*performance) {
	t.Helper()
	var crew sync.WaitGroup
	free := make(chan struct{}, atATime)
	for _, p := range all {
		crew.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			p.err = p.playLive()
		})
	}
	for _, p := range all {
		w, err := New(Config{Casting: Casting{File: p.file}, Seed: 1})
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		p.virtual = show{play.Run(context.Background(), p.file, w, play.Options{World: true, Seed: 1}), w.Log()}
	}
	crew.Wait()
}

func (p *performance) playLive() error {
	ctx := context.Background()
	if p.unlive != "" {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		ctx = limited
	}
	l, err := NewLive(ctx, LiveConfig{Casting: Casting{File: p.file}, Seed: 1, Rate: p.rate})
	if err != nil {
		return err
	}
	p.live = show{play.Run(l.Context(), p.file, l, play.Options{}), l.Log()}
	p.live.log = p.live.upTo()
	return l.Close()
}

// TestConformance plays every scenario of the program and every setting of a
// phone and of the lab in virtual time and live, and wants the same verdict of
// each step, and for each phone the same events, in their order, of each kind
// on which verdicts rest. Under the race detector it plays a part of them: its
// phones are ten times as slow, and the wall's time is not.
func TestConformance(t *testing.T) {
	all := append(builtinPerformances(t), settingPerformances(t)...)
	all = all[:seeds.Runs(uint64(len(all)))]
	perform(t, all)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			switch {
			case p.err != nil:
				t.Fatal(p.err)
			case p.unlive == "":
				p.compare(t)
			case p.live.result.Verdict() == play.Passed:
				t.Errorf("it passes live within %s: take it out of VirtualOnly (%s)", patience, p.unlive)
			}
		})
	}
}

func (p *performance) compare(t *testing.T) {
	t.Helper()
	if got := p.virtual.result.Verdict(); p.want != "" && got != p.want {
		t.Errorf("%s, want %s", got, p.want)
	}
	virtual, live := verdicts(p.virtual.result), verdicts(p.live.result)
	if virtual != live {
		t.Errorf("virtual:\n%s\nlive:\n%s", virtual, live)
		explain(t, p.live.result, p.live.log)
		return
	}
	kinds := slices.Clone(kinds)
	if p.rate == 0 { // else the stage has set the clock
		kinds = append(kinds, "clock")
	}
	for _, name := range Phones(p.file) {
		a, b := tale(p.virtual.log, name), tale(p.live.log, name)
		for thread := range joint(a, b) {
			if slices.Contains(byChance[p.name], thread.kind) || !slices.Contains(kinds, thread.kind) {
				continue
			}
			if !same(a[thread], b[thread]) {
				t.Errorf("%s, %s:\nvirtual %s\nlive    %s", name, thread, a[thread], b[thread])
			}
		}
	}
	p.compareIDs(t)
}

// lastMoment is how long before the end of a run what happens is there or not,
// on a stage: the run ends with its last claim.
const lastMoment = time.Second

// A telling is an event of a tale, and whether it came in the last moment.
type telling struct {
	line string
	late bool
}

func (t telling) String() string { return t.line + " |" }

// same reports whether two tales are one, but for the last that happened.
func same(a, b []telling) bool {
	n := min(len(a), len(b))
	sameLine := func(a, b telling) bool { return a.line == b.line }
	more := slices.Concat(a[n:], b[n:])
	late := !slices.ContainsFunc(more, func(t telling) bool { return !t.late })
	return slices.EqualFunc(a[:n], b[:n], sameLine) && (late || len(more) <= 1)
}

// compareIDs wants of each phone that it draws the same on both stages, by each of its
// accounts, and of two that they do not. Which account is first is a matter of chance.
func (p *performance) compareIDs(t *testing.T) {
	t.Helper()
	drawn := map[string]drawer{}
	for _, name := range Phones(p.file) {
		a, b := firstCallIDs(p.virtual.log, name), firstCallIDs(p.live.log, name)
		if !maps.Equal(a, b) {
			t.Errorf("%s draws %v in virtual time and %v live", name, a, b)
		}
		for who, id := range b {
			if other, taken := drawn[id]; taken && id != "" {
				t.Errorf("%v and %v both draw %s", who, other, id)
			}
			drawn[id] = who
		}
	}
}

// A drawer is a phone, and which of its accounts, that draws identifiers.
type drawer struct{ phone, account string }

// firstCallIDs are those of the first message that each account of a phone sends.
func firstCallIDs(log *event.Log, phone string) map[drawer]string {
	first := map[drawer]string{}
	for _, r := range log.After(0) {
		if m, ok := r.Event.(event.Message); ok && r.Phone == phone && m.Out {
			if who := (drawer{phone, r.Account}); first[who] == "" {
				first[who] = m.CallID
			}
		}
	}
	return first
}

// clockPerformances change the device clock: while the app runs, which is
// refused; while it is suspended, until it is woken; and at each suspension.
func clockPerformances(t *testing.T) (all []*performance) {
	const asleep = "use lab\nregister\nexpect registered within 3s\nbackground\nexpect suspended within 15s\n"
	for name, text := range map[string]string{
		"clock while it runs":   "use lab\nregister\nexpect registered within 3s\nclock x60\n",
		"clock, and a wake":     asleep + "clock x60\nexpect clock x60 within 1s\nforeground\nexpect clock x1 within 1s\n",
		"clock while suspended": "use lab\nclock x2 while suspended\n" + asleep[len("use lab\n"):] + "expect clock x2 within 1s\nforeground\nexpect clock x1 within 1s\nbackground\nexpect clock x2 within 15s\n",
		"clock next":            asleep + "clock next\nexpect wake by keepalive within 2s\n",
		"no such clock":         asleep + "clock x5000\n",
	} {
		want := play.Passed
		if refused := name == "clock while it runs" || name == "no such clock"; refused {
			want = play.Failed
		}
		all = append(all, &performance{name: name, file: parse(t, text), want: want})
	}
	return all
}

// verdicts are those of each step and invariant, a line each.
func verdicts(r *play.Result) string {
	var b strings.Builder
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "== %s: %s\n", c.Name, c.Verdict)
		for _, s := range c.Steps {
			fmt.Fprintf(&b, "%d %s: %s\n", s.Line, s.Text, s.Verdict)
		}
	}
	for _, i := range r.Invariants {
		fmt.Fprintf(&b, "%s: %s\n", i.Text, i.Verdict)
	}
	return b.String()
}

// kinds of events on which verdicts rest, and whose number is not a matter of
// chance on a network.
var kinds = []string{"start", "state", "wake", "registration", "call", "notification", "killed", "push", "warning", "launch"}

// byChance are kinds of events that a scenario leaves to chance, on every stage:
// of two callers at the same moment, either may be the first, and be answered.
var byChance = map[string][]string{"two-calls-asleep": {"call"}}

// A thread of a tale is what follows from one another: events of a kind and, of calls,
// those with one peer. What two peers send at the same moment comes in either order.
type thread struct{ kind, peer string }

func threadOf(e event.Event) thread {
	if c, ok := e.(event.Call); ok {
		user, _, _ := strings.Cut(c.Peer, "@")
		return thread{c.Kind(), user}
	}
	return thread{kind: e.Kind()}
}

// joint are the threads of either tale.
func joint(a, b map[thread][]telling) map[thread]bool {
	all := map[thread]bool{}
	for _, tale := range []map[thread][]telling{a, b} {
		for thread := range tale {
			all[thread] = true
		}
	}
	return all
}

// tale is what a phone went through, by its threads: without times, ports and
// identifiers. That the same is said again tells nothing new: a registration is
// refreshed, or challenged, as the time between is long or short.
func tale(log *event.Log, phone string) map[thread][]telling {
	told := map[thread][]telling{}
	var asked event.Seconds
	records := slices.DeleteFunc(slices.Clone(log.After(0)), func(r event.Record) bool { return r.Phone != phone })
	for _, r := range records {
		thread, line := threadOf(r.Event), gist(r.Event)
		if e, ok := r.Event.(event.Registration); ok {
			switch e.Phase {
			case "sending":
				asked, line = e.Expires, ""
			case "challenged":
				line = ""
			default:
				line += fmt.Sprint(", asked for ", asked)
			}
		}
		if n := len(told[thread]); line != "" && (n == 0 || thread.kind != "registration" || told[thread][n-1].line != line) {
			late := records[len(records)-1].Device-r.Device <= lastMoment
			told[thread] = append(told[thread], telling{line, late})
		}
	}
	return told
}

// gist is what of an event does not depend on the stage; empty: nothing does.
func gist(e event.Event) string {
	switch e := e.(type) {
	case event.Start:
		return fmt.Sprint(e.Profile, e.Strategy, e.Protocol, e.Raw, e.AOR, e.Transport, e.Mic, e.Speaker, e.Seed, e.Settings, e.Unfaithful, e.Display, e.Auto, e.Expires, e.App, e.Faults)
	case event.State:
		if e.From == e.To {
			return "" // how long it may run has changed
		}
		return fmt.Sprint(e.From, " to ", e.To)
	case event.Wake:
		return fmt.Sprint(e.Cause)
	case event.Registration:
		return fmt.Sprint(e.Phase, " ", e.Status, " ", e.Expires, " ", e.Rule)
	case event.Call:
		return fmt.Sprint(e.Phase, " ", e.Out, " ", e.Status, " ", e.By)
	case event.Notification:
		return fmt.Sprint(e.Phase, " ", e.Screen, " ", e.Title, " ", e.Action)
	case event.Killed:
		return fmt.Sprint(e.Code, " ", e.Rule)
	case event.Push:
		return fmt.Sprint(e.Phase, " ", e.Priority, " ", e.TTL)
	case event.ClockRate:
		return fmt.Sprint(e.Rate)
	case event.Warning:
		return fmt.Sprint(e.Rule)
	case event.Launch:
		return fmt.Sprint(e.Background)
	}
	return ""
}

// builtinPerformances are those of the scenarios of the program.
func builtinPerformances(t *testing.T) (all []*performance) {
	unlive := map[string]string{}
	for _, u := range VirtualOnly() {
		unlive[u.Name] = u.Why
	}
	for _, name := range builtins(t) {
		all = append(all, &performance{name: name, file: builtin(t, name), rate: hurry, unlive: unlive[name]})
		delete(unlive, name)
	}
	for name := range unlive {
		t.Errorf("VirtualOnly has %s, and there is no such scenario", name)
	}
	return all
}

// samples are values of settings, for those that have no example, or one that
// says nothing; and what else is needed for them to mean something.
var samples = map[string]struct{ value, more string }{
	"password":           {value: "wrong"},
	"device":             {value: "ios-pushkit"},
	"strict":             {value: "off"},
	"strategy":           {value: "push", more: " device=ios-pushkit"},
	"transport":          {value: "udp"},
	"accept-from":        {value: "any", more: " transport=udp"},
	"redirects":          {value: "show"},
	"transfer":           {value: "refuse"},
	"control":            {value: "xmpp"},
	"raw":                {value: "lines"},
	"keepalive":          {value: "700s"},
	"background-modes":   {value: "none"},
	"mark":               {value: "never"},
	"mark-by":            {value: "gcdasyncsocket"},
	"keepalive-at":       {value: "launch"},
	"keepalive-handler":  {value: "wait"},
	"keepalive-round":    {value: "on", more: " keepalive=30s"},
	"auto":               {value: "answer"},
	"auto-answer-header": {value: "on"},
	"mic":                {value: "none"},
	"expires":            {value: "300s"},
	"max-calls":          {value: "1"},
	"100rel":             {value: "required"},
	"session-timer":      {value: "30m"},
	"min-se":             {value: "2m"},
	"push-provider":      {value: "fcm", more: " strategy=push device=ios-pushkit"},
	"push-param":         {value: "TEAM.org.example", more: " strategy=push device=ios-pushkit"},
	"refresh":            {value: "timer", more: " strategy=push device=ios-pushkit"},
	"report":             {value: "late", more: " strategy=push device=ios-pushkit"},
	"early-audio":        {value: "on", more: " strategy=push device=ios-pushkit"},
	"invite-wait":        {value: "5s", more: " strategy=push device=ios-pushkit"},
	"stay-awake-by":      {value: "options", more: " strategy=stay-awake"},
}

// labSamples are values of the lab's settings.
var labSamples = map[string]string{
	"ip": "6", "domain": "example.test", "auth": "off", "algorithm": "SHA-512-256-sess,MD5", "qop": "auth-int", "userhash": "on", "auth-info": "both", "push": "off", "push-ttl": "0s", "push-refresh": "0s", "min-expires": "2h",
	"push-delay": "1s..2s", "push-drop": "1", "push-duplicate": "1", "push-reorder": "1", "push-refuse": "Unregistered", "push-keep": "2", "push-token-life": "6h",
	"push-cancel": "on", "push-cancel-background": "on", "srtp": "optional", "srtp-keys": "dtls",
}

// settingPerformances have a phone register with each setting of the tables.
func settingPerformances(t *testing.T) (all []*performance) {
	const rest = "\nuse phone carol\nregister\nexpect registered within 3s\ncarol: register\ncarol: expect registered within 3s\n"
	all = append(all, clockPerformances(t)...)
	for _, s := range setup.Settings() {
		if !s.Script {
			continue
		}
		sample := samples[s.Key]
		if sample.value == "" {
			sample.value = s.Example
		}
		if sample.value == "" {
			t.Errorf("the setting %s has no example, and no sample", s.Key)
			continue
		}
		text := fmt.Sprintf("use phone alice %s=%q%s", s.Key, sample.value, sample.more)
		all = append(all, &performance{name: "use phone " + s.Key, file: parse(t, text+rest)})
	}
	for _, s := range setup.LabSettings() {
		value := labSamples[s.Key]
		if value == "" {
			value = "20s"
		}
		text := fmt.Sprintf("use lab %s=%s\nuse phone alice strategy=push\nuse device ios-pushkit", s.Key, value)
		all = append(all, &performance{name: "use lab " + s.Key, file: parse(t, text+rest)})
	}
	return all
}
