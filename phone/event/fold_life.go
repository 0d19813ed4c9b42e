package event

import "time"

func (s *Fold) state(at time.Duration, e State) {
	if e.To == e.From { // more time in the same state
		s.Life.Until, s.Life.Window = at+e.Left.D(), e.Left.D()
		return
	}
	before := s.Life
	s.Life = Life{State: e.To, Since: at, Why: e.Why, Before: before.State, Lasted: at - before.Since}
	if e.Left > 0 {
		s.Life.Until, s.Life.Window = at+e.Left.D(), e.Left.D()
	}
	if !e.To.Runs() {
		s.ran = 0
	}
	if e.To == Dead {
		s.Life.Killed = before.Killed
	}
}

func (s *Fold) killed(at time.Duration, e Killed) {
	s.Counts.Kills++
	s.Life.Killed = e
	s.Keepalive.Installed = false
	s.Banner = nil
	s.Calls = nil
	s.dies(at)
	for i := range s.Accounts {
		s.Accounts[i].dies(at)
	}
	if w := s.openWake(); w != nil {
		w.Ran, w.Over = at-w.At, true
		s.woken += w.Ran
		w.become(ResultKilled)
	}
}

// dies is the end of the process that the binding was for: nobody answers there, and
// the system has closed the socket.
func (o *Online) dies(at time.Duration) {
	o.Mark = MarkRow{}
	if o.Socket.standing() > 1 {
		o.Socket.Phase, o.Socket.At = SocketClosed, at
	}
	if o.Registration.Active {
		o.Registration = Binding{Phase: RegistrationLost, At: at, Reason: "the process is gone"}
	}
}

func (s *Fold) keepalive(at time.Duration, e Keepalive) {
	k := &s.Keepalive
	switch e.Phase {
	case KeepaliveInstalled, KeepaliveSkipped, KeepaliveDeferred:
		k.Installed, k.Timeout, k.Refused = true, e.Timeout.D(), ""
		k.Due = at + e.Timeout.D()
		if e.Due > 0 {
			k.Due = at + e.Due.D()
		}
	case KeepaliveRefused:
		k.Refused = e.Why
		if k.Refused == "" {
			k.Refused = e.Timeout.String()
		}
	case KeepaliveCleared:
		k.Installed = false
	case KeepaliveCut:
		k.Cut = true
	}
}

func (s *Fold) tick(at time.Duration, e Tick) {
	k := &s.Keepalive
	k.Ticks, k.LastTick, k.Early, k.Ponged = e.N, at, e.Early.D(), false
	k.Cut = false
	k.Due = at + e.Next.D()
	if w := s.openWake(); w != nil && w.Cause == ByKeepalive {
		w.Due = at + e.Early.D()
		w.Latency, w.Timed = at-w.At, at > w.At
		if e.Early < 0 {
			s.late(w)
		}
	}
}

// notification follows the banner: one at a time is on the screen, as on the
// systems that are emulated here.
func (s *Fold) notification(at time.Duration, e Notification) {
	banner := Banner{
		ID: e.ID, At: at, Phase: e.Phase, AfterWake: e.AfterWake.D(), Screen: e.Screen,
		Title: Printable(e.Title), Body: Printable(e.Body),
	}
	if b := s.Banner; b != nil && b.ID == e.ID && banner.Title == "" {
		banner.Title, banner.Body = b.Title, b.Body
	}
	switch e.Phase {
	case NotificationPosted, NotificationUpdated:
		if e.Shown {
			s.Banner = &banner
			s.noteBanner(at)
		}
	case NotificationMissed, NotificationExpired:
		s.Unanswered = keep(s.Unanswered, banner, maxUnanswered)
		s.takeDown(e.ID)
	case NotificationTapped, NotificationWithdrawn:
		s.takeDown(e.ID)
	}
}

func (s *Fold) takeDown(id int) {
	if s.Banner != nil && s.Banner.ID == id {
		s.Banner = nil
	}
}

// noteBanner notes on the last message before the banner how soon the banner
// came.
func (s *Fold) noteBanner(at time.Duration) {
	if n := len(s.SIP); n > 0 && s.SIP[n-1].Note.Text == "" {
		after := at - s.SIP[n-1].At
		s.SIP[n-1].Note = Note{Kind: "banner", Text: "banner follows " + Round(after) + " later"}
	}
}
