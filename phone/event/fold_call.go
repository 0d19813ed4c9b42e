package event

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Who returns the display name of the other side.
func (c Call) Who() string {
	if c.Name != "" {
		return c.Name
	}
	peer := strings.TrimPrefix(c.Peer, "sip:")
	if user, _, ok := strings.Cut(peer, "@"); ok {
		return user
	}
	return peer
}

// Connected reports whether the call is up, held or not.
func (c *CallRow) Connected() bool { return c.Up != 0 && c.Ended == 0 }

// Rings reports whether the call waits for the user's answer.
func (c *CallRow) Rings() bool { return !c.Out && c.Up == 0 && c.Phase != CallAnswered }

// hold notes who holds the call, or no longer does.
func (c *CallRow) hold(by string, on bool) {
	if by == "peer" {
		c.HeldByPeer = on
	} else {
		c.Held = on
	}
}

// matters is how much a call is the one that the user is in: one that is talked
// to, one on hold, one that is not up.
func (c *CallRow) matters() int {
	switch {
	case !c.Connected():
		return 0
	case c.Held:
		return 1
	}
	return 2
}

func (s *Fold) call(at time.Duration, e Call) {
	e.Name, e.Peer, e.Reason, e.To = Printable(e.Name), Printable(e.Peer), Printable(e.Reason), Printable(e.To)
	row := s.callRow(at, e)
	row.Account = cmp.Or(s.about, row.Account)
	row.merge(e)
	switch e.Phase {
	case CallIncoming:
		if e.Rings > 0 {
			row.Until = at + e.Rings.D()
		}
		s.callWoke(e)
	case CallAnswered:
		s.settle(e.ID, ResultAnswered)
		s.noteCall("INVITE", "answered")
	case CallUp:
		row.Up = at
		s.settle(e.ID, ResultAnswered)
		s.noteCall("ACK", "call up")
	case CallHeld:
		row.hold(e.By, true)
	case CallResumed:
		row.hold(e.By, false)
	case CallMuted:
		row.Muted = true
	case CallUnmuted:
		row.Muted = false
	case CallEnded:
		s.ended(at, *row)
	}
	s.listenTo(s.talker())
}

// talker is the number of the call that the user talks in; 0: there is none.
func (s *Fold) talker() int {
	for _, c := range slices.Backward(s.Calls) {
		if c.Connected() && !c.Held {
			return c.ID
		}
	}
	return 0
}

// callRow finds the row of e's call, or begins one.
func (s *Fold) callRow(at time.Duration, e Call) *CallRow {
	for i := range s.Calls {
		if s.Calls[i].ID == e.ID {
			return &s.Calls[i]
		}
	}
	if len(s.Calls) == 0 {
		s.talks, s.Heard = 0, nil
	}
	s.Calls = keep(s.Calls, CallRow{Call: e, At: at}, maxCalls)
	return &s.Calls[len(s.Calls)-1]
}

// merge takes over the fields that e has, and keeps the others.
func (c *CallRow) merge(e Call) {
	old := c.Call
	c.Call = e
	c.Out = e.Out || old.Out
	if e.Name == "" {
		c.Name = old.Name
	}
	if old.Peer != "" { // the first is the whole address; later steps may say "bob"
		c.Peer = old.Peer
	}
	c.To = cmp.Or(e.To, old.To)
	if e.Introduction() == "" {
		c.Asserted, c.Diverted, c.History, c.AutoAnswer = old.Asserted, old.Diverted, old.History, old.AutoAnswer
	}
	if e.CallID == "" {
		c.CallID = old.CallID
	}
}

// callWoke links the call to the wake that let it in. A wake by push is over as
// soon as the call is on the system's call screen, before its INVITE has come.
func (s *Fold) callWoke(e Call) {
	if w := s.LastWake(); w != nil && w.N == s.ran && w.Call == 0 {
		w.Call, w.From = e.ID, e.Who()
		w.become(ResultRinging)
	}
}

func (s *Fold) settle(call int, r Result) {
	if w := s.wakeOfCall(call); w != nil {
		w.become(r)
	}
}

// noteCall adds a note to the last row, if it has that method.
func (s *Fold) noteCall(method, text string) {
	if n := len(s.SIP); n > 0 && s.SIP[n-1].Message.Method == method && s.SIP[n-1].Note.Text == "" {
		s.SIP[n-1].Note = Note{Kind: "call", Text: text}
	}
}

func (s *Fold) ended(at time.Duration, row CallRow) {
	row.Ended = at
	for i := range s.Calls {
		if s.Calls[i].ID == row.ID {
			s.Calls = append(s.Calls[:i], s.Calls[i+1:]...)
			break
		}
	}
	s.Recent = keep(s.Recent, row, maxRecent)
	if fate := row.Fate(); fate != "" {
		s.settle(row.ID, fate)
	}
}

// Fate is what became of a call that has ended and nobody has answered here; "" of one that
// was, or of our own.
func (r *CallRow) Fate() Result {
	switch {
	case r.Up != 0 || r.Out:
		return ""
	case r.By == "us" && !r.Missed:
		return ResultDeclined
	case r.Elsewhere != "":
		return ResultElsewhere
	}
	return ResultMissed
}
