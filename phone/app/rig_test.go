package app

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A rig is a strategy on its own: the app and the server around it are played
// by hand, and what it asks of them is told in words.
type rig struct {
	t        *testing.T
	strategy strategy
	now      time.Time
	out      outbox
	numbers  numbers
	errand   errand
	screen   callScreen
	agent    *toldAgent
	line     *line
	status   status
	rested   bool // the strategy has said that it keeps the app awake no longer
}

// A play is what happens to a strategy, and what it does: see [rig.tell].
type play struct {
	what any
	want string
}

func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	cfg = cfg.WithDefaults()
	r := &rig{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), agent: &toldAgent{promised: true}}
	r.errand = errand{out: &r.out}
	r.screen = callScreen{out: &r.out, nextCard: r.numbers.nextCard}
	r.line = &line{agent: r.agent, out: &r.out, notice: func(time.Time, *line, control.Notice) {}, after: func(time.Time) {}}
	p, ok := cfg.Strategy.find()
	if !ok {
		t.Fatalf("no strategy %q", cfg.Strategy)
	}
	r.strategy = p.start(env{
		cfg: cfg, out: &r.out, errand: &r.errand, screen: &r.screen, nextSocket: r.numbers.nextSocket,
		lines:  lines{r.line},
		status: func() status { return r.status }, rest: func() { r.rested = true },
		join: func(*report) {},
	})
	return r
}

// A standing is how the app and its line stand.
type standing struct {
	status
	registered bool
}

// plays does one thing after another.
func (r *rig) plays(plays ...play) {
	r.t.Helper()
	for i, p := range plays {
		if got := r.tell(p.what); got != p.want {
			r.t.Errorf("%d. %T %+v:\n got %s\nwant %s", i+1, p.what, p.what, got, p.want)
		}
	}
}

// tell is a signal, a notice, time that passes, a new status, or a hook by its
// name. It gives back what the strategy asks for.
func (r *rig) tell(what any) string {
	r.t.Helper()
	switch what := what.(type) {
	case system.Signal:
		r.strategy.receive(r.now, what)
	case control.Notice:
		r.strategy.notice(r.now, r.line, what)
	case time.Duration:
		r.now = r.now.Add(what)
		if at := r.strategy.deadline(); !at.IsZero() && !at.After(r.now) {
			r.strategy.advance(r.now)
		}
	case status:
		r.status, r.line.registered = what, false
	case standing:
		r.status, r.line.registered = what.status, what.registered
	case func():
		what()
	default:
		r.t.Fatalf("what is %T?", what)
	}
	words := r.words()
	if r.rested {
		words = append(words, "rest")
	}
	r.rested = false
	return strings.Join(words, ", ")
}

func (r *rig) words() (list []string) {
	for _, c := range r.out.take() {
		list = append(list, wordsOf(c))
	}
	return list
}

func wordsOf(c system.Effect) string {
	switch c := c.(type) {
	case system.Send:
		return strings.TrimSpace(string(c.Data))
	case system.Connect:
		return fmt.Sprint("connect ", c.Socket)
	case system.Close:
		return fmt.Sprint("close ", c.Socket)
	case system.MarkVoIP:
		return markWords(c)
	case system.SetKeepAlive:
		return fmt.Sprint("handler ", c.Timeout)
	case system.KeepAliveDone:
		return "handler returns"
	case system.BeginTask:
		return "task: " + c.Name
	case system.EndTask:
		return "no task"
	case system.RegisterPush:
		return "want pushes"
	case system.RegisterWebPush:
		return "subscribe for " + c.Key
	case system.ReportCall:
		return "report " + c.Name
	case system.ReportEnd:
		return "over: " + string(c.Why)
	case system.PushDone:
		return fmt.Sprint("handled ", c.ID)
	case system.Log:
		return eventWords(c.Event)
	}
	return fmt.Sprintf("%T", c)
}

func markWords(c system.MarkVoIP) string {
	words := fmt.Sprint("mark ", c.Socket)
	if c.By != event.ByCFStream {
		words += " by " + string(c.By)
	}
	if c.Outside {
		words += " outside"
	}
	if c.Request {
		words += " as a request"
	}
	return words
}

func eventWords(e event.Event) string {
	switch e := e.(type) {
	case event.Warning:
		return "warning " + string(e.Rule)
	case event.Socket:
		return e.Name + " " + string(e.Phase)
	case event.Error:
		return "error: " + e.Op
	}
	return fmt.Sprintf("%T", e)
}

// A toldAgent says what it is told to do, as if it were on the wire.
type toldAgent struct {
	control.Agent
	awaitsPong, awaits, promised, willPush bool
	push                                   push.Params
}

func (*toldAgent) says(word string) control.Output {
	return control.Output{Effects: []system.Effect{system.Send{Data: []byte(word)}}}
}

func (*toldAgent) Deadline() time.Time                             { return time.Time{} }
func (*toldAgent) Receive(time.Time, system.Signal) control.Output { return control.Output{} }

func (*toldAgent) Leave(time.Time, bool) control.Output { return control.Output{} }
func (*toldAgent) Refill()                              {}
func (a *toldAgent) Awaits() bool                       { return a.awaits }
func (*toldAgent) Opening() bool                        { return false }
func (a *toldAgent) Reject(_ time.Time, _, status int) control.Output {
	return a.says(fmt.Sprint("reject ", status))
}
func (a *toldAgent) Ring(time.Time, int) control.Output { return a.says("ring") }
func (a *toldAgent) Register(time.Time) control.Output  { return a.says("register") }
func (a *toldAgent) Ping(time.Time) control.Output      { return a.says("ping") }
func (a *toldAgent) Rest(time.Time) control.Output      { return a.says("hang up the line") }
func (a *toldAgent) Ask(time.Time) control.Output       { return a.says("options") }
func (a *toldAgent) AwaitsPong() bool                   { return a.awaitsPong }
func (a *toldAgent) Outbound() (asked, promised bool)   { return true, a.promised }
func (a *toldAgent) User() string                       { return "alice" }
func (a *toldAgent) SetPush(p push.Params)              { a.push = p }
func (a *toldAgent) Pushes(string) (asked, will bool)   { return true, a.willPush }

var (
	opened = func(s system.Socket) system.Signal {
		return system.Connected{Socket: s, Local: netip.MustParseAddrPort("192.0.2.10:49152")}
	}
	data = func(s system.Socket, text string) system.Signal {
		return system.Received{Socket: s, Data: []byte(text)}
	}
	granted = func(d time.Duration) control.Notice { return control.Registered{Expires: d} }
	errLost = errors.New("lost")
)
