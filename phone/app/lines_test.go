package app

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// An awaiting agent is told whether an answer is outstanding, or its connection is
// being opened, and which socket it has.
type awaiting struct {
	*toldCaller
	name            string
	awaits, opening bool
	socket          system.Socket
	env             control.Env
	calls           int
}

func (a *awaiting) Awaits() bool                     { return a.awaits }
func (a *awaiting) Opening() bool                    { return a.opening }
func (a *awaiting) Advance(time.Time) control.Output { return control.Output{} }
func (a *awaiting) Register(time.Time) control.Output {
	return a.says(a.name + " registers")
}
func (a *awaiting) Ping(time.Time) control.Output       { return a.says(a.name + " pings") }
func (a *awaiting) Unregister(time.Time) control.Output { return a.says(a.name + " leaves") }
func (a *awaiting) Shutdown(time.Time) control.Output   { return a.says(a.name + " shuts down") }
func (a *awaiting) Rest(time.Time) control.Output       { return a.says(a.name + " rests") }
func (a *awaiting) NameFrame([]byte) string             { return "frame of " + a.name }
func (a *awaiting) Receive(_ time.Time, s system.Signal) control.Output {
	return a.says(fmt.Sprintf("%s has %T", a.name, s))
}

type awaitingAccount struct {
	control.Account
	agent *awaiting
	err   error
}

func (a awaitingAccount) Open(env control.Env) (control.Agent, error) {
	a.agent.env = env
	a.agent.socket = env.NextSocket()
	return a.agent, a.err
}

// A pair is an app with the accounts work and private.
type pair struct {
	*App
	t             *testing.T
	work, private *awaiting
	now           time.Time
}

func newPair(t *testing.T, s Strategy) *pair { return newPairOf(t, s, false) }

// newPairOf makes them flows of one account, where flows says so.
func newPairOf(t *testing.T, s Strategy, flows bool) *pair {
	t.Helper()
	p := &pair{t: t, now: start}
	agent := func(name string) *awaiting {
		return &awaiting{toldCaller: &toldCaller{toldAgent: new(toldAgent)}, name: name}
	}
	p.work, p.private = agent("work"), agent("private")
	var err error
	cfg := Config{
		Account: awaitingAccount{agent: p.work}, Name: "work", Others: []Account{{Name: "private", Account: awaitingAccount{agent: p.private}}},
		Strategy: s, Rand: rand.New(rand.NewPCG(1, 1)),
	}
	if flows {
		cfg.Flow, cfg.Others[0].Flow = 1, 2
	}
	p.App, err = New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// words are what the app asks for and, of what it writes down, whose it is.
func (p *pair) words(effects []system.Effect) string {
	var list []string
	for _, c := range append(effects, p.out.take()...) {
		switch c := c.(type) {
		case system.Log:
			what, _ := c.Event.Text()
			list = append(list, strings.TrimPrefix(c.Account+": ", ": ")+what)
		case system.Exit:
			list = append(list, "exit")
		case system.Bind, system.ActivateAudio:
		default:
			list = append(list, wordsOf(c))
		}
	}
	return strings.Join(list, ", ")
}

// did is [pair.words] of what the app was asked to do, or the error.
func (p *pair) did(effects []system.Effect, err error) string {
	if err != nil {
		return err.Error()
	}
	return p.words(effects)
}

func (p *pair) want(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func (p *pair) hears(l *line, notices ...control.Notice) string {
	for _, n := range notices {
		p.notice(p.now, l, n)
	}
	return p.words(nil)
}

// TestTickIsForAllLines: a tick asks every server for a sign of life, registers where
// the binding would lapse, and is done when the last has answered.
func TestTickIsForAllLines(t *testing.T) {
	p := newPair(t, VoIPSocket)
	work, private := p.lines[0], p.lines[1]
	p.hears(work, control.Registered{Expires: time.Hour})
	p.hears(private, control.Registered{Expires: 700 * time.Second})
	p.work.awaits, p.private.awaits = true, true
	p.want("tick", p.words(p.Receive(p.now, system.KeepAlive{})), "work pings, private registers")
	p.work.awaits = false
	p.want("one has answered", p.hears(work, control.Ponged{}), "")
	p.private.awaits = false
	p.want("both have", p.hears(private, control.Registered{Expires: time.Hour}), "handler returns")
}

// TestTickOutlivesAFlow: the handler waits for the other servers when one is lost, so
// that the app can read what they answer.
func TestTickOutlivesAFlow(t *testing.T) {
	p := newPair(t, VoIPSocket)
	work, private := p.lines[0], p.lines[1]
	p.hears(work, control.Registered{Expires: time.Hour})
	p.hears(private, control.Registered{Expires: time.Hour})
	p.work.awaits, p.private.awaits = true, true
	p.want("tick", p.words(p.Receive(p.now, system.KeepAlive{})), "work pings, private pings")
	p.work.awaits, p.stops.stopped = false, true
	p.want("work is lost", p.hears(work, control.FlowFailed{Err: errLost}), "task: open a new connection")
	if !p.stops.stopped {
		t.Error("an answer that comes late from private is not known to be late")
	}
	p.private.awaits = false
	p.want("private, too", p.hears(private, control.FlowFailed{Err: errLost}), "handler returns")
}

// TestTaskOutlastsTheFirstLine: where the connections of two lines are opened anew in
// the background, the app stays awake until both servers have let it in, and not only
// the one that is faster. An account that has no connection, and opens none for now, is
// not waited for.
func TestTaskOutlastsTheFirstLine(t *testing.T) {
	p := newPair(t, NoStrategy)
	work, private := p.lines[0], p.lines[1]
	lost := func() {
		t.Helper()
		p.want("one is lost", p.hears(work, control.FlowFailed{Err: errLost}), "task: open a new connection")
		p.work.opening, p.stops.stopped = true, true
		p.want("the other, too", p.hears(private, control.FlowFailed{Err: errLost}), "")
		if p.stops.stopped {
			t.Error("what comes by a new connection is taken for a late answer")
		}
		p.work.opening, p.private.opening = false, true
	}
	lost()
	p.want("one is back", p.hears(work, control.Registered{Expires: time.Hour}), "")
	p.private.opening, p.private.awaits = false, true
	p.want("a pong", p.hears(work, control.Ponged{}), "")
	p.private.awaits = false
	p.want("the other is back", p.hears(private, control.Registered{Expires: time.Hour}), "no task")
	lost()
	p.private.opening = false
	p.want("one is back, the other opens none", p.hears(work, control.Registered{Expires: time.Hour}), "no task")
}

// TestTickOutlivesAHandshake: the handler waits for a server that is being connected to
// when another is lost.
func TestTickOutlivesAHandshake(t *testing.T) {
	p := newPair(t, VoIPSocket)
	work, private := p.lines[0], p.lines[1]
	p.hears(work, control.Registered{Expires: time.Hour})
	p.words(p.Receive(p.now, system.KeepAlive{}))
	p.private.opening = true
	p.want("work is lost", p.hears(work, control.FlowFailed{Err: errLost}), "task: open a new connection")
	p.private.opening = false
	p.want("private, too", p.hears(private, control.FlowFailed{Err: errLost}), "handler returns")
}

// TestLinesStandAlone: a server that refuses one account says nothing of the other.
func TestLinesStandAlone(t *testing.T) {
	p := newPair(t, VoIPSocket)
	work, private := p.lines[0], p.lines[1]
	p.hears(work, control.Registered{Expires: time.Hour})
	p.hears(private, control.RegisterFailed{Status: 403})
	if !work.registered || private.registered {
		t.Errorf("work %v, private %v", work.registered, private.registered)
	}
	p.hears(work, control.FlowFailed{Err: errLost})
	p.hears(private, control.Registered{Expires: time.Hour})
	if work.registered || !private.registered {
		t.Errorf("work %v, private %v", work.registered, private.registered)
	}
}

// TestSignalsFindTheirLine: a socket is one line's, whose events say so.
func TestSignalsFindTheirLine(t *testing.T) {
	p := newPair(t, NoStrategy)
	p.want("work", p.words(p.Receive(p.now, system.Received{Socket: p.work.socket})), "work has system.Received")
	p.want("private", p.words(p.Receive(p.now, system.Received{Socket: p.private.socket})), "private has system.Received")
	p.want("nobody", p.words(p.Receive(p.now, system.Received{Socket: 99})), "")
	p.want("both", p.words(p.Receive(p.now, system.Resolved{})), "work has system.Resolved, private has system.Resolved")
	if got := p.NameFrame(p.private.socket, nil) + ", " + p.AccountOf(p.private.socket) + ", " + p.NameFrame(99, nil); got != "frame of private, private, "+control.Unnamed {
		t.Error(got)
	}
}

// TestOldSocketsStay: a socket is a line's until it is gone, however many the line has
// had beside it.
func TestOldSocketsStay(t *testing.T) {
	p := newPair(t, NoStrategy)
	work := p.lines[0]
	for range 50 {
		beside := p.work.env.NextSocket()
		work.do(p.now, control.Output{Effects: []system.Effect{system.Close{Socket: beside}}})
	}
	p.words(nil)
	p.want("the flow", p.words(p.Receive(p.now, system.Received{Socket: p.work.socket})), "work has system.Received")
	refused, ended := p.work.env.NextSocket(), p.work.env.NextSocket()
	p.want("refused", p.words(p.Receive(p.now, system.Failed{Socket: refused})), "work has system.Failed")
	p.want("ended", p.words(p.Receive(p.now, system.Closed{Socket: ended})), "work has system.Closed")
	if len(work.sockets) != 1 || p.lines.owner(refused) != nil || p.lines.owner(ended) != nil {
		t.Errorf("the line has the sockets %v, not only that of its flow", work.sockets)
	}
}

// TestCallsAreOfALine: a call is answered, named and counted on the line that it is on.
func TestCallsAreOfALine(t *testing.T) {
	p := newPair(t, NoStrategy)
	here := netip.MustParseAddrPort("192.0.2.10:49152")
	for _, a := range []*awaiting{p.work, p.private} {
		p.Receive(p.now, system.Connected{Socket: a.socket, Local: here})
	}
	if one, two := p.work.env.NextCall(), p.private.env.NextCall(); one != 1 || two != 2 {
		t.Errorf("calls %d and %d", one, two)
	}
	p.want("it rings", p.hears(p.lines[1], control.Offered{ID: 7, From: "sip:bob@lab.test", NoAudio: true}), "system.Notify, ring")
}

// TestAccountIsNamed: what is done by an account is done by the one that is named, by
// the first, or by all; one that is not there is an error that names those that are.
func TestAccountIsNamed(t *testing.T) {
	p := newPair(t, NoStrategy)
	p.want("all", p.did(p.Register(p.now, "")), "work registers, private registers")
	p.want("one", p.did(p.Register(p.now, "private")), "private registers")
	p.want("leave", p.did(p.Unregister(p.now, "work")), "work leaves")
	p.want("none", p.did(p.Register(p.now, "privat")), `there is no account "privat"; did you mean private? (there are: work, private)`)
	p.want("not open", p.did(p.Call(p.now, "private", "bob")), ErrNotOnline.Error())
	one := newWhole(t, Config{Strategy: NoStrategy})
	if _, err := one.Register(one.now, "work"); err == nil || !strings.Contains(err.Error(), "has one, which needs no name") {
		t.Error(err)
	}
}

// A teller is told orders, unless it refuses them.
type teller struct {
	*awaiting
	refuses error
	told    int
}

func (a *teller) Check(control.Order) error { return a.refuses }

func (a *teller) Tell(time.Time, control.Order) (control.Output, error) {
	a.told++
	return a.says(a.name + " is told"), a.refuses
}

// TestOrdersForAllLines: what holds from now on is told to all or, if one of them
// refuses it, to none; the error says which, unless that one was meant alone.
func TestOrdersForAllLines(t *testing.T) {
	p := newPair(t, NoStrategy)
	work, private := &teller{awaiting: p.work}, &teller{awaiting: p.private}
	p.lines[0].agent, p.lines[1].agent = work, private
	tell := func(account string, o control.Order) string {
		return p.did(p.Tell(p.now, account, o))
	}
	p.want("all", tell("", control.Force{}), "work is told, private is told")
	p.want("one", tell("private", control.Force{}), "private is told")
	p.want("the first", tell("", control.SendText{}), "work is told")
	private.refuses = errLost
	p.want("one refuses", tell("", control.Force{}), "account private: lost; no account was told: say which is meant, with as ACCOUNT")
	p.want("the other", tell("work", control.Force{}), "work is told")
	work.refuses = errLost
	p.want("all refuse", tell("", control.Force{}), "lost")
	work.refuses = nil
	p.want("that one", tell("private", control.Force{}), "lost")
	p.lines[1].agent = p.private
	p.want("another protocol", tell("", control.AddHeader{}), "account private: "+ErrNoTeller.Error()+"; no account was told: say which is meant, with as ACCOUNT")
	if work.told != 3 || private.told != 2 || len(p.out.effects) != 0 {
		t.Errorf("told %d and %d, left: %v", work.told, private.told, p.out.effects)
	}
}

// TestAppEndsWithItsLastLine: the process ends when all servers have been left.
func TestAppEndsWithItsLastLine(t *testing.T) {
	p := newPair(t, NoStrategy)
	p.want("shut down", p.words(p.Shutdown(p.now)), "work shuts down, private shuts down")
	p.want("one", p.hears(p.lines[0], control.Down{}), "")
	p.want("both", p.hears(p.lines[1], control.Down{}), "exit")
}

// TestTLSIsForAnAccount: what begins TLS says for which account, as each trusts whom it
// does.
func TestTLSIsForAnAccount(t *testing.T) {
	p := newPair(t, NoStrategy)
	p.lines[1].out.ask(system.StartTLS{Socket: 3, Name: "pbx"})
	p.out.ask(system.StartTLS{Socket: 4, Name: "wake"})
	got := p.out.take()
	if want := []system.Effect{system.StartTLS{Socket: 3, Name: "pbx", Account: "private"}, system.StartTLS{Socket: 4, Name: "wake"}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestOneWakeServer: a wake socket is for one account.
func TestOneWakeServer(t *testing.T) {
	agent := &awaiting{toldCaller: &toldCaller{toldAgent: new(toldAgent)}}
	cfg := Config{
		Account: awaitingAccount{agent: agent}, Strategy: WakeSocket, WakeServer: "192.0.2.1:5070", Rand: rand.New(rand.NewPCG(1, 1)),
		Name: "work", Others: []Account{{Name: "private", Account: awaitingAccount{agent: agent}}},
	}
	if _, err := New(cfg); err != errOneWakeServer {
		t.Error(err)
	}
	cfg.Strategy = VoIPSocket
	cfg.Others[0].Account = awaitingAccount{agent: agent, err: errLost}
	if _, err := New(cfg); err == nil || err.Error() != "account private: lost" {
		t.Error(err)
	}
}

// TestTransferStaysWithinAnAccount: the server of one account knows nothing of a call of
// another.
func TestTransferStaysWithinAnAccount(t *testing.T) {
	p := newPair(t, NoStrategy)
	a := p.board.add(call{line: p.lines[0], id: 1, state: up})
	b := p.board.add(call{line: p.lines[1], id: 2, state: up})
	if _, err := p.transferTo(p.now, a, b); err == nil || err.Error() != "call 1 is of the account work and call 2 of private: a call is handed over within its account" {
		t.Error(err)
	}
}

// TestPushRestsNoLineThatSignsOn: an app that is reached by push closes the connection
// of a line that is registered, and leaves another that is not yet.
func TestPushRestsNoLineThatSignsOn(t *testing.T) {
	p := newPair(t, Push)
	p.foreground = false
	p.Receive(p.now, system.PushToken{Token: "t1"})
	p.words(nil)
	p.private.awaits = true
	p.hears(p.lines[0], control.Registered{Expires: time.Hour})
	p.now = p.now.Add(linger)
	p.want("two seconds later", p.words(p.Advance(p.now)), "work rests")
}
