package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/xmpp"
)

// These are servers that would have a phone go on for ever: whatever they answer,
// what they get is bounded, and so is the log; and once they have come to their
// senses the phone is there again, unless it needs a person.

const (
	// mostOfALie is what a lying server may get in ten minutes, in connections and
	// messages: 30 at once, one every 2 s, and what one of them may still have
	// called for (maxAnswers of phone/sip).
	mostOfALie = 30 + 10*60/2 + 3
	// mostOfALog is how many events may come of it.
	mostOfALog = 8 * mostOfALie
	// patience is how long it may take until a server that is sane again has the
	// phone: the longest wait of RFC 5626 §4.5, and a while to sign on.
	patience = 1800*time.Second + time.Minute
	// way is how long anything is on its way.
	way = 10 * time.Millisecond
)

// far is what is at the other end.
type far interface {
	// opened is a connection of the phone's, received what it says there.
	opened(h *host, s system.Socket)
	received(h *host, s system.Socket, data []byte)
}

// A host runs an app against a server, in virtual time.
type host struct {
	t     *testing.T
	app   *app.App
	far   far
	now   time.Time
	queue []arrival // what is on its way, oldest first
	sent  int       // connections and messages of the phone
	told  int       // events
	last  event.Registration
	rules map[event.Rule]int
}

type arrival struct {
	at   time.Time
	what func()
}

func newHost(t *testing.T, account control.Account, server far) *host {
	t.Helper()
	return newHostOf(t, app.Config{Account: account, Strategy: app.NoStrategy}, server)
}

func newHostOf(t *testing.T, cfg app.Config, server far) *host {
	t.Helper()
	h := &host{t: t, far: server, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), rules: map[event.Rule]int{}}
	cfg.Rand = rand.New(rand.NewPCG(1, 2))
	var err error
	if h.app, err = app.New(cfg); err != nil {
		t.Fatal(err)
	}
	h.do(h.app.Receive(h.now, system.Launched{}))
	return h
}

// later has something happen when it has come over the wire.
func (h *host) later(what func()) {
	h.queue = append(h.queue, arrival{h.now.Add(way), what})
}

// signal gives the app a signal when it has come over the wire.
func (h *host) signal(s system.Signal) {
	h.later(func() { h.do(h.app.Receive(h.now, s)) })
}

// say is data of the server's.
func (h *host) say(s system.Socket, text string) {
	h.signal(system.Received{Socket: s, From: theirs, Data: []byte(text)})
}

var (
	ours   = netip.MustParseAddrPort("192.0.2.10:49152")
	theirs = netip.MustParseAddrPort("192.0.2.1:5060")
)

// command carries out what came of a command, which cannot fail.
func (h *host) command(effects []system.Effect, _ error) { h.do(effects) }

func (h *host) do(effects []system.Effect) {
	for _, c := range effects {
		switch c := c.(type) {
		case system.Connect:
			h.sent++
			h.later(func() { h.far.opened(h, c.Socket) })
		case system.Bind:
			h.signal(system.Bound{Socket: c.RTP, Local: ours, Remote: theirs})
		case system.StartTLS:
			h.signal(system.Secured{Socket: c.Socket, Version: "TLS 1.3"})
		case system.Send:
			switch {
			case c.Data[0]>>6 == 2: // audio is no message
				continue
			case string(c.Data) != "\r\n": // one pong to each ping of the server's is as it should be
				h.sent++
			}
			h.later(func() { h.far.received(h, c.Socket, c.Data) })
		case system.Log:
			h.log(c.Event)
		}
	}
}

func (h *host) log(e event.Event) {
	h.told++
	switch e := e.(type) {
	case event.Registration:
		h.last = e
		h.rules[e.Rule]++
	case event.Warning:
		h.rules[e.Rule]++
	case event.Error:
		h.rules[e.Rule]++
	}
}

// run lets time pass, but no more than a loop without an end would need.
func (h *host) run(d time.Duration) {
	h.t.Helper()
	end := h.now.Add(d)
	for range 2_000_000 {
		at := h.app.Deadline()
		arrives := len(h.queue) > 0 && (at.IsZero() || !h.queue[0].at.After(at))
		if arrives {
			at = h.queue[0].at
		}
		if at.IsZero() || at.After(end) {
			h.now = end
			return
		}
		h.now = at
		if arrives {
			next := h.queue[0]
			h.queue = h.queue[1:]
			next.what()
		} else {
			h.do(h.app.Advance(h.now))
		}
	}
	h.t.Fatal("there is no end to it")
}

// A liar is a server of SIP: what it does with a connection, and with the n-th
// request of the phone.
type liar struct {
	greets  func(h *host, s system.Socket)
	answers func(n int, req *grammar.Request) []string
	then    func(h *host, s system.Socket) // after each answer

	n int
}

func (l *liar) opened(h *host, s system.Socket) {
	if l.greets != nil {
		l.greets(h, s)
		return
	}
	connected(h, s)
}

func (l *liar) received(h *host, s system.Socket, data []byte) {
	if len(strings.TrimSpace(string(data))) == 0 {
		h.say(s, "\r\n")
		return
	}
	m, err := grammar.ParseMessage(data)
	req, ok := m.(*grammar.Request)
	if err != nil || !ok || req.IsAck() {
		return
	}
	l.n++
	for _, answer := range l.answers(l.n, req) {
		h.say(s, respond(req, answer))
	}
	if l.then != nil {
		l.then(h, s)
	}
}

// respond writes a response: a status and its reason, and header fields behind
// "|".
func respond(req *grammar.Request, answer string) string {
	head, fields, _ := strings.Cut(answer, "|")
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", head)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, field := range req.GetHeaders(name) {
			value := field.Value()
			if name == "To" && !strings.Contains(value, "tag=") {
				value += ";tag=liar"
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	for field := range strings.SplitSeq(fields, "|") {
		if field != "" {
			b.WriteString(strings.ReplaceAll(field, "CONTACT", req.Contact().Address.String()) + "\r\n")
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return b.String()
}

func connected(h *host, s system.Socket) {
	h.do(h.app.Receive(h.now, system.Connected{Socket: s, Local: ours, Remote: theirs}))
}

func closes(err error) func(h *host, s system.Socket) {
	return func(h *host, s system.Socket) { h.signal(system.Closed{Socket: s, Err: err}) }
}

// always is the same answer to everything; %d in it is the number of the request.
func always(answers ...string) func(int, *grammar.Request) []string {
	return func(n int, _ *grammar.Request) []string {
		var all []string
		for _, a := range answers {
			all = append(all, strings.ReplaceAll(a, "%d", fmt.Sprint(n)))
		}
		return all
	}
}

const challenge = `Digest realm="lab", nonce="n%d", qop="auth"`

// sane is a registrar as it should be.
var sane = always("200 OK|Contact: <CONTACT>;expires=3600")

// rising answers with the number of the request and some more.
func rising(answer string, from int) func(int, *grammar.Request) []string {
	return func(n int, _ *grammar.Request) []string { return []string{fmt.Sprintf(answer, from+n)} }
}

// circle is one of n names after the other.
func circle(answer string, n int) func(int, *grammar.Request) []string {
	return func(i int, _ *grammar.Request) []string {
		return []string{fmt.Sprintf(answer, string(rune('a'+i%n)))}
	}
}

func hundredContacts() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "|Contact: <sip:e%d.lab.test>", i)
	}
	return b.String()
}

// A lie is one of SIP.
type lie struct {
	liar
	transport sip.Transport
	// forGood says that the phone waits for a person.
	forGood bool
	// few is how many messages it takes, if they are to be few.
	few int
	// rule is what it is named by.
	rule event.Rule
	// later is how long the server has the phone wait.
	later time.Duration
}

func lies() map[string]lie {
	return map[string]lie{
		"423 rises":                 {liar: liar{answers: rising("423 Interval Too Brief|Min-Expires: %d", 3600)}, few: 40, rule: event.RuleServerLoop},
		"423 rises, over UDP":       {liar: liar{answers: rising("423 Interval Too Brief|Min-Expires: %d", 3600)}, transport: sip.UDP, few: 40},
		"423 without a minimum":     {liar: liar{answers: always("423 Interval Too Brief")}, few: 10, rule: event.RuleNotRegistered},
		"423 for what was asked":    {liar: liar{answers: always("423 Interval Too Brief|Min-Expires: 3600")}, few: 10},
		"401 with new nonces":       {liar: liar{answers: always("401 Unauthorized|WWW-Authenticate: " + challenge)}, forGood: true, few: 3, rule: event.RuleWrongPassword},
		"401 with stale nonces":     {liar: liar{answers: always("401 Unauthorized|WWW-Authenticate: " + challenge + ", stale=true")}, few: 40, rule: event.RuleServerLoop},
		"407 with stale nonces":     {liar: liar{answers: always("407 Proxy Authentication Required|Proxy-Authenticate: " + challenge + ", stale=true")}, few: 40, rule: event.RuleServerLoop},
		"401 with new realms":       {liar: liar{answers: always(`401 Unauthorized|WWW-Authenticate: Digest realm="r%d", nonce="n", qop="auth"`)}, forGood: true, few: 5, rule: event.RuleServerLoop},
		"401 by an unknown digest":  {liar: liar{answers: always(`401 Unauthorized|WWW-Authenticate: Digest realm="r", nonce="n", algorithm=X`)}, forGood: true, few: 3, rule: event.RuleNoCommonDigest},
		"302 to itself":             {liar: liar{answers: always("302 Moved Temporarily|Contact: <sip:192.0.2.1:5060>")}, few: 12, rule: event.RuleServerLoop},
		"302 in a circle":           {liar: liar{answers: circle("302 Moved Temporarily|Contact: <sip:%s.lab.test>", 2)}, few: 40, rule: event.RuleServerLoop},
		"302 without an end":        {liar: liar{answers: rising("302 Moved Temporarily|Contact: <sip:e%d.lab.test>", 1)}, few: 80, rule: event.RuleServerLoop},
		"302 without an end, UDP":   {liar: liar{answers: rising("302 Moved Temporarily|Contact: <sip:e%d.lab.test>", 1)}, transport: sip.UDP, few: 80, rule: event.RuleServerLoop},
		"302 to strangers":          {liar: liar{answers: always("302 Moved Temporarily|Contact: <sip:evil.example>")}, few: 10, rule: event.RuleRedirectNotFollowed},
		"302 to a hundred":          {liar: liar{answers: always("302 Moved Temporarily" + hundredContacts())}, few: 80, rule: event.RuleServerLoop},
		"305":                       {liar: liar{answers: always("305 Use Proxy|Contact: <sip:192.0.2.2>")}, few: 10, rule: event.RuleRedirectNotFollowed},
		"380":                       {liar: liar{answers: always("380 Alternative Service|Contact: <sip:192.0.2.2>")}, few: 10, rule: event.RuleRedirectNotFollowed},
		"503 at a date":             {liar: liar{answers: always("503 Service Unavailable|Retry-After: Mon, 01 Jan 2035 00:00:00 GMT")}, few: 10, rule: event.RuleNotRegistered},
		"503 and rubbish":           {liar: liar{answers: always("503 Service Unavailable|Retry-After: -1")}, few: 10, rule: event.RuleNotRegistered},
		"503 in 10^20 s":            {liar: liar{answers: always("503 Service Unavailable|Retry-After: 100000000000000000000")}, few: 10, rule: event.RuleNotRegistered},
		"200 for nobody":            {liar: liar{answers: always("200 OK")}, few: 10, rule: event.RuleNotBound},
		"503 for years":             {liar: liar{answers: always("503 Service Unavailable|Retry-After: 2147483647")}, few: 3, rule: event.RuleNotRegistered, later: 24 * time.Hour},
		"grants nonsense":           {liar: liar{answers: always("200 OK|Contact: <CONTACT>;expires=-1")}, few: 3, rule: event.RuleOddExpiry},
		"grants another's":          {liar: liar{answers: always("200 OK|Contact: <sip:x@192.0.2.77>;expires=60")}, rule: event.RuleContactNotOurs},
		"503 at once":               {liar: liar{answers: always("503 Service Unavailable|Retry-After: 0")}, few: 10, rule: event.RuleNotRegistered},
		"500":                       {liar: liar{answers: always("500 Server Internal Error")}, few: 10},
		"480":                       {liar: liar{answers: always("480 Temporarily Unavailable")}, few: 10},
		"491":                       {liar: liar{answers: always("491 Request Pending")}, forGood: true, few: 3},
		"488":                       {liar: liar{answers: always("488 Not Acceptable Here|Retry-After: 0")}, forGood: true, few: 3},
		"606":                       {liar: liar{answers: always("606 Not Acceptable|Retry-After: 0")}, forGood: true, few: 3},
		"439":                       {liar: liar{answers: always("439 First Hop Lacks Outbound Support")}, forGood: true, few: 4},
		"422 rises":                 {liar: liar{answers: rising("422 Session Interval Too Small|Min-SE: %d", 90)}, forGood: true, few: 3},
		"100 for ever":              {liar: liar{answers: always("100 Trying", "100 Trying")}, few: 40},
		"silence":                   {liar: liar{answers: always()}, few: 40},
		"silence, over UDP":         {liar: liar{answers: always()}, transport: sip.UDP},
		"granted for a second":      {liar: liar{answers: always("200 OK|Contact: <CONTACT>;expires=1")}, rule: event.RuleServerLoop},
		"a second, after a 401":     {liar: liar{answers: aSecondAfter401}},
		"granted for nothing":       {liar: liar{answers: always("200 OK|Contact: <CONTACT>;expires=0")}, few: 10, rule: event.RuleNotBound},
		"a ping each second":        {liar: liar{answers: always("200 OK|Contact: <CONTACT>;expires=3600|Require: outbound|Flow-Timer: 1")}},
		"closes what it accepts":    {liar: liar{greets: func(h *host, s system.Socket) { connected(h, s); closes(nil)(h, s) }, answers: always()}, few: 20},
		"resets what it accepts":    {liar: liar{greets: func(h *host, s system.Socket) { connected(h, s); closes(system.Reset)(h, s) }, answers: always()}, few: 20},
		"refuses":                   {liar: liar{greets: func(h *host, s system.Socket) { h.signal(system.Failed{Socket: s, Err: system.Refused}) }, answers: always()}, few: 10},
		"is not in the DNS":         {liar: liar{greets: func(h *host, s system.Socket) { h.signal(system.Failed{Socket: s, Err: errors.New("no such host")}) }, answers: always()}, few: 10},
		"grants, and closes":        {liar: liar{answers: sane, then: closes(nil)}, few: 40},
		"grants, and talks rubbish": {liar: liar{answers: sane, then: func(h *host, s system.Socket) { h.say(s, "HTTP/1.1 200 OK\r\n\r\n") }}, few: 40},
		"its TLS fails":             {liar: liar{greets: func(h *host, s system.Socket) { connected(h, s); closes(errors.New("tls: bad certificate"))(h, s) }, answers: always()}, transport: sip.TLS, few: 20},
		"pongs without end":         {liar: liar{answers: sane, then: func(h *host, s system.Socket) { h.say(s, strings.Repeat("\r\n", 99)) }}, few: 200},
	}
}

func alice(over sip.Transport) sip.Config {
	return sip.Config{
		AOR: "sip:alice@lab.test", Password: "secret", Server: "192.0.2.1:5060", Transport: over,
		Instance: "urn:uuid:00000000-0000-1000-8000-000a95a0e128", Outbound: true,
	}
}

func TestLyingServersOfSIP(t *testing.T) {
	for name, c := range lies() {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, alice(c.transport), &c.liar)
			h.run(10 * time.Minute)
			h.check(c.few)
			if c.rule != "" && h.rules[c.rule] == 0 {
				t.Errorf("it is not named %s but %v", c.rule, h.rules)
			}
			c.liar = liar{answers: sane, n: c.liar.n}
			h.run(c.later)
			h.recovers(c.forGood)
		})
	}
}

// TestPeopleAreNoLoop: a person may sign on and off, or open the app, as often as they
// like, and no server is blamed for it.
func TestPeopleAreNoLoop(t *testing.T) {
	for name, again := range map[string]func(h *host){
		"register": func(h *host) { h.command(h.app.Register(h.now, "")) },
		"and off": func(h *host) {
			h.command(h.app.Unregister(h.now, ""))
			h.run(time.Second / 10)
			h.command(h.app.Register(h.now, ""))
		},
		"open the app": func(h *host) {
			h.do(h.app.Receive(h.now, system.DidEnterBackground{}))
			h.run(time.Second / 10)
			h.do(h.app.Receive(h.now, system.WillEnterForeground{}))
		},
	} {
		l := &liar{answers: sane}
		h := newHostOf(t, app.Config{Account: alice(sip.TCP), Strategy: app.Push}, l)
		h.do(h.app.Receive(h.now, system.PushToken{Token: "abcd"}))
		h.run(time.Second)
		before := l.n
		for range 100 {
			again(h)
			h.run(time.Second / 10)
		}
		if h.rules[event.RuleServerLoop] > 0 || l.n-before < 100 || h.last.Phase != event.RegistrationActive {
			t.Errorf("%s: %d requests; warned of a loop %d times; last: %+v", name, l.n-before, h.rules[event.RuleServerLoop], h.last)
		}
	}
}

// TestLyingServersOfStrategies: what an app does to be reached adds to none of it but
// what it asks by itself: one that stays awake sends an OPTIONS every 9 s, each with
// up to three answers to challenges.
func TestLyingServersOfStrategies(t *testing.T) {
	for strategy, more := range map[app.Strategy]int{app.VoIPSocket: 0, app.StayAwake: 4 * (600/9 + 1), app.Push: 0} {
		for name, c := range lies() {
			h := newHostOf(t, app.Config{Account: alice(c.transport), Strategy: strategy, StayAwakeBy: awakeBy(strategy)}, &c.liar)
			h.do(h.app.Receive(h.now, system.PushToken{Token: "abcd"}))
			h.run(time.Second)
			h.do(h.app.Receive(h.now, system.DidEnterBackground{}))
			h.run(10 * time.Minute)
			if h.sent > mostOfALie+more {
				t.Errorf("%s, %s: %d messages and connections in ten minutes", strategy, name, h.sent)
			}
		}
	}
}

func awakeBy(s app.Strategy) app.AwakeBy {
	if s == app.StayAwake {
		return app.ByOptions
	}
	return ""
}

// TestLyingServersOfCalls: a call that the server does not want ends, or waits; so
// does one that has no end.
func TestLyingServersOfCalls(t *testing.T) {
	for name, lie := range map[string]struct {
		answers func(int, *grammar.Request) []string
		rule    event.Rule
	}{
		"401 with new nonces":   {always("401 Unauthorized|WWW-Authenticate: " + challenge), event.RuleWrongPassword},
		"401 with stale nonces": {always("401 Unauthorized|WWW-Authenticate: " + challenge + ", stale=true"), event.RuleServerLoop},
		"407 with stale nonces": {always("407 Proxy Authentication Required|Proxy-Authenticate: " + challenge + ", stale=true"), event.RuleServerLoop},
		"407 with new realms":   {always(`407 Proxy Authentication Required|Proxy-Authenticate: Digest realm="r%d", nonce="n"`), event.RuleServerLoop},
		"401 without a digest":  {always("401 Unauthorized|WWW-Authenticate: Basic realm=x"), event.RuleNoCommonDigest},
		"302 to itself":         {always("302 Moved Temporarily|Contact: <sip:bob@lab.test>"), event.RuleServerLoop},
		"302 in a circle":       {circle("302 Moved Temporarily|Contact: <sip:%s@lab.test>", 3), event.RuleServerLoop},
		"302 without an end":    {rising("302 Moved Temporarily|Contact: <sip:bob@e%d.lab.test>", 1), event.RuleServerLoop},
		"302 to a hundred":      {always("302 Moved Temporarily" + hundredContacts()), event.RuleServerLoop},
		"302 to no SIP":         {always("302 Moved Temporarily|Contact: <mailto:bob@lab.test>"), event.RuleRedirectNotFollowed},
		"305":                   {always("305 Use Proxy|Contact: <sip:192.0.2.2;lr>"), event.RuleRedirectNotFollowed},
		"380":                   {always("380 Alternative Service|Contact: <sip:bob@lab.test>"), event.RuleRedirectNotFollowed},
		"422 rises":             {rising("422 Session Interval Too Small|Min-SE: 9%d", 0), ""},
		"491":                   {always("491 Request Pending"), ""},
		"488":                   {always("488 Not Acceptable Here"), ""},
		"503 at once":           {always("503 Service Unavailable|Retry-After: 0"), ""},
		"100 for ever":          {always("100 Trying"), ""},
		"180 for ever":          {always("180 Ringing", "180 Ringing", "180 Ringing"), ""},
		"silence":               {always(), ""},
	} {
		for _, over := range []sip.Transport{sip.TCP, sip.UDP} {
			calls := 0
			l := &liar{answers: func(n int, req *grammar.Request) []string {
				if req.Method == grammar.REGISTER {
					return sane(n, req)
				}
				calls++
				return lie.answers(calls, req)
			}}
			h := newHost(t, alice(over), l)
			h.run(time.Second)
			effects, err := h.app.Call(h.now, "", "sip:bob@lab.test")
			if err != nil {
				t.Fatal(err)
			}
			h.sent = 0
			h.do(effects)
			h.run(10 * time.Minute)
			if h.sent < 1 || h.sent > 12 { // timers A and F send 7 to 11 copies over UDP
				t.Errorf("%s over %s: %d messages", name, over, h.sent)
			}
			if lie.rule != "" && h.rules[lie.rule] == 0 {
				t.Errorf("%s over %s: it is not named %s but %v", name, over, lie.rule, h.rules)
			}
		}
	}
}

// aSecondAfter401 has each REGISTER written twice, and grants it for a second.
func aSecondAfter401(n int, _ *grammar.Request) []string {
	if n%2 == 1 {
		return always("401 Unauthorized|WWW-Authenticate: "+challenge+", stale=true")(n, nil)
	}
	return always("200 OK|Contact: <CONTACT>;expires=1")(n, nil)
}

// check looks at what ten minutes of a lie have cost.
func (h *host) check(few int) {
	h.t.Helper()
	h.t.Logf("%d messages and connections, %d events, rules %v", h.sent, h.told, h.rules)
	if few == 0 {
		few = mostOfALie
	}
	if h.sent > few {
		h.t.Errorf("%d messages and connections in ten minutes, want at most %d", h.sent, few)
	}
	if h.told > mostOfALog {
		h.t.Errorf("%d events in ten minutes", h.told)
	}
}

// recovers looks at what becomes of a phone whose server is sane from now on.
func (h *host) recovers(forGood bool) {
	h.t.Helper()
	sent := h.sent
	h.run(patience)
	switch up := h.last.Phase == event.RegistrationActive; {
	case forGood && h.sent != sent:
		h.t.Errorf("%d messages more, though the phone has given up", h.sent-sent)
	case !forGood && !up:
		h.t.Errorf("the server is sane again, and the registration is %+v", h.last)
	}
}

// A babbler is a server of another protocol: what it says to each thing that it
// hears.
type babbler struct {
	greets  func(h *host, s system.Socket)
	answers func(n int, heard string) []string
	closes  func(n int, heard string) bool
	n       int
	sane    control.Server // takes its place
}

func (b *babbler) opened(h *host, s system.Socket) {
	switch {
	case b.sane != nil:
		connected(h, s)
		b.carry(h, b.sane.Accept(h.now, s, ours))
	case b.greets != nil:
		b.greets(h, s)
	default:
		connected(h, s)
	}
}

func (b *babbler) received(h *host, s system.Socket, data []byte) {
	if b.sane != nil {
		b.carry(h, b.sane.Receive(h.now, s, data))
		return
	}
	b.n++
	for _, answer := range b.answers(b.n, string(data)) {
		h.say(s, answer)
	}
	if b.closes != nil && b.closes(b.n, string(data)) {
		h.signal(system.Closed{Socket: s})
	}
}

func (b *babbler) carry(h *host, out control.ServerOutput) {
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Send:
			h.say(c.Socket, string(c.Data))
		case system.Close:
			h.signal(system.Closed{Socket: c.Socket})
		}
	}
}

var host1 = control.Host{
	Password: func(string) (string, bool) { return "secret", true }, Domain: "lab.test",
	Rand: rand.New(rand.NewPCG(1, 2)), Breaks: func(string) bool { return false },
}

const streamHead = "<?xml version='1.0'?><stream:stream from='lab.test' id='1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

// streamOf answers each new stream with features, and what else is heard by what
// it contains.
func streamOf(answers ...string) func(int, string) []string {
	return func(_ int, heard string) []string {
		for pair := range slices.Chunk(answers, 2) {
			if strings.Contains(heard, pair[0]) {
				return pair[1:]
			}
		}
		return nil
	}
}

const (
	offersScram = streamHead + "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>"
	offersTLS   = streamHead + "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
)

func streamError(condition string) string {
	return streamHead + "<stream:error><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'>elsewhere</" + condition + "></stream:error></stream:stream>"
}

func saslFailure(condition string) string {
	return "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><" + condition + "/></failure>"
}

func TestLyingServersOfXMPP(t *testing.T) {
	for name, c := range map[string]struct {
		babbler
		tls     xmpp.Policy
		forGood bool
	}{
		"see-other-host":          {babbler: babbler{answers: streamOf("<stream:stream", streamError("see-other-host"))}, forGood: true},
		"system-shutdown":         {babbler: babbler{answers: streamOf("<stream:stream", streamError("system-shutdown"))}},
		"reset":                   {babbler: babbler{answers: streamOf("<stream:stream", streamError("reset"))}},
		"closes the stream":       {babbler: babbler{answers: streamOf("<stream:stream", streamHead+"</stream:stream>")}},
		"features without end":    {babbler: babbler{answers: streamOf("<stream:stream", offersScram, "", strings.TrimPrefix(offersScram, streamHead))}},
		"not now":                 {babbler: babbler{answers: streamOf("<stream:stream", offersScram, "<auth", saslFailure("temporary-auth-failure"))}},
		"not you":                 {babbler: babbler{answers: streamOf("<stream:stream", offersScram, "<auth", saslFailure("not-authorized"))}, forGood: true},
		"challenges without end":  {babbler: babbler{answers: streamOf("<stream:stream", offersScram, "", "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj0xLHM9UVNYQ1IrUTZzZWs4YmY5MixpPTQwOTY=</challenge>")}, forGood: true},
		"TLS without end":         {babbler: babbler{answers: streamOf("<stream:stream", offersTLS, "<starttls", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}, tls: xmpp.Required},
		"TLS that cannot":         {babbler: babbler{answers: streamOf("<stream:stream", offersTLS, "<starttls", "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}, tls: xmpp.Required},
		"silence":                 {babbler: babbler{answers: streamOf()}},
		"closes what it accepts":  {babbler: babbler{greets: func(h *host, s system.Socket) { connected(h, s); closes(nil)(h, s) }, answers: streamOf()}},
		"closes after the hello":  {babbler: babbler{answers: streamOf(), closes: func(int, string) bool { return true }}},
		"closes when it is asked": {babbler: babbler{answers: streamOf("<stream:stream", offersScram), closes: func(_ int, heard string) bool { return strings.Contains(heard, "<auth") }}},
	} {
		t.Run(name, func(t *testing.T) {
			policy := c.tls
			if policy == "" {
				policy = xmpp.Off
			}
			h := newHost(t, xmpp.Config{JID: "alice@lab.test", Password: "secret", Server: "192.0.2.1:5222", TLS: policy}, &c.babbler)
			h.run(10 * time.Minute)
			h.check(60)
			if c.tls != xmpp.Required { // the server of the lab has no certificate here
				c.sane = xmpp.NewServer(host1)
				h.recovers(c.forGood)
			}
		})
	}
}

func TestLyingRawServers(t *testing.T) {
	const connect = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"event\":\"connected\"}"
	const empty = "HTTP/1.1 204 No Content\r\n\r\n"
	polled := func(answer string) func(n int, heard string) []string {
		return func(_ int, heard string) []string {
			if strings.Contains(heard, "/connect") {
				return []string{connect}
			}
			return []string{answer}
		}
	}
	for name, c := range map[string]struct {
		protocol string
		babbler
		forGood bool
		few     int
	}{
		"refuses":                    {protocol: "lines", babbler: babbler{answers: func(int, string) []string { return []string{"NO\n", "ERROR no\n", "REFUSED\n"} }}, few: 100},
		"closes what it accepts":     {protocol: "lines", babbler: babbler{answers: func(int, string) []string { return nil }, closes: func(int, string) bool { return true }}, few: 40},
		"takes us in and closes":     {protocol: "lines", babbler: babbler{answers: func(int, string) []string { return []string{"OK\n"} }, closes: func(int, string) bool { return true }}, few: 60},
		"polls end at once":          {protocol: "long-polling", babbler: babbler{answers: polled(empty)}},
		"polls end with rubbish":     {protocol: "long-polling", babbler: babbler{answers: polled("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")}},
		"polls end with a pong":      {protocol: "long-polling", babbler: babbler{answers: polled("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"event\":\"pong\"}")}},
		"not let in, again and over": {protocol: "long-polling", babbler: babbler{answers: func(int, string) []string { return []string{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"} }}, forGood: true, few: 3},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := raw.Load(c.protocol)
			if err != nil {
				t.Fatal(err)
			}
			h := newHost(t, raw.Config{Protocol: p, Server: "192.0.2.1:7000", User: "alice", Password: "secret", Clear: control.Clear{Here: true}}, &c.babbler)
			h.run(10 * time.Minute)
			h.check(c.few)
			if c.sane, err = raw.NewServer(p, host1); err != nil {
				t.Fatal(err)
			}
			h.recovers(c.forGood)
		})
	}
}
