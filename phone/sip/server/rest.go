package server

import (
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/internal/loop"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A rest is what a message on a stream lacks. Its Content-Length may have been too
// large: then it is given up as a phone gives it up, for the next message, or when
// nothing has come of it for as long as a transaction lasts. Who sent it gets a 400.
type rest struct {
	conn    *conn
	swallow sip.Swallow
	alarm   loop.Alarm
}

// arrives looks at bytes before they are taken for the rest.
func (r *rest) arrives(data []byte) {
	if r.swallow.Arrives(r.conn.table.loop.Now(), &r.conn.framer, data) {
		r.giveUp()
	}
}

// awaited notes whether a message lacks its rest. whole says that another was whole
// before it.
func (r *rest) awaited(whole bool) {
	now, partial := r.conn.table.loop.Now(), r.conn.framer.Partial()
	r.swallow.Awaits(now, partial, whole)
	switch at := r.swallow.Deadline(); {
	case !partial:
		r.conn.table.loop.Clear(&r.alarm)
	case !at.IsZero():
		r.conn.table.loop.Set(&r.alarm, at.Sub(now), r.look)
	}
}

// look gives the message up if the next one is seen in it, or if nothing more of it
// comes, or else waits on.
func (r *rest) look() {
	now := r.conn.table.loop.Now()
	if r.swallow.Due(now, &r.conn.framer) {
		r.giveUp()
		return
	}
	if at := r.swallow.Deadline(); !at.IsZero() {
		r.conn.table.loop.Set(&r.alarm, at.Sub(now), r.look)
		return
	}
	r.conn.table.loop.Set(&r.alarm, control.Patience, r.giveUp)
}

func (r *rest) giveUp() {
	bad := r.conn.framer.GiveUp()
	if bad == nil {
		r.conn.witness().unfinished()
		r.conn.Close(false, "a message lacks its rest")
		return
	}
	r.conn.frame(bad)
	r.conn.drain(true)
}

// reset forgets what is awaited, until bytes are read again.
func (r *rest) reset() {
	r.swallow = sip.Swallow{}
	r.conn.table.loop.Clear(&r.alarm)
}
