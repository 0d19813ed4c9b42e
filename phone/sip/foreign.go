package sip

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// errForeign is a response that has the branch of a request of ours and is to another:
// a peer copies the Via apart from the rest (RFC 3261 §8.2.6.2).
type errForeign struct{ what, got, want string }

func (e *errForeign) Error() string {
	return fmt.Sprintf("the response is for another %s, %.100q, not %.100q", e.what, e.got, e.want)
}

// foreign says what in a response with the branch of a request is not that request's,
// nil if nothing is. A transaction is found by branch and method alone (RFC 3261
// §17.1.3); a response repeats the rest (§8.2.6.2). The Call-ID is compared byte by
// byte (§8.1.1.4). The Via is ours, and there is no other but those of whoever we have sent
// it on for (§18.1.2, §8.1.3.3, §16.7).
func foreign(req *sip.Request, res *sip.Response) *errForeign {
	tag, _ := req.From().Params.Get("tag")
	repeated, _ := res.From().Params.Get("tag")
	if repeated == "" && res.From().Address.Host == unreadable {
		repeated = tag
	}
	for _, same := range []errForeign{
		{"CSeq method", string(res.CSeq().MethodName), string(req.Method)},
		{"Call-ID", res.CallID().Value(), req.CallID().Value()},
		{"CSeq", strconv.FormatUint(uint64(res.CSeq().SeqNo), 10), strconv.FormatUint(uint64(req.CSeq().SeqNo), 10)},
		{"From tag", repeated, tag},
		{"sender", sentBy(res), sentBy(req)},
		{"number of Vias", strconv.Itoa(len(Fields(res, "via"))), strconv.Itoa(len(Fields(req, "via")))},
		{"way back", wayBack(res), wayBack(req)},
	} {
		if same.got != same.want {
			return &same
		}
	}
	return nil
}

// sentBy is who has sent a request, as its Via or that of a response says.
func sentBy(m sip.Message) string { return hostPort(m.Via()) }

// wayBack is whither a response goes from here: the Vias behind the first, by what tells
// them apart.
func wayBack(m sip.Message) string {
	var way []string
	for _, h := range Fields(m, "via")[1:] {
		if via, ok := h.(*sip.ViaHeader); ok {
			branch, _ := via.Params.Get("branch")
			way = append(way, hostPort(via)+" "+branch)
		}
	}
	return strings.Join(way, ", ")
}

func hostPort(via *sip.ViaHeader) string {
	return strings.ToLower(net.JoinHostPort(strings.Trim(via.Host, "[]"), strconv.Itoa(via.Port)))
}

// another says why a response is not to a REGISTER: it is foreign, or for another
// address of record.
func another(req *sip.Request, res *sip.Response) error {
	if e := foreign(req, res); e != nil {
		return e
	}
	got, want := res.To().Address.Addr(), req.To().Address.Addr()
	if !strings.EqualFold(got, want) {
		return &errForeign{"address of record", got, want}
	}
	return nil
}

// readdressed says which of From and To in a response has another address than in the
// request. It is the tags that tell what a response is to (RFC 3261 §12), so that it is
// taken all the same. What has no readable address was named when it was read.
func readdressed(req *sip.Request, res *sip.Response) (all []Untidy) {
	for _, f := range []struct {
		name      string
		got, want *sip.Uri
	}{
		{"From", &res.From().Address, &req.From().Address},
		{"To", &res.To().Address, &req.To().Address},
	} {
		if f.got.Host != unreadable && !SameURI(f.got, f.want) {
			all = append(all, Untidy{f.name, otherAddress})
		}
	}
	return all
}

// drops reports whether a response is dropped because it is to another request than
// the one whose branch it has, and says so. A 2xx that ends a REGISTER is not: the
// registration tells at once that it is not bound by it, and tries again.
func (cl *client) drops(s *step, res *sip.Response) bool {
	tx := cl.txs.SentWith(res)
	if tx == nil {
		return false
	}
	if tx.Request.Method == sip.REGISTER && res.IsSuccess() && cl.txs.Awaits(res) && another(tx.Request, res) != nil {
		return false
	}
	foreign, warnings := cl.tidiness.Repeated(s.Now, tx.Request, res, s.from)
	for _, w := range warnings {
		s.Log(w)
	}
	return foreign
}

// SentWith is our request with the branch of a response, of its own method if there is
// one; nil if there is none. A CANCEL has the branch of its INVITE (RFC 3261 §9.1): what
// answers one is not foreign to the other, and may come again when its own is over.
func (ts *Transactions) SentWith(res *sip.Response) *ClientTransaction {
	key := ClientKey(res)
	if e, ok := ts.clients[key]; ok {
		return e.client
	}
	e, ok := ts.requests[key.Branch]
	invites := key.Method == string(sip.INVITE) || key.Method == string(sip.CANCEL)
	if !ok || invites && e.key.Method == string(sip.INVITE) {
		return nil
	}
	return e.client
}

// Repeated judges what a response with the branch of a request repeats of it: whether it
// is foreign, and is to be dropped, and what there is to say of it.
func (t *Tidiness) Repeated(now time.Time, req *sip.Request, res *sip.Response, from netip.AddrPort) (isForeign bool, all []event.Warning) {
	e := foreign(req, res)
	if e == nil {
		return false, t.Warnings(now, Message{SIP: res, Untidy: readdressed(req, res)}, from)
	}
	what := e.what
	if e.got == "" {
		what = "no " + what
	}
	return true, t.dropped(now, res, from, event.RuleForeignResponse, what, fmt.Sprintf("has the branch of our %s: %v", req.Method, e))
}

// Intruded returns what there is to say of a response from somebody whom the request was
// not sent to.
func (t *Tidiness) Intruded(now time.Time, req *sip.Request, res *sip.Response, from netip.AddrPort, to string) []event.Warning {
	return t.dropped(now, res, from, event.RuleStrayResponse, "intruder", fmt.Sprintf("has the branch of our %s, which was sent to %s", req.Method, to))
}

// dropped names a response that is dropped: once for each request, connection and fault,
// as each of them may be why a call stands still. What is remembered of it is ours, and so
// no more than we have sent requests.
func (t *Tidiness) dropped(now time.Time, res *sip.Response, from netip.AddrPort, rule event.Rule, what, says string) []event.Warning {
	key := fmt.Sprintf("%s, to %s by port %d", what, ClientKey(res).Branch, from.Port())
	if !t.News(now, res, from, Untidy{"response", key}) {
		return nil
	}
	return []event.Warning{{
		Rule: rule, Note: fmt.Sprintf("%s from %s %s", nameOfMessage(res), from, says),
		Hint: "it was dropped, as if it had not come; the request waits for its own",
	}}
}
