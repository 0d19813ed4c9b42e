package xmpp

import (
	"strings"
	"time"

	"mellium.im/xmpp/jid"

	"github.com/sleeptalk/sleeptalk/phone/control"
)

// A gated call is one that comes through the lab, from somebody who is no user
// of the server.
type gated struct {
	user, peer string // the peer as a JID
	up         bool
}

// route takes a stanza of a client to whom it is for.
func (v *Server) route(from *session, e *Element) {
	to, err := jid.Parse(e.attr("to"))
	self := e.attr("to") == "" || err == nil && to.Equal(jid.MustParse(from.user+"@"+v.host.Domain)) || e.attr("to") == v.host.Domain
	switch {
	case e.Name == "presence":
		if from.present = e.attr("type") == ""; from.present {
			v.handOver(from)
		}
	case e.Name == "message" && e.childIn(nsInvite) != nil && v.calls[e.childIn(nsInvite).attr("id")] != nil:
		v.called(from, e)
	case e.Name == "message" && err == nil && to.Domainpart() == v.host.Domain:
		v.message(from, to, e)
	case e.Name == "iq" && self:
		v.iq(from, e)
	case e.Name == "iq" && (e.attr("type") == "result" || e.attr("type") == "error"):
	case e.Name == "iq":
		v.deliver(from, refuse(e, "service-unavailable"))
	}
}

// iq answers a request to the server.
func (v *Server) iq(from *session, e *Element) {
	switch {
	case e.attr("type") != "get" && e.attr("type") != "set":
	case e.child(nsPing, "ping") != nil:
		if !v.host.Breaks(control.NoPong) {
			v.deliver(from, answer(e, "result"))
		}
	case e.child(nsPush, "enable") != nil:
		v.mailOf(from.user).token = e.child(nsPush, "enable").attr("node")
		v.note("push enabled", from.full(v.host.Domain), "")
		v.deliver(from, answer(e, "result"))
	case e.child(nsPush, "disable") != nil:
		v.mailOf(from.user).token = ""
		v.deliver(from, answer(e, "result"))
	default:
		v.deliver(from, refuse(e, "service-unavailable"))
	}
}

// message takes a message from one user to another.
func (v *Server) message(from *session, to jid.JID, e *Element) {
	sent := *e
	sent.Attrs = nil
	for _, a := range e.Attrs {
		if a.Name != "from" {
			sent.Attrs = append(sent.Attrs, a)
		}
	}
	sent.Attrs = append(sent.Attrs, Attr{"from", from.full(v.host.Domain)})
	found := false
	for _, s := range v.present(to.Localpart()) {
		if to.Resourcepart() == "" || to.Resourcepart() == s.resource {
			v.deliver(s, &sent)
			found = true
		}
	}
	switch call := e.childIn(nsInvite) != nil; {
	case found || e.attr("type") == "error":
	case v.pushToken(to.Localpart()) != "":
		v.keep(to.Localpart(), &sent)
		v.push(to.Localpart(), &sent)
	case !call: // of a call that is over nobody needs to know more
		back := answer(e, "error")
		back.Name, back.Children = "message", append(sent.Children[:len(sent.Children):len(sent.Children)],
			element(nsClient, "error", "type", "cancel").with(element(nsStanzas, "service-unavailable")))
		v.deliver(from, back)
	}
}

// called is what a user's phone says to a call of the lab's. The user's other
// phones hear it too.
func (v *Server) called(from *session, e *Element) {
	word := e.childIn(nsInvite)
	id := word.attr("id")
	c := v.calls[id]
	if c.user != from.user {
		return
	}
	switch word.Name {
	case "ringing":
		v.answer(id, 180)
		return
	case "proceed":
		if c.up {
			return
		}
		c.up = true
		v.answer(id, 200)
	case "reject":
		delete(v.calls, id)
		v.answer(id, refusedWith(word))
	case "finish":
		delete(v.calls, id)
		v.answer(id, 0)
		return
	default:
		return
	}
	for _, s := range v.present(from.user) {
		if s != from {
			v.deliver(s, element(nsClient, "message", "type", "chat", "from", from.full(v.host.Domain), "to", s.full(v.host.Domain)).with(word))
		}
	}
}

// refusedWith is the status of a reject.
func refusedWith(word *Element) int {
	reason := word.child(nsJingle, "reason")
	for _, status := range []int{statusBusy, statusDeclined} {
		if reason.child(nsJingle, reasonOf(status)) != nil {
			return status
		}
	}
	return statusUnavailable
}

// Call rings a user (XEP-0353).
func (v *Server) Call(now time.Time, user string, c control.Incoming) control.ServerOutput {
	return v.step(now, func() {
		g := &gated{user: user, peer: v.stranger(c.From)}
		v.calls[c.ID] = g
		v.say(user, g, c.Name, element(nsInvite, "propose", "id", c.ID).with(element(nsRTP, "description", "media", "audio")))
	})
}

// End takes a call back, or hangs up.
func (v *Server) End(now time.Time, id string) control.ServerOutput {
	return v.step(now, func() {
		c := v.calls[id]
		if c == nil {
			return
		}
		delete(v.calls, id)
		what, reason := "retract", "cancel"
		if c.up {
			what, reason = "finish", "success"
		}
		v.say(c.user, c, "", element(nsInvite, what, "id", id).with(element(nsJingle, "reason").with(element(nsJingle, reason))))
	})
}

// Text sends a user a text.
func (v *Server) Text(now time.Time, user string, t control.Texted) control.ServerOutput {
	return v.step(now, func() {
		v.say(user, &gated{peer: v.stranger(t.From)}, t.Name, element(nsClient, "body").withText(t.Text))
	})
}

// say sends a message of somebody outside to all phones of a user, or keeps it
// until there is one.
func (v *Server) say(user string, c *gated, name string, what *Element) {
	m := element(nsClient, "message", "type", "chat", "id", v.token(), "from", c.peer, "to", user+"@"+v.host.Domain).with(what)
	if name != "" {
		m.with(element(nsNick, "nick").withText(name))
	}
	if what.Space == nsInvite {
		m.with(element(nsHints, "store"))
	}
	phones := v.present(user)
	for _, s := range phones {
		v.deliver(s, m)
	}
	if len(phones) == 0 {
		v.keep(user, m)
		v.push(user, m)
	}
}

// stranger is the JID of somebody outside: an address of SIP looks like one.
func (v *Server) stranger(address string) string {
	if j, err := jid.Parse(strings.TrimPrefix(address, "sip:")); err == nil && j.Localpart() != "" {
		return j.Bare().String() + "/lab"
	}
	return "somebody@" + v.host.Domain + "/lab"
}
