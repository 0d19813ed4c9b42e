package event

import (
	"strconv"
	"time"
)

func (s *Fold) socket(at time.Duration, e Socket) {
	s.unmark(e)
	if e.Name != "control" {
		return
	}
	c := &s.Socket
	wasOpen := c.Phase == SocketOpen
	c.Phase, c.At, c.Error, c.ByUs, c.Resumed = e.Phase, at, Printable(e.Error), e.ByUs(), e.Resumed
	if e.Local != "" {
		c.Local = e.Local
	}
	if e.Remote != "" {
		c.Remote = e.Remote
	}
	switch {
	case e.Phase == SocketOpen:
		s.serve(ResultConnected)
	case wasOpen && e.Phase != SocketConnecting && !c.ByUs:
		c.Losses++
	}
}

// Open reports whether the socket is open.
func (c ControlSocket) Open() bool { return c.Phase == SocketOpen }

func (s *Fold) registration(at time.Duration, e Registration) {
	b := &s.Registration
	b.Phase, b.At, b.Status, b.RTT = e.Phase, at, e.Status, e.RTT.D()
	b.Reason, b.Hint = Printable(e.Reason), Printable(e.Hint)
	switch e.Phase {
	case RegistrationActive:
		b.Active = true
		b.Contact = Printable(e.Contact)
		b.Expires, b.Until, b.Refresh = e.Expires.D(), at+e.Expires.D(), 0
		if e.Refresh > 0 {
			b.Refresh = at + e.Refresh.D()
		}
		s.serve(ResultRegistered)
	case RegistrationFailed, RegistrationLost, RegistrationRemoved:
		b.Active = false
	}
}

// wire appends a row for what went over the control socket.
func (s *Fold) wire(seq uint64, at time.Duration, e Event) {
	row := SIPRow{Seq: seq, At: at, State: s.Life.State, Account: s.about}
	switch e := e.(type) {
	case Message:
		row.Message, row.Message.Cause = e, Cause{} // it is in the raw message
		row.Message.URI, row.Message.From = Printable(e.URI), Printable(e.From)
		row.Message.Method, row.Message.Reason = Printable(e.Method), Printable(e.Reason)
		s.Messages++
		if e.Out && e.Status >= 200 && e.Status < 300 && e.Method != "INVITE" {
			s.serve(ResultOK)
		}
	case Data:
		row.Message = Message{
			Out: e.Out, Method: Printable(e.What), URI: Printable(e.To), From: Printable(e.From), CallID: e.CallID,
			Bytes: e.Bytes, Segments: e.Segments, Raw: join("\n", e.Raw, e.Hex),
		}
		s.Messages++
	case Ping:
		row.Message = Message{Out: e.Out, Method: "ping"}
	case Pong:
		row.Message, row.RTT = Message{Out: e.Out, Method: "pong"}, e.RTT.D()
		s.pong(at, e)
	}
	s.remark(&row)
	s.SIP = keep(s.SIP, row, maxSIP)
	if s.text += row.length(); s.text > maxSIPText {
		s.SIP, s.text = Newest(s.SIP, maxSIPText/2, (*SIPRow).length)
	}
}

// length is that of its texts.
func (row *SIPRow) length() int {
	m := &row.Message
	return len(m.Method) + len(m.Reason) + len(m.URI) + len(m.From) + len(m.CallID) + len(m.Raw)
}

func (s *Fold) pong(at time.Duration, e Pong) {
	if !e.Out {
		s.Keepalive.Ponged, s.Keepalive.RTT, s.Keepalive.PongAt = true, e.RTT.D(), at
	}
	s.serve(ResultOK)
}

// remark notes on a row what a tester should see at once: that its bytes woke
// the app, or that it is the first message sent after a wake.
func (s *Fold) remark(row *SIPRow) {
	m, w := row.Message, s.openWake()
	woke := !m.Out && s.frame != 0 && w != nil && w.Cause == BySocket
	switch {
	case woke:
		row.Wake = s.frame
		row.Note = Note{Kind: "wake", Text: "arrived while suspended"}
	case m.Method == "pong" && !m.Out && w != nil && w.Cause == ByKeepalive:
		row.Note = Note{Text: "keepalive " + strconv.Itoa(s.Keepalive.Ticks) + ", after " + Round(row.RTT)}
	case m.Out && (m.Status == 180 || m.Method == "ringing") && s.Banner != nil:
		row.Note = Note{Kind: "banner", Text: bannerBefore(row.At - s.Banner.At)}
	case m.Out && s.hush && w != nil:
		row.Note = Note{Text: "first byte out after waking"}
	case !m.Out && m.Status >= 400 && m.Status != 401 && m.Status != 407: // those two ask for credentials
		row.Note = Note{Kind: "fault", Text: "refused"}
	}
	if m.Out {
		s.hush = false
	} else {
		s.frame = 0
	}
}

// bannerBefore says that the banner was up before the app sent 180 Ringing.
func bannerBefore(d time.Duration) string {
	if d < time.Millisecond {
		return "the banner is up"
	}
	return "the banner is up since " + Round(d)
}
