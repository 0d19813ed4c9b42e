package lab

import (
	"fmt"
	"slices"
	"strings"

	grammar "github.com/emiago/sipgo/sip"
)

// notAsked are the methods that are part of a call, or of another request.
var notAsked = []string{"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE"}

// askPhones is the verb "ask": a request of the lab's own, outside of any
// dialog, to each of the user's phones. What they answer is looked at by
// whoever watches (see [Config]), and else by nobody.
func (l *Lab) askPhones(args []string) error {
	method := strings.ToUpper(args[1])
	switch {
	case !isMethod(method):
		return fmt.Errorf("%q cannot be a method: at most %d letters", args[1], maxMethod)
	case slices.Contains(notAsked, method):
		return fmt.Errorf("%s is part of something else; a robot \"calls USER\"", method)
	}
	if _, err := l.connsOf("ask", args[0]); err != nil {
		return err
	}
	for _, b := range l.users[args[0]].bindings {
		if !b.conn.closed {
			l.askPhone(b, method)
		}
	}
	return nil
}

// maxMethod bounds the name of a method: longer ones than any that is
// registered (IANA, "SIP Parameters").
const maxMethod = 32

func isMethod(s string) bool {
	return s != "" && len(s) <= maxMethod && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// askPhone sends one request to one phone.
func (l *Lab) askPhone(b *binding, method string) {
	c := b.conn
	req := grammar.NewRequest(grammar.RequestMethod(method), *b.uri.Clone())
	hops := grammar.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&grammar.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: c.transport.Name(),
		Host: c.local.Addr().String(), Port: int(c.local.Port()),
		Params: grammar.HeaderParams{{K: "branch", V: "z9hG4bK" + l.token(16)}},
	})
	req.AppendHeader(&hops)
	lab := grammar.Uri{Scheme: "sip", User: "lab", Host: l.cfg.Domain}
	req.AppendHeader(&grammar.FromHeader{Address: lab, Params: grammar.HeaderParams{{K: "tag", V: l.token(10)}}})
	req.AppendHeader(&grammar.ToHeader{Address: grammar.Uri{Scheme: "sip", User: b.user.name, Host: l.cfg.Domain}})
	id := grammar.CallIDHeader(l.token(16) + "@" + l.cfg.Domain)
	req.AppendHeader(&id)
	req.AppendHeader(&grammar.CSeqHeader{SeqNo: 1, MethodName: req.Method})
	add(req, "Accept", "application/sdp") // RFC 3261 §11.1
	req.SetBody(nil)
	l.asked[l.tx.Send(l.now, req, c.transport.Reliable())] = c
	c.send(req)
}

// expire is the verb "expire nonces": every nonce that was given out so far is
// a stale one.
func (l *Lab) expire() {
	l.auth.expire()
	l.note("nonces expired", "", "")
}
