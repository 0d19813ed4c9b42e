package sip

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/sip/quoted"
)

// maxForwards is what a new request may be forwarded (RFC 3261 §8.1.1.6).
const maxForwards = 70

// allowed is the methods that the agent serves.
const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, INFO, NOTIFY, PRACK, UPDATE, REFER"

// acceptable is the bodies that the agent understands in an INVITE (RFC 5621 §3.1).
const acceptable = sessionType + ", multipart/mixed, multipart/alternative"

// An author writes our messages: it knows who we are, and where we can be
// reached.
type author struct {
	cfg      *Config
	aor      sip.Uri
	conn     *control.Conn // says our address
	hidden   string        // over WebSocket, what stands for it
	outbound bool          // RFC 5626 is asked for
	purr     string        // the server's name for our binding (RFC 8599 §6.1.1), "" if there is none
	routes   []string      // Service-Route (RFC 3608): the way of our requests
	extras   extras        // that a tester wants in our messages
}

// token is n*16 random hexadecimal digits.
func (a *author) token(n int) string {
	var b []byte
	for range n {
		b = fmt.Appendf(b, "%016x", a.cfg.Rand.Uint64())
	}
	return string(b)
}

// between is a random duration, at least a millisecond, so that a deadline
// made of it lies ahead.
func (a *author) between(low, high time.Duration) time.Duration {
	d := low
	if high > low {
		d += time.Duration(a.cfg.Rand.Int64N(int64(high - low)))
	}
	return max(d, time.Millisecond)
}

// via is the Via of a new request: where its responses come to.
func (a *author) via() *sip.ViaHeader {
	params := sip.HeaderParams{{K: "branch", V: magicCookie + a.token(1)}, {K: "rport"}}
	host, port := a.host()
	return &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: a.cfg.Transport.Name(), Host: host, Port: port, Params: params}
}

// host is where we say that we are: our address of the flow, or what stands for
// it, without a port.
func (a *author) host() (host string, port int) {
	if a.hidden != "" {
		return a.hidden, 0
	}
	return a.conn.Local().Addr().Unmap().String(), int(a.conn.Local().Port())
}

// contact is our Contact, without parameters of the header field: where we say that
// we are, marked as one that a proxy reaches over the flow
// (RFC 5626 §4.3) if outbound is on.
func (a *author) contact() string {
	host, port := a.host()
	if port > 0 {
		host = net.JoinHostPort(host, strconv.Itoa(port))
	}
	ob := ""
	if a.outbound {
		ob = ";ob"
	}
	return fmt.Sprintf("<sip:%s@%s;transport=%s%s>", a.aor.User, host, a.cfg.Transport.Param(), ob)
}

// pushContact is the Contact that the binding is known by, "<sip:…>": where the
// program can be reached, and pushed to. A dialog's Contact does not have these
// parameters: they are not for the peer (RFC 8599 §4.1).
func (a *author) pushContact(to push.Params) string {
	contact := a.contact()
	if to.PRID == "" && to.Provider != push.WebPush { // which is asked first what key it has (RFC 8599 §4.1.5)
		return contact
	}
	return strings.TrimSuffix(contact, ">") + to.String() + ">"
}

// dialogContact is our Contact in a dialog. It names the binding, where the
// server gave it a name, so that a request of the peer finds the way to a
// program that sleeps without a flow by then (RFC 8599 §6.1.1).
func (a *author) dialogContact() string {
	contact := a.contact()
	if a.purr == "" {
		return contact
	}
	return strings.TrimSuffix(contact, ">") + ";" + push.PURRKey + "=" + a.purr + ">"
}

// newRequest begins a request: the header fields that routing needs.
func (a *author) newRequest(method sip.RequestMethod, to *sip.Uri, routes []string) *sip.Request {
	req := sip.NewRequest(method, *to.Clone())
	req.AppendHeader(a.via())
	hops := sip.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&hops)
	for _, route := range routes {
		req.AppendHeader(sip.NewHeader("Route", route))
	}
	return req
}

// preloaded is the way of a request outside of a dialog, but for a REGISTER: the
// outbound proxy, and what the registrar has named (RFC 3608 §6.1), which may
// begin with the same one.
func (a *author) preloaded() []string {
	all := append(a.outboundProxy(), a.routes...)
	if len(all) > 1 && a.cfg.Proxy != "" && sameHop(all[0], all[1]) {
		return all[1:]
	}
	return all
}

// outboundProxy is the way of a REGISTER.
func (a *author) outboundProxy() []string {
	if a.cfg.Proxy == "" {
		return nil
	}
	return []string{"<" + a.cfg.Proxy + ">"}
}

// sameHop reports whether two routes lead to the same server.
func sameHop(one, other string) bool {
	_, a, _, err := ParseAddress(one)
	_, b, _, bad := ParseAddress(other)
	return err == nil && bad == nil && strings.EqualFold(serverOf(&a), serverOf(&b))
}

// identify adds what names a dialog and the request in it.
func identify(req *sip.Request, from *sip.FromHeader, to *sip.ToHeader, callID string, cseq uint32) {
	id := sip.CallIDHeader(callID)
	req.AppendHeader(from)
	req.AppendHeader(to)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: req.Method})
}

// finish adds the rest: who we are, what a tester wants in it, and a session
// description, if there is one.
func (a *author) finish(m sip.Message, body []byte) { a.finishAs(m, sessionType, body) }

// finishAs is finish with a body of a certain type.
func (a *author) finishAs(m sip.Message, media string, body []byte) {
	a.extras.addTo(m)
	if a.cfg.UserAgent != "" {
		name := "User-Agent"
		if _, isResponse := m.(*sip.Response); isResponse {
			name = "Server"
		}
		m.AppendHeader(sip.NewHeader(name, a.cfg.UserAgent))
	}
	if len(body) > 0 {
		m.AppendHeader(sip.NewHeader("Content-Type", media))
	}
	setBody(m, body)
}

// setBody gives a body to a message, and its length. SetBody alone would look for the
// length as text first.
func setBody(m sip.Message, body []byte) {
	if !holds[*sip.ContentLengthHeader](m) {
		length := sip.ContentLengthHeader(len(body))
		m.AppendHeader(&length)
	}
	m.SetBody(body)
}

// self is our From, with a tag.
func (a *author) self(tag string) *sip.FromHeader {
	return &sip.FromHeader{DisplayName: quoted.Escape(a.cfg.Display), Address: *a.aor.Clone(), Params: sip.HeaderParams{{K: "tag", V: tag}}}
}

// NewResponse builds a response to a request (RFC 3261 §8.2.6). The tag is
// added to a To that has none; 100 gets none. The other header fields are those of the
// request itself, and not to be changed. Set the body last.
func NewResponse(req *sip.Request, status int, tag string) *sip.Response {
	res := sip.NewResponse(status, Reason(status))
	for _, h := range req.Headers() {
		if via, ok := h.(*sip.ViaHeader); ok {
			res.AppendHeader(via)
		}
	}
	res.AppendHeader(req.From())
	to := sip.HeaderClone(req.To()).(*sip.ToHeader)
	if !to.Params.Has("tag") && status != sip.StatusTrying && tag != "" {
		to.Params.Add("tag", tag)
	}
	res.AppendHeader(to)
	res.AppendHeader(req.CallID())
	res.AppendHeader(req.CSeq())
	if stamp := Text(req, "timestamp"); status == sip.StatusTrying && isTimestamp(stamp) {
		res.AppendHeader(sip.NewHeader("Timestamp", stamp))
	}
	if req.IsInvite() && status > sip.StatusTrying && status < 300 {
		for _, route := range Values(req, "record-route") {
			res.AppendHeader(sip.NewHeader("Record-Route", route))
		}
	}
	return res
}

// isTimestamp reports whether a Timestamp says when a request was sent, and not more than
// that (RFC 3261 §20.38): so it goes back in the 100 (§8.2.6.1), which goes at once.
func isTimestamp(s string) bool {
	whole, part, _ := strings.Cut(s, ".")
	return whole != "" && len(s) <= maxTimestamp && strings.Trim(whole+part, "0123456789") == ""
}

// maxTimestamp bounds what is repeated (our own number): seconds since 1970 and nine
// places behind the point have 20 bytes.
const maxTimestamp = 32
