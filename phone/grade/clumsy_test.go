package grade

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A clumsy phone is a SIP client that breaks the rules that a test names. If it
// breaks none it passes all checks but those that need a person or audio.
type clumsy struct {
	bad    map[string]bool
	udp    bool
	socket system.Socket
	down   bool
	local  netip.AddrPort
	framer sip.Framer
	out    []system.Effect

	challenge []digest.Challenge // the last, if any
	count     int                // uses of the challenge
	cseq      int
	dialogs   int
	tags      map[string]string // of the calls, by Call-ID
	invites   map[string]*grammar.Request

	registerAt, pingAt, pongBy, ringAt time.Time
	ringing                            *grammar.Request
	now                                time.Time
}

// The grants of the rig's lab: the clumsy phone knows them beforehand.
const (
	refreshAfter = 30 * time.Second
	pingAfter    = 7 * time.Second
)

func (r *rig) clumsy(udp bool, bad ...string) {
	c := &clumsy{bad: map[string]bool{}, udp: udp, tags: map[string]string{}, invites: map[string]*grammar.Request{}}
	for _, b := range bad {
		c.bad[b] = true
	}
	node := r.w.Add("clumsy", phoneAddr, c, good)
	r.w.Do(node, func(now time.Time) []system.Effect { c.now = now; return c.connect() })
	r.person = func(what string) {
		if strings.HasPrefix(what, "call ") {
			r.w.Do(node, func(now time.Time) []system.Effect { c.now = now; c.call(""); return c.take() })
		}
	}
}

func (c *clumsy) connect() []system.Effect {
	c.socket++
	c.framer, c.down = sip.Framer{}, false
	c.pongBy = time.Time{}
	if c.udp {
		return []system.Effect{system.Bind{RTP: c.socket, Target: "lab:5060"}}
	}
	return []system.Effect{system.Connect{Socket: c.socket, Target: "lab:5060"}}
}

func (c *clumsy) Deadline() time.Time {
	return system.Earliest(system.Earliest(c.registerAt, c.pingAt), system.Earliest(c.pongBy, c.ringAt))
}

func (c *clumsy) Advance(now time.Time) []system.Effect {
	c.now = now
	switch {
	case system.Due(c.pongBy, now): // the flow has failed
		c.out = append(c.out, system.Close{Socket: c.socket})
		c.out = append(c.out, c.connect()...)
		c.pingAt, c.registerAt = time.Time{}, time.Time{}
	case system.Due(c.ringAt, now):
		c.ringAt = time.Time{}
		c.respond(c.ringing, 180)
	case system.Due(c.registerAt, now):
		c.registerAt = time.Time{}
		if c.down {
			return c.connect()
		}
		c.register()
	case system.Due(c.pingAt, now):
		c.pingAt = now.Add(pingAfter)
		if !c.bad["believes"] && c.pongBy.IsZero() {
			c.pongBy = now.Add(10 * time.Second)
			c.framer.AwaitPong(true)
		}
		c.send("\r\n\r\n")
	}
	return c.take()
}

func (c *clumsy) take() []system.Effect {
	out := c.out
	c.out = nil
	return out
}

func (c *clumsy) send(text string) {
	if head, body, ok := strings.Cut(text, "\r\n\r\n"); ok && head != "" && c.bad["bare LF"] {
		text = strings.ReplaceAll(head, "\r\n", "\n") + "\n\n" + body
	}
	c.out = append(c.out, system.Send{Socket: c.socket, To: netip.AddrPortFrom(labAddr, 5060), Data: []byte(text)})
}

func (c *clumsy) Receive(now time.Time, s system.Signal) []system.Effect {
	c.now = now
	switch s := s.(type) {
	case system.Connected:
		c.local = s.Local
		c.register()
	case system.Bound:
		c.local = netip.AddrPortFrom(phoneAddr, s.Local.Port())
		c.register()
	case system.Closed:
		c.pingAt, c.pongBy, c.down = time.Time{}, time.Time{}, true
		switch {
		case c.bad["waits for its refresh"]:
			return nil
		case !c.bad["stays away"]:
			c.registerAt = time.Time{}
			return c.connect()
		}
		c.registerAt = time.Time{}
	case system.Received:
		if c.udp {
			c.frame(sip.ParseDatagram(s.Data))
			break
		}
		c.framer.Push(s.Data)
		for f := c.framer.Next(); f != nil; f = c.framer.Next() {
			c.frame(f)
		}
	}
	return c.take()
}

func (c *clumsy) frame(f sip.Frame) {
	switch f := f.(type) {
	case sip.Ping:
		if c.bad["hangs up at pings"] {
			c.out = append(c.out, system.Close{Socket: c.socket})
			c.out = append(c.out, c.connect()...)
		}
	case sip.Pong:
		c.pongBy = time.Time{}
		c.framer.AwaitPong(false)
	case sip.Message:
		if req, ok := f.SIP.(*grammar.Request); ok {
			c.request(req)
		} else {
			c.response(f.SIP.(*grammar.Response))
		}
	}
}

// contact returns the phone's Contact.
func (c *clumsy) contact() string {
	uri, params := fmt.Sprintf("sip:alice@%s", c.local), `;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000002>";reg-id=1`
	pn := ";pn-provider=fcm;pn-param=project;pn-prid=token"
	switch {
	case c.bad["no instance"]:
		params = ";reg-id=1"
	case c.bad["no URN"]:
		params = `;+sip.instance="00:11:22:33:44:55";reg-id=1`
	case c.bad["untidy"]:
		params += ";;"
	case c.bad["no reg-id"]:
		params = strings.TrimSuffix(params, ";reg-id=1")
	case c.bad["pn- outside"]:
		params, pn = params+pn, ""
	case c.bad["android"]:
		pn = strings.Replace(pn, "fcm", "android", 1)
	case c.bad["no token"]:
		pn = strings.Replace(pn, ";pn-prid=token", "", 1)
	case c.bad["apns bundle"]:
		pn = ";pn-provider=apns;pn-param=com.example.app;pn-prid=" + strings.Repeat("ab", 32)
	}
	return "<" + uri + pn + ">" + params
}

func (c *clumsy) register() {
	c.cseq++
	transport := map[bool]string{false: "TCP", true: "UDP"}[c.udp]
	if c.bad["unreadable"] {
		c.send("OPTIONS sip:lab.test SIP/2.0\r\nContent-Length: 0\r\n\r\n")
	}
	lines := []string{
		"REGISTER sip:lab.test SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/%s %s;branch=z9hG4bKr%d;rport", transport, c.local, c.cseq),
		"Max-Forwards: 70", "From: <sip:alice@lab.test>;tag=reg", "To: <sip:alice@lab.test>",
		"Call-ID: reg@clumsy", fmt.Sprintf("CSeq: %d REGISTER", c.cseq), "Contact: " + c.contact(), "User-Agent: clumsy",
	}
	if !c.bad["no expires"] {
		lines = append(lines, map[bool]string{false: "Expires: 3600", true: "Expires: -1"}[c.bad["nonsense expiry"]])
	}
	if !c.bad["no outbound"] {
		lines = append(lines, "Supported: outbound")
	}
	if cred := c.credentials(); cred != "" {
		lines = append(lines, "Authorization: "+cred)
	}
	c.send(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

func (c *clumsy) digestURI() string {
	return map[bool]string{false: "sip:lab.test", true: "sip:lab.test:5060"}[c.bad["another uri"]]
}

func (c *clumsy) credentials() string {
	if len(c.challenge) == 0 {
		return ""
	}
	c.count++
	if c.bad["nc stands"] {
		c.count = 1
	}
	chal := c.challenge[0]
	if c.bad["no qop"] {
		chal.QOP = nil
	}
	cred, err := chal.Answer(digest.Answer{
		User: "alice", Password: "secret", URI: c.digestURI(), Cnonce: "c", Count: c.count,
	}, digest.Message{Method: "REGISTER"})
	if err != nil {
		panic(err)
	}
	text := cred.String()
	if c.bad["quoted qop"] {
		text = strings.Replace(text, "qop=auth", `qop="auth"`, 1)
	}
	return text
}

func (c *clumsy) response(res *grammar.Response) {
	if res.CSeq().MethodName == grammar.INVITE {
		c.called(res)
	}
	if res.CSeq().MethodName != grammar.REGISTER {
		return
	}
	switch res.StatusCode {
	case 401:
		stale := strings.Contains(res.GetHeaders("WWW-Authenticate")[0].Value(), "stale")
		if stale && c.bad["asks for a password"] {
			return
		}
		all := res.GetHeaders("WWW-Authenticate")
		chosen := all[0]
		if c.bad["prefers MD5"] {
			chosen = all[len(all)-1]
		}
		if c.bad["stumbles over two"] && len(all) > 1 {
			return
		}
		c.challenge, _ = digest.ParseChallenges(chosen.Value())
		if c.bad["knows MD5"] && c.challenge[0].Algorithm != "MD5" {
			if len(all) == 1 {
				return
			}
			c.challenge, _ = digest.ParseChallenges(all[1].Value())
		}
		c.count = 0
		c.register()
	case 302:
		switch {
		case c.bad["hammers"]:
			c.register()
		case !c.bad["gives up"]:
			c.registerAt = c.now.Add(10 * time.Second)
		}
	case 200:
		if !c.bad["never refreshes"] {
			c.registerAt = c.now.Add(refreshAfter)
		}
		if !c.bad["never pings"] && !c.udp && c.pingAt.IsZero() {
			c.pingAt = c.now.Add(pingAfter)
		}
		if c.bad["pings late"] {
			c.pingAt = c.now.Add(12 * time.Second)
		}
	}
}

// request answers a request, wrongly if the test wants that.
func (c *clumsy) request(req *grammar.Request) {
	switch req.Method {
	case grammar.ACK:
	case grammar.OPTIONS:
		switch required := len(req.GetHeaders("Require")) > 0; {
		case c.bad["deaf to OPTIONS"]:
		case required && c.bad["does not say what"]:
			c.respond(req, 420)
		case required && !c.bad["requires nothing"]:
			c.respond(req, 420, "Unsupported: "+req.GetHeader("Require").Value())
		default:
			c.respond(req, 200)
		}
	case grammar.INVITE:
		c.invite(req)
	case grammar.CANCEL:
		if c.bad["rings on"] {
			return
		}
		c.respond(req, 200)
		c.ringAt = time.Time{}
		if invite := c.invites[req.CallID().Value()]; invite != nil {
			c.respond(invite, 487)
		}
	case grammar.BYE:
		c.respond(req, 200)
	case grammar.PRACK:
		c.respond(req, map[bool]int{false: 200, true: 481}[c.bad["refuses PRACK"]])
	case grammar.MESSAGE:
		if !c.bad["deaf to texts"] {
			c.respond(req, map[bool]int{false: 200, true: 500}[c.bad["breaks at texts"]])
		}
	case grammar.NOTIFY:
		c.notify(req)
	default:
		c.respond(req, map[bool]int{false: 501, true: 200}[c.bad["agrees to everything"]])
	}
}

func (c *clumsy) invite(req *grammar.Request) {
	id := req.CallID().Value()
	if c.invites[id] != nil && !c.bad["rings twice"] {
		c.respond(req, 180)
		return
	}
	c.dialogs++
	if least, asks := c.leastSession(), req.GetHeader("Session-Expires"); least > 0 && asks != nil && sip.ParseSessionExpires(asks.Value()).Every < least {
		c.tags[id] = fmt.Sprintf("d%d", c.dialogs)
		c.respond(req, 422, fmt.Sprintf("Min-SE: %.0f", least.Seconds()))
		return
	}
	c.invites[id] = req
	c.tags[id] = fmt.Sprintf("d%d", c.dialogs)
	required := ""
	if h := req.GetHeader("Require"); h != nil {
		required = h.Value()
	}
	strict := required == "100rel"
	brief := slices.ContainsFunc(req.GetHeaders("Session-Expires"), func(h grammar.Header) bool { return h.Value() == "30" })
	switch {
	case required == "replaces" && c.bad["replaces nobody"]:
	case required == "replaces" && c.bad["knows Replaces"]:
		c.respond(req, 481)
		return
	case required == "replaces":
		c.respond(req, 420, "Unsupported: replaces")
		return
	case brief && c.bad["knows timers"]:
		c.respond(req, 422, "Min-SE: 90")
		return
	case brief && c.bad["does not say how long"]:
		c.respond(req, 422)
		return
	}
	switch {
	case strict && (c.bad["refuses PRACK"] || c.bad["knows 100rel"]):
		c.respond(req, 180, "Require: 100rel", "RSeq: 1")
	case strict && !c.bad["rings all the same"]:
		c.respond(req, 420, "Unsupported: 100rel")
	case c.bad["is silent"]:
	case c.bad["is busy"]:
		c.respond(req, 486)
	case c.bad["rings late"]:
		c.ringing, c.ringAt = req, c.now.Add(1500*time.Millisecond)
	default:
		c.respond(req, 180)
	}
}

// leastSession is the shortest session timer that it takes; 0: any.
func (c *clumsy) leastSession() time.Duration {
	switch {
	case c.bad["wants long sessions"]:
		return 30 * time.Minute
	case c.bad["wants ever longer sessions"]:
		return time.Duration(c.dialogs) * time.Hour
	}
	return 0
}

// called takes a response to a call of its own.
func (c *clumsy) called(res *grammar.Response) {
	switch {
	case res.StatusCode == 407 && !c.bad["calls once"]:
		all, _ := digest.ParseChallenges(res.GetHeader("Proxy-Authenticate").Value())
		password := map[bool]string{false: "secret", true: "guess"}[c.bad["calls with a guess"]]
		cred, err := all[0].Answer(digest.Answer{User: "alice", Password: password, URI: "sip:bob@lab.test", Cnonce: "c", Count: 1}, digest.Message{Method: "INVITE"})
		if err != nil {
			panic(err)
		}
		c.call(cred.String())
	case res.StatusCode == 200:
		c.send(strings.Join([]string{
			"ACK " + res.Contact().Address.String() + " SIP/2.0", fmt.Sprintf("Via: SIP/2.0/TCP %s;branch=z9hG4bKa%d", c.local, c.cseq),
			"Route: " + res.GetHeader("Record-Route").Value(), "Max-Forwards: 70", "From: " + res.From().Value(), "To: " + res.To().Value(),
			"Call-ID: call@clumsy", fmt.Sprintf("CSeq: %d ACK", res.CSeq().SeqNo), "Content-Length: 0",
		}, "\r\n") + "\r\n\r\n")
	}
}

// notify answers news.
func (c *clumsy) notify(req *grammar.Request) {
	known := req.GetHeader("Event").Value() == "message-summary"
	switch {
	case known && c.bad["deaf to news"]:
	case known && c.bad["breaks at news"]:
		c.respond(req, 500)
	case known && c.bad["wants no news"], !known && !c.bad["believes all news"]:
		c.respond(req, 489)
	default:
		c.respond(req, 200)
	}
}

// call calls bob, as an instruction says; cred is what a challenge was answered with.
func (c *clumsy) call(cred string) {
	c.cseq++
	from := map[bool]string{false: "alice", true: "carol"}[c.bad["calls as carol"]]
	lines := []string{
		"INVITE sip:bob@lab.test SIP/2.0", fmt.Sprintf("Via: SIP/2.0/TCP %s;branch=z9hG4bKi%d;rport", c.local, c.cseq),
		"Max-Forwards: 70", "From: <sip:" + from + "@lab.test>;tag=call", "To: <sip:bob@lab.test>",
		"Call-ID: call@clumsy", fmt.Sprintf("CSeq: %d INVITE", c.cseq), "Contact: <sip:alice@" + c.local.String() + ">",
	}
	if cred != "" {
		lines = append(lines, "Proxy-Authorization: "+cred)
	}
	c.send(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

func (c *clumsy) respond(req *grammar.Request, status int, more ...string) {
	lines := []string{fmt.Sprintf("SIP/2.0 %d %s", status, sip.Reason(status))}
	for _, h := range req.Headers() {
		switch h.Name() {
		case "Via", "From", "Call-ID", "CSeq":
			lines = append(lines, h.Name()+": "+h.Value())
		case "To":
			value := h.Value()
			if !strings.Contains(value, "tag=") {
				value += ";tag=x" + c.tags[req.CallID().Value()]
			}
			lines = append(lines, "To: "+value)
		}
	}
	lines = append(append(lines, "Contact: <sip:alice@"+c.local.String()+">"), more...)
	c.send(strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n")
}

// TestClumsyPhones breaks one rule at a time: only the check of that rule
// fails.
func TestClumsyPhones(t *testing.T) {
	for bad, want := range map[string][]string{
		"nothing":                    nil,
		"no expires":                 {"expires"},
		"no instance":                {"instance"},
		"no URN":                     {"instance"},
		"no reg-id":                  {"outbound"},
		"no outbound":                {"outbound"},
		"pn- outside":                {"push-params"},
		"no token":                   {"push-params"},
		"apns bundle":                {"push-params"},
		"deaf to OPTIONS":            {"options", "require", "server-ping"},
		"agrees to everything":       {"unknown-method", "refer"},
		"knows 100rel":               nil,
		"refuses PRACK":              {"reliable"},
		"rings all the same":         {"reliable"},
		"replaces nobody":            {"replaces"},
		"knows Replaces":             nil,
		"knows timers":               nil,
		"does not say how long":      {"brief-timer"},
		"wants long sessions":        nil,
		"wants ever longer sessions": {"ringing"},
		"nonsense expiry":            {"lifetime"},
		"hammers":                    {"redirected"},
		"gives up":                   {"redirected"},
		"prefers MD5":                {"digest-choice"},
		"knows MD5":                  nil,
		"stumbles over two":          {"digest-choice"},
		"requires nothing":           {"require"},
		"does not say what":          {"require"},
		"deaf to texts":              {"message"},
		"breaks at texts":            {"message"},
		"deaf to news":               {"mwi"},
		"breaks at news":             {"mwi"},
		"wants no news":              nil,
		"believes all news":          {"event"},
		"is silent":                  {"ringing"},
		"is busy":                    {"ringing"},
		"rings late":                 {"ringing"},
		"rings on":                   {"cancel"},
		"never pings":                {"keepalive", "stall"},
		"pings late":                 {"keepalive"},
		"hangs up at pings":          {"server-ping"},
		"never refreshes":            {"refresh"},
		"asks for a password":        {"stale"},
		"quoted qop":                 {"digest"},
		"no qop":                     {"digest"},
		"another uri":                {"digest"},
		"nc stands":                  {"digest"},
		"untidy":                     {"tidy"},
		"bare LF":                    {"tidy"},
		"unreadable":                 {"tidy"},
		"stays away":                 {"cut"},
		"waits for its refresh":      {"cut", "reset"},
		"believes":                   {"no-pong", "stall"},
	} {
		t.Run(bad, func(t *testing.T) {
			r := newRig(t, Config{})
			r.clumsy(false, bad)
			if got := verdicts(r.run(), Fail); !slices.Equal(got, want) {
				t.Errorf("it fails %q, want %q\n%s", got, want, lines(r.exam.Report()))
			}
		})
	}
}

// TestClumsyCalls has somebody at the phone call, as is asked.
func TestClumsyCalls(t *testing.T) {
	for bad, want := range map[string]struct {
		verdict Verdict
		why     string
	}{
		"nothing":            {Pass, "it calls again with credentials"},
		"calls once":         {Fail, "it has not called again with credentials"},
		"calls with a guess": {Fail, "the lab refused its credentials: 403"},
		"calls as carol":     {Fail, "it calls as somebody else than alice"},
	} {
		r := newRig(t, Config{Only: []string{"call"}})
		r.clumsy(false, bad)
		if m := r.run().Marks[1]; m.Verdict != want.verdict || !strings.HasPrefix(m.Why, want.why) {
			t.Errorf("%s: %s", bad, lines(r.exam.Report()))
		}
	}
}

// TestClumsyReport compares the report on a phone that breaks a few rules.
func TestClumsyReport(t *testing.T) {
	r := newRig(t, Config{})
	r.clumsy(false, "no instance", "rings on", "never pings", "nc stands")
	golden.File(t, "testdata/clumsy.report", lines(r.run()))
}

func TestRingsTwice(t *testing.T) {
	for _, bad := range []string{"nothing", "rings twice", "wants long sessions"} {
		r := newRig(t, Config{Only: []string{"repeated-invite"}})
		r.clumsy(true, bad)
		want := map[string]Verdict{"nothing": Pass, "rings twice": Fail, "wants long sessions": Pass}[bad]
		if got := r.run().Marks[1]; got.Verdict != want {
			t.Errorf("%s: %+v, want %s", bad, got, want)
		}
	}
}
