package app

import (
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

const (
	// invitePatience is how long copies of an INVITE come over UDP: 64*T1
	// (RFC 3261 §17.1.1.2, timer B).
	invitePatience = 64 * sip.T1
	// firstCopy is when the first of them comes: an INVITE that is read no
	// later than that was not missed.
	firstCopy = sip.T1
)

// wakeRace watches the race between a wake line and the INVITE that it
// announces. It says what became of it in a note for a warning; an empty note
// says that nothing went wrong.
type wakeRace struct {
	wokenAt      time.Time // the wake line whose INVITE has not come
	inviteBy     time.Time
	lostAt       time.Time // when the UDP socket was found to be gone
	registeredAt time.Time // since the wake line
	offeredAt    time.Time // the last INVITE
}

// waits reports whether an INVITE is waited for.
func (r *wakeRace) waits() bool { return !r.inviteBy.IsZero() }

// woken is the wake line. It reports whether its INVITE is still to come: it
// may have been read before.
func (r *wakeRace) woken(now time.Time) bool {
	if !r.offeredAt.IsZero() && now.Sub(r.offeredAt) < firstCopy {
		return false
	}
	r.wokenAt, r.inviteBy, r.registeredAt = now, now.Add(invitePatience), time.Time{}
	return true
}

// lost is the UDP socket being gone.
func (r *wakeRace) lost(now time.Time) { r.lostAt = now }

// registered is the new binding.
func (r *wakeRace) registered(now time.Time) {
	if !r.wokenAt.IsZero() && r.registeredAt.IsZero() {
		r.registeredAt = now
	}
}

// offered is an INVITE. It reports whether the app was woken for it.
func (r *wakeRace) offered(now time.Time) (note string, woken bool) {
	r.offeredAt = now
	if r.wokenAt.IsZero() {
		return "", false
	}
	if late := now.Sub(r.wokenAt); late >= firstCopy {
		note = fmt.Sprintf("the INVITE was read %s after the wake line: its first copies were lost, or the server held it", event.Round(late))
	}
	r.over()
	return note, true
}

// missed is the end of the wait.
func (r *wakeRace) missed(now time.Time) (note string) {
	note = fmt.Sprintf("the INVITE did not come within %s of the wake line", event.Round(now.Sub(r.wokenAt)))
	if gone := r.wokenAt.Sub(r.lostAt); !r.lostAt.IsZero() && gone >= 0 && gone < firstCopy {
		note += "; the UDP socket was gone"
	}
	if at := r.registeredAt; !at.IsZero() {
		note += fmt.Sprintf("; we were registered again %s after the line", event.Round(at.Sub(r.wokenAt)))
	}
	r.over()
	return note
}

func (r *wakeRace) over() { r.wokenAt, r.inviteBy = time.Time{}, time.Time{} }
