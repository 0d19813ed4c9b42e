package sip

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/zone"
)

// TestTranscripts runs each testdata/*.txt: lines that begin with "> " are
// commands to the agent, to its kernel or to a scripted peer; what follows
// them is what happened.
func TestTranscripts(t *testing.T) { golden.Transcripts(t, runScript) }

func runScript(t *testing.T, script string) string {
	r := newRig(t, Config{})
	golden.Play(t, &r.w, script, r.do)
	return r.w.String()
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// rigServer is the server of all rigs.
var rigServer = netip.MustParseAddrPort("192.0.2.9:5060")

const testSDP = "v=0\r\n"

// A rig is an agent with a scripted kernel and peer.
type rig struct {
	t         testing.TB
	a         *Agent
	now       time.Time
	w         bytes.Buffer
	socket    system.Socket          // the last one that the agent opened, or that of its flow over UDP
	sockets   system.Socket          // how many it has opened
	flow, tcp system.Socket          // of the flow over UDP, and beside it
	aside     bool                   // what comes now comes over TCP beside UDP
	sent      map[string]sip.Message // by method of a request, or "METHOD status"
	raw       map[string]string
	answered  map[string]bool // with that text: another is for a copy of the request
	branch    int             // of the peer's last INVITE
	cseq      int
	asked     *sip.Request                        // the peer's last INVITE
	seen      func(out control.Output, input int) // looks at every output, if it is set
}

func newRig(t testing.TB, cfg Config) *rig {
	t.Helper()
	r := &rig{t: t, now: epoch, sent: map[string]sip.Message{}, raw: map[string]string{}, answered: map[string]bool{}}
	if err := r.restart(cfg); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) restart(cfg Config) error {
	cfg.AOR = cmp.Or(cfg.AOR, "sip:alice@example.com")
	cfg.Password, cfg.Display, cfg.Server = "secret", "Alice", "pbx.example.com:5060"
	cfg.Instance, cfg.UserAgent, cfg.Rand = "urn:uuid:00000000-0000-1000-8000-000a95a0e128", "sleeptalk", rand.New(rand.NewPCG(1, 2))
	cfg.NextSocket = func() system.Socket { r.sockets++; r.socket = r.sockets; return r.socket }
	a, err := New(cfg)
	r.a = a
	return err
}

// plays carries out command lines that cannot fail.
func (r *rig) plays(lines ...string) {
	r.t.Helper()
	for _, line := range lines {
		if err := r.do(line); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
	}
}

// do carries out one command line.
func (r *rig) do(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "config":
		return r.config(rest)
	case "advance":
		return r.advance(rest)
	case "freeze": // the program is stopped, and runs again after that time
		d, err := time.ParseDuration(rest)
		r.now = r.now.Add(d)
		r.print(r.a.Advance(r.now))
		return err
	case "show":
		if r.raw[rest] == "" {
			return fmt.Errorf("no %s was sent", rest)
		}
		for l := range strings.SplitSeq(strings.TrimRight(r.raw[rest], "\r\n"), "\r\n") {
			fmt.Fprintf(&r.w, "        | %s\n", l)
		}
		return nil
	case "tcp": // one of those below, on the TCP connection beside UDP
		r.socket, r.aside = r.tcp, true
		err := r.do(rest)
		r.socket, r.aside = r.flow, false
		return err
	case "connected", "secured", "upgraded", "failed", "closed", "resolved", "dns", "bytes", "from", "respond", "peer", "notify":
		return r.network(verb, rest)
	}
	return r.command(verb, rest)
}

func (r *rig) config(rest string) error {
	cfg := Config{Outbound: strings.Contains(rest, "outbound"), AcceptAny: strings.Contains(rest, "any"), ShowRedirects: strings.Contains(rest, "show")}
	if strings.Contains(rest, "proxy") {
		cfg.Proxy = "sip:pbx.example.com:5060;transport=tcp;lr"
	}
	if strings.Contains(rest, "udp") {
		cfg.Transport = UDP
	}
	if strings.Contains(rest, "tls") {
		cfg.Transport = TLS
	}
	if strings.Contains(rest, "websocket") {
		cfg.Transport, cfg.Path = WSS, "/sip"
	}
	if strings.Contains(rest, "pings") {
		cfg.PingMin, cfg.PingMax = 95*time.Second, 120*time.Second
	}
	for word := range strings.FieldsSeq(rest) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "flow": // a number, with + where another flow stands
			n, _ := strconv.Atoi(strings.TrimSuffix(value, "+"))
			cfg.Flow = control.Flow{Number: n, Others: func() bool { return strings.HasSuffix(value, "+") }}
		case "100rel":
			cfg.Reliable = Reliability(value)
		case "timer":
			cfg.NoTimer = value == "off"
			cfg.SessionTimer, _ = time.ParseDuration(value)
		case "locate": // [TRANSPORT], or sips
			cfg.Locate, cfg.Transport, cfg.Secure = true, Transport(strings.TrimSuffix(value, "sips")), value == "sips"
		case "expires":
			cfg.Expires, _ = time.ParseDuration(value)
		case "collector":
			cfg.Collector = value
		case "min-se":
			cfg.MinSE, _ = time.ParseDuration(value)
		}
	}
	return r.restart(cfg)
}

// advance lets time pass and wakes the agent at each of its deadlines.
func (r *rig) advance(rest string) error {
	d, err := time.ParseDuration(rest)
	until := r.now.Add(d)
	for at := r.a.Deadline(); system.Due(at, until); at = r.a.Deadline() {
		r.now = at
		r.print(r.a.Advance(at))
	}
	r.now = until
	return err
}

func (r *rig) command(verb, rest string) error {
	args := strings.Fields(rest)
	num := func(i int) int {
		n, _ := strconv.Atoi(args[i])
		return n
	}
	var out control.Output
	var err error
	switch verb {
	case "register":
		out = r.a.Register(r.now)
	case "unregister":
		out = r.a.Unregister(r.now)
	case "push":
		rest, timer := strings.CutSuffix(rest, " timer")
		values, err := url.ParseQuery(strings.ReplaceAll(rest, ";", "&"))
		if err != nil {
			r.t.Fatal(err)
		}
		p, _ := push.ReadParams(func(key string) (string, bool) { return values.Get(key), values.Has(key) })
		p.Timer = timer
		r.a.SetPush(p)
	case "pushes":
		asked, will := r.a.Pushes(rest)
		fmt.Fprintf(&r.w, "    asked %t, will %t\n", asked, will)
	case "rest":
		out = r.a.Rest(r.now)
	case "ping":
		out = r.a.Ping(r.now)
	case "ask":
		out = r.a.Ask(r.now)
	case "text":
		to, text, _ := strings.Cut(rest, " ")
		out, err = r.a.Tell(r.now, control.SendText{To: to, Text: text})
	case "force": // METHOD STATUS [AFTER [TIMES [RETRY]]]
		out, err = r.a.Tell(r.now, forceOf(args))
	case "subscribe", "unsubscribe": // PACKAGE [TO]
		to := strings.Join(args[1:], "")
		o := control.Order(control.Subscribe{Package: args[0], To: to})
		if verb == "unsubscribe" {
			o = control.Unsubscribe{Package: args[0], To: to}
		}
		out, err = r.a.Tell(r.now, o)
		err = r.refused(err)
	case "publish":
		out, err = r.a.Tell(r.now, control.Publish{Basic: rest, Note: "at <my> desk"})
		err = r.refused(err)
	case "report": // CALL
		id, _ := strconv.Atoi(rest)
		out, err = r.a.Tell(r.now, control.ReportQuality{Call: id, Quality: measuredQuality()})
	case "unforce":
		out, err = r.a.Tell(r.now, control.Unforce{Method: rest})
	case "header": // METHOD|STATUS NAME VALUE
		out, err = r.a.Tell(r.now, control.AddHeader{On: args[0], Name: args[1], Value: strings.ReplaceAll(strings.Join(args[2:], " "), "LONG", strings.Repeat("x", 1000))})
	case "shutdown":
		out = r.a.Shutdown(r.now)
	case "invite":
		_, out, err = r.a.Invite(r.now, rest, []byte(testSDP))
	case "ring":
		out = r.a.Ring(r.now, num(0))
	case "ring-offering":
		out = r.a.RingOffering(r.now, num(0), []byte(testSDP))
	case "answer":
		out = r.a.Answer(r.now, num(0), []byte(testSDP))
	case "accept": // without a session
		out = r.a.Answer(r.now, num(0), nil)
	case "reject":
		out = r.a.Reject(r.now, num(0), num(1))
	case "reject-offer":
		_, reason, _ := strings.Cut(rest, " ")
		code, reason, _ := strings.Cut(reason, " ")
		warning, _ := strconv.Atoi(code)
		out = r.a.RejectOffer(r.now, num(0), warning, reason)
	case "hangup":
		out = r.a.Hangup(r.now, num(0))
	case "transfer":
		out, err = r.a.Transfer(r.now, num(0), args[1])
		err = r.refused(err)
	case "transferto":
		out, err = r.a.TransferTo(r.now, num(0), num(1))
		err = r.refused(err)
	case "consider":
		out = r.a.Consider(r.now, num(0))
	case "follow":
		_, out, err = r.a.Follow(r.now, num(0), []byte(testSDP))
	case "refuse":
		out = r.a.Refuse(r.now, num(0), num(1))
	case "reinvite":
		out = r.a.Reinvite(r.now, num(0), offering(testSDP))
	default:
		return errors.New("unknown command")
	}
	r.print(out)
	return err
}

// refused writes an error down that belongs to the script.
func (r *rig) refused(err error) error {
	if err != nil {
		fmt.Fprintf(&r.w, "    error: %v\n", err)
	}
	return nil
}

// forceOf reads METHOD STATUS [AFTER [TIMES [RETRY]]].
func forceOf(args []string) control.Force {
	f := control.Force{Method: args[0]}
	f.Status, _ = strconv.Atoi(args[1])
	if len(args) > 2 {
		f.After, _ = time.ParseDuration(args[2])
	}
	if len(args) > 3 {
		f.Times, _ = strconv.Atoi(args[3])
	}
	if len(args) > 4 {
		f.RetryAfter, _ = time.ParseDuration(args[4])
	}
	return f
}

func (r *rig) network(verb, rest string) error {
	switch verb {
	case "connected": // [ADDRESS…]: those of the server, of which the first is taken
		local, remote := netip.MustParseAddrPort("192.0.2.1:49152"), rigServer
		var addrs []netip.Addr
		for word := range strings.FieldsSeq(rest) {
			addrs = append(addrs, netip.MustParseAddr(word))
			remote = netip.AddrPortFrom(addrs[0], remote.Port())
		}
		if r.udp() {
			r.print(r.a.Receive(r.now, system.Bound{Socket: r.socket, Local: local, Remote: remote, Addrs: addrs}))
		} else {
			r.print(r.a.Receive(r.now, system.Connected{Socket: r.socket, Local: local, Remote: remote, Addrs: addrs}))
		}
	case "secured":
		r.print(r.a.Receive(r.now, system.Secured{
			Socket: r.socket, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Subject: "pbx.example.com", Issuer: "Example CA",
		}))
	case "upgraded":
		r.print(r.a.Receive(r.now, system.Upgraded{Socket: r.socket, Protocol: Subprotocol}))
	case "failed":
		r.print(r.a.Receive(r.now, system.Failed{Socket: r.socket, Err: golden.SocketError(rest)}))
	case "closed":
		err := golden.SocketError(rest)
		r.print(r.a.Receive(r.now, system.Closed{Socket: r.socket, Err: err}))
	case "resolved": // HOST [ADDRESS…]
		words := strings.Fields(rest)
		got := system.Resolved{Host: words[0]}
		for _, w := range words[1:] {
			got.Addrs = append(got.Addrs, netip.MustParseAddr(w))
		}
		r.print(r.a.Receive(r.now, got))
	case "dns": // TYPE NAME [RECORD[; RECORD…]], or NAME and a failure between brackets
		return r.dns(rest)
	case "bytes":
		s, err := strconv.Unquote(rest)
		if err != nil {
			return err
		}
		r.receive([]byte(s))
	case "from": // ADDRESS "bytes", or ADDRESS METHOD […] of the peer: over UDP, from somebody else
		from, data, _ := strings.Cut(rest, " ")
		s, err := strconv.Unquote(data)
		if err != nil {
			method, extra, _ := strings.Cut(data, " ")
			s = string(Encode(r.peerRequest(method, extra)))
		}
		r.take(system.Received{Socket: r.socket, From: netip.MustParseAddrPort(from), Data: []byte(s)})
	case "respond":
		return r.respond(rest)
	case "peer":
		return r.request(rest)
	case "notify": // STATE [text] [Header: value]: in the dialog of the agent's last SUBSCRIBE
		return r.notify(rest)
	}
	return nil
}

// not says which addresses of a server are to be avoided.
func not(avoid []netip.AddrPort) string {
	if len(avoid) == 0 {
		return ""
	}
	return fmt.Sprintf(", not %v", avoid)
}

// dns answers a question: with records, or with a failure.
func (r *rig) dns(rest string) error {
	words := strings.SplitN(rest, " ", 3)
	q := system.Query{Type: system.RecordType(words[0]), Name: words[1]}
	var lines []string
	if len(words) == 3 && words[2][0] == '(' {
		r.print(r.a.Receive(r.now, system.Answered{Query: q, Fault: system.DNSFault(strings.Trim(words[2], "()"))}))
		return nil
	} else if len(words) == 3 {
		for record := range strings.SplitSeq(words[2], "; ") {
			lines = append(lines, q.Name+" 300 "+words[0]+" "+record)
		}
	}
	z, err := zone.New(lines)
	r.print(r.a.Receive(r.now, z.Answer(q)))
	return err
}

func (r *rig) receive(data []byte) {
	received := system.Received{Socket: r.socket, From: rigServer, Data: data}
	if r.a.cfg.Transport.WebSocket() {
		received.Messages = [][]byte{data}
	}
	r.take(received)
}

// respond answers the agent's last request of a method:
// "METHOD STATUS [tag=x] [sdp] [Header: value | Header: value]".
func (r *rig) respond(rest string) error {
	args := strings.SplitN(rest, " ", 3)
	req, ok := r.sent[args[0]].(*sip.Request)
	if !ok {
		return fmt.Errorf("the agent has not sent %s", args[0])
	}
	status, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	extra := ""
	if len(args) == 3 {
		extra = args[2]
	}
	tag := "b0b"
	if strings.HasPrefix(extra, "tag=") {
		tag, extra, _ = strings.Cut(extra[4:], " ")
	}
	res := NewResponse(req, status, tag)
	r.extend(res, extra)
	r.receive(Encode(res))
	return nil
}

// extend adds "sdp", or another body in quotes, and header fields to a message of the peer.
func (r *rig) extend(m sip.Message, extra string) {
	var body []byte
	if after, ok := strings.CutPrefix(extra, "sdp"); ok {
		body, extra = []byte(testSDP), strings.TrimSpace(after)
		m.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	if quoted, err := strconv.QuotedPrefix(extra); err == nil {
		text, _ := strconv.Unquote(quoted)
		body, extra = []byte(text), strings.TrimSpace(extra[len(quoted):])
	}
	if after, ok := strings.CutPrefix(extra, "text"); ok {
		body, extra = []byte("hello"), strings.TrimSpace(after)
	}
	for h := range strings.SplitSeq(extra, " | ") {
		if name, value, ok := strings.Cut(h, ": "); ok {
			value = strings.ReplaceAll(value, "REPLACES", r.replacing())
			value = strings.ReplaceAll(value, "CONTACT", r.transport("<sip:alice@192.0.2.1:49152;transport=tcp>"))
			if res := r.sent["INVITE early"]; res != nil { // RAck: RSEQ is the last reliable response's
				value = strings.NewReplacer("RSEQ", Text(res, "rseq"), "CSEQ", fmt.Sprint(r.asked.CSeq().SeqNo)).Replace(value)
			}
			if res, ok := m.(*sip.Response); ok && (name == "From" || name == "To") { // in the place of what is right
				tag, _ := Param(res.From().Params, "tag")
				res.ReplaceHeader(sip.NewHeader(name, strings.ReplaceAll(value, "FROMTAG", tag)))
				continue
			}
			if req, ok := m.(*sip.Request); ok && (name == "Contact" || name == "Event" || name == "CSeq") { // it has one already
				req.RemoveHeader(name)
			}
			m.AppendHeader(sip.NewHeader(strings.TrimSpace(name), value))
		}
	}
	m.SetBody(body)
}

// replacing is what an INVITE needs that is to replace the agent's first call.
func (r *rig) replacing() string {
	if len(r.a.calls.list) == 0 {
		return "gone;to-tag=x;from-tag=y"
	}
	c := r.a.calls.list[0]
	d := &c.dialog
	if c.state == callCalling {
		return d.callID + ";to-tag=" + d.localTag + ";from-tag=b0b"
	}
	return d.callID + ";to-tag=" + d.localTag + ";from-tag=" + d.remoteTag
}

// request sends a request of the peer: "METHOD [again] [sdp] [Header: value]".
// In a call it is in its dialog; ACK and CANCEL are for the last INVITE.
func (r *rig) request(rest string) error {
	method, extra, _ := strings.Cut(rest, " ")
	extra, again := strings.CutPrefix(extra, "again")
	if again {
		r.receive(Encode(r.asked))
		return nil
	}
	r.receive(Encode(r.peerRequest(method, strings.TrimSpace(extra))))
	return nil
}

func (r *rig) peerRequest(method, extra string) *sip.Request {
	fresh := method != "CANCEL" && method != "ACK"
	if fresh {
		r.cseq++
		r.branch++
	}
	cseq := r.cseq
	if !fresh && r.asked != nil {
		cseq = int(r.asked.CSeq().SeqNo)
	}
	tag := "b0b" // of the peer: "tag=x" is another fork
	if after, ok := strings.CutPrefix(extra, "tag="); ok {
		tag, extra, _ = strings.Cut(after, " ")
	}
	to, from, id := "<sip:alice@example.com>", `"Bob" <sip:bob@example.com>;tag=`+tag, "call-of-bob"
	branch := fmt.Sprintf("z9hG4bK-bob-%d", r.branch)
	if final, ok := r.sent["INVITE 200"]; ok { // the peer called, and we answered
		tag, _ := final.To().Params.Get("tag")
		to += ";tag=" + tag
		if method == "ACK" {
			branch += "-ack"
		}
	} else if res, ok := r.sent["INVITE final"]; ok && method == "ACK" {
		tag, _ := res.To().Params.Get("tag")
		to += ";tag=" + tag
	} else if early, ok := r.sent["INVITE early"]; ok && (method == "PRACK" || method == "UPDATE") { // and we ring
		tag, _ := early.To().Params.Get("tag")
		to += ";tag=" + tag
	} else if out, ok := r.sent["INVITE"]; ok { // we called
		ours, _ := out.From().Params.Get("tag")
		to, from, id = "<sip:alice@example.com>;tag="+ours, "<sip:bob@example.com>;tag="+tag, out.CallID().Value()
	}
	if after, ok := strings.CutPrefix(extra, "as=carol"); ok { // somebody else, in a call of her own
		from, id, extra = `"Carol" <sip:carol@example.com>;tag=ca401`, "call-of-carol", strings.TrimSpace(after)
		if method == "INVITE" || method == "REFER" {
			to = "<sip:alice@example.com>"
		}
	}
	text := fmt.Sprintf("%s sip:alice@192.0.2.1:49152;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9:5060;branch=%s;rport\r\n"+
		"Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:bob@192.0.2.7:5070;transport=tcp>\r\nContent-Length: 0\r\n\r\n",
		method, branch, from, to, id, cseq, method)
	m, err := sip.ParseMessage([]byte(r.transport(text)))
	if err != nil {
		r.t.Fatal(err)
	}
	req := m.(*sip.Request)
	r.extend(req, extra)
	if method == "INVITE" {
		r.asked = req
	}
	return req
}

// udp reports whether what comes now comes over UDP.
func (r *rig) udp() bool { return r.a.cfg.Transport == UDP && !r.aside }

// transport is a text about TCP as one about the agent's transport.
func (r *rig) transport(text string) string {
	if r.udp() {
		return strings.NewReplacer("SIP/2.0/TCP", "SIP/2.0/UDP", "transport=tcp", "transport=udp").Replace(text)
	}
	return text
}

// print writes an output down, and keeps what was sent.
// take gives the agent what comes from a peer, and wants something said of each request that
// it refuses (see turnAway). OPTIONS is answered as an INVITE would be, a 487 is what a
// CANCEL asks for, what a tester forces he knows, and what crosses our BYE is no mistake.
func (r *rig) take(received system.Received) {
	said := len(r.a.forced.rules) > 0
	out := r.a.Receive(r.now, received)
	defer r.print(out)
	refusal := ""
	for _, c := range out.Effects {
		log, _ := c.(system.Log)
		switch e := log.Event.(type) {
		case nil, event.Ping, event.Pong:
		case event.Message:
			if e.Out && e.Status >= 400 && e.Status != sip.StatusRequestTerminated && e.Method != "OPTIONS" && !r.answered[e.Raw] {
				refusal = fmt.Sprintf("%d to %s", e.Status, e.Method)
			}
		default:
			said = true
		}
	}
	if refusal != "" && !said && !r.crossing(received.Data) {
		r.t.Errorf("nothing is said of the %s", refusal)
	}
}

// crossing reports whether what has come is in a dialog in which the account has sent a BYE,
// or owes one.
func (r *rig) crossing(data []byte) bool {
	m, _ := sip.ParseMessage(data)
	req, ok := m.(*sip.Request)
	return ok && slices.ContainsFunc(append(r.a.cfg.beside(), r.a), func(a *Agent) bool {
		return a.client.byes.has(func(d *dialog) bool { return d.matches(req) }) ||
			slices.ContainsFunc(a.calls.list, func(c *call) bool { return c.over && c.dialog.matches(req) })
	})
}

func (r *rig) print(out control.Output) {
	if r.seen != nil {
		r.seen(out, MaxMessage)
	}
	for _, c := range out.Effects {
		switch c := c.(type) {
		case system.Log:
			what, detail := c.Event.Text()
			r.line("%s", strings.TrimRight(fmt.Sprintf("%-36s %s", what, detail), " "))
			if m, ok := c.Event.(event.Message); ok && m.Out {
				key := m.Method
				if m.Status != 0 {
					key = fmt.Sprintf("%s %d", m.Method, m.Status)
				}
				r.raw[key] = m.Raw
				r.answered[m.Raw] = true
			}
		case system.Send:
			r.keep(c.Data)
			r.showTCP(c)
			if r.a.cfg.Transport == UDP && c.To != rigServer {
				r.line("to %s", c.To)
			}
		case system.Resolve:
			if r.a.cfg.Transport == UDP {
				line := "look up " + c.Host
				if len(c.Services) == 0 {
					line += " alone"
				}
				r.line("%s", line)
			}
		case system.Query:
			r.line("ask %s", c)
		case system.Bind:
			r.flow = c.RTP
			r.line("bind %d for %s%s", c.RTP, c.Target, not(c.Avoid))
		case system.Connect:
			if r.a.cfg.Transport == UDP {
				r.tcp, r.socket = c.Socket, r.flow
			}
			r.line("connect %d to %s%s", c.Socket, c.Target, not(c.Avoid))
		case system.StartWebSocket:
			r.line("WebSocket on %d with %s%s, %s", c.Socket, c.Host, c.Path, c.Protocol)
		case system.StartTLS:
			r.line("TLS on %d with %s", c.Socket, c.Name)
		case system.Close:
			r.line("close %d", c.Socket)
		}
	}
	for _, n := range out.Notices {
		name := strings.TrimPrefix(fmt.Sprintf("%T", n), "control.")
		r.line("NOTICE %s%s", name, strings.ReplaceAll(strings.TrimPrefix(fmt.Sprintf("%+q", shown(n)), `"`), `"`, ""))
	}
}

// showTCP says that something goes over TCP beside UDP.
func (r *rig) showTCP(c system.Send) {
	if r.tcp != 0 && c.Socket == r.tcp {
		r.line("on %d", c.Socket)
	}
}

func (r *rig) keep(data []byte) {
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	m, err := sip.ParseMessage(bytes.Clone(data))
	if err != nil {
		r.line("sent %q", data) // an answer that repeats what could not be parsed
		return
	}
	switch m := m.(type) {
	case *sip.Request:
		r.sent[string(m.Method)] = m
	case *sip.Response:
		method := string(m.CSeq().MethodName)
		r.sent[fmt.Sprintf("%s %d", method, m.StatusCode)] = m
		switch {
		case m.StatusCode >= 200:
			r.sent[method+" final"] = m
		case m.StatusCode > sip.StatusTrying:
			r.sent[method+" early"] = m
		}
	}
}

func (r *rig) line(format string, args ...any) {
	fmt.Fprintf(&r.w, "%9.3f  %s\n", r.now.Sub(epoch).Seconds(), fmt.Sprintf(format, args...))
}

// shown is a notice without what is empty in most.
func shown(n control.Notice) string {
	switch o := n.(type) { // the event has the Call-ID
	case control.Offered:
		o.CallID = ""
		n = o
	case control.Replacing:
		o.CallID = ""
		n = o
	case control.MessageWaiting:
		return fmt.Sprintf("{Account:%s Waiting:%v: %s}", o.Account, o.Waiting, event.MessageWaiting(o).Counts())
	}
	return strings.NewReplacer(" Source:invalid IP", "", " Describe:false", "", " Kept:false", "", " CallID:", "", " AutoAnswer:<nil>", "", " Elsewhere:}", "}").Replace(fmt.Sprintf("%+v", n))
}
