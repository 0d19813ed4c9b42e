package xmpp

import (
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A mailbox keeps what comes for a user who has no session (XEP-0160), and
// where to push for it (XEP-0357 §5: that outlives the session).
type mailbox struct {
	token string // "": no pushes are wanted
	kept  []letter
}

// A letter is a message that is kept.
type letter struct {
	message *Element
	at      time.Time
}

func (v *Server) mailOf(user string) *mailbox {
	if v.mail[user] == nil {
		v.mail[user] = new(mailbox)
	}
	return v.mail[user]
}

// pushToken is where a user can be pushed to; "" if nowhere.
func (v *Server) pushToken(user string) string {
	if m := v.mail[user]; m != nil {
		return m.token
	}
	return ""
}

// keep keeps a message for a user, the newest ones if they are many.
func (v *Server) keep(user string, e *Element) {
	m := v.mailOf(user)
	m.kept = append(m.kept, letter{e, v.now})
	if len(m.kept) > maxUnacked {
		m.kept = m.kept[1:]
	}
}

// handOver gives a session what was kept, with when it came (XEP-0203).
func (v *Server) handOver(s *session) {
	m := v.mailOf(s.user)
	kept := m.kept
	m.kept = nil
	for _, l := range kept {
		e := *l.message
		e.Children = append(slices.Clone(e.Children), element(nsDelay, "delay", "from", v.host.Domain, "stamp", l.at.UTC().Format(time.RFC3339)))
		v.deliver(s, &e)
	}
}

// push wakes a client. The lab is the push service that its app server uses.
func (v *Server) push(user string, e *Element) {
	token := v.pushToken(user)
	if token == "" || e.Name != "message" {
		return
	}
	from, _, _ := strings.Cut(e.attr("from"), "/")
	what := push.Payload{Peer: from, Name: nick(e)}
	if call := e.childIn(nsInvite); call != nil {
		what.CallID = call.attr("id")
	}
	v.note("pushed", user, event.Printable(what.CallID))
	v.do(system.SendPush{Push: system.Push{
		Token: token, ID: v.token(), Sent: v.now, High: true, Expires: v.now.Add(maxRing), Payload: what.Map(),
	}})
}
