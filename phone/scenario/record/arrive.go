package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
)

// arrive gives the lines that bring a phone which was just switched on to
// where this one was after these records: registered or not, in a call or
// ringing, on the screen, asleep or gone. What it cannot bring back is how long
// ago that was: the keepalive that is next came when it was due, and in the
// scenario is due later. See [recorder.least].
func (r *recorder) arrive(log *event.Log, seq uint64, at time.Time) (way string) {
	sounds := r.passBy(log, seq)
	f := r.fold
	r.now, r.midway = r.moment(log, seq, at), true
	r.began, r.last = r.now, r.now
	r.arriveOnline(f)
	c := f.Call()
	if c != nil && (c.Connected() || c.Out) {
		r.arriveInCall(c)
	}
	for _, line := range sounds {
		r.act(line)
	}
	r.arriveHeld(c)
	r.arriveState(f)
	if c != nil && !c.Connected() && !c.Out {
		r.arriveRinging(c, f.Life.State)
	}
	if f.Rate > 1 && f.Life.State == event.Suspended {
		r.add(fmt.Sprintf("clock x%g", f.Rate))
	}
	lines := r.lines
	r.lines = nil
	if len(lines) == 0 {
		return ""
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// moment is what the phone's clock showed at a moment after the record numbered
// seq. A clock on the wall can be set; it was before the phone's next record.
func (r *recorder) moment(log *event.Log, seq uint64, at time.Time) time.Duration {
	now := r.fold.Device
	if !at.IsZero() {
		now = max(now, r.fold.Now(at))
	}
	for rec := range log.From(seq - 1) {
		if rec.Seq == seq {
			now = max(now, r.fold.Now(rec.Wall))
			continue
		}
		if rec.Phone == r.phone {
			return min(now, rec.Device)
		}
	}
	return now
}

// passBy takes in what was before. It gives what was heard in the call that is
// up, for a call is not where it was before that is heard again, and among it
// what was spoken instead of the microphone.
func (r *recorder) passBy(log *event.Log, seq uint64) (sounds []string) {
	for rec := range log.Span(0, seq) {
		facts := r.facts(rec)
		switch e := rec.Event.(type) {
		case event.Call:
			if e.Phase == event.CallUp && rec.Phone == r.phone {
				sounds = slices.DeleteFunc(sounds, isExpectation)
			}
		case event.Verb:
			if words := strings.Fields(e.Line); slices.Contains(words[:min(2, len(words))], "speak") || slices.Contains(words, "speaks") {
				sounds = append(sounds, event.Printable(r.action(rec.Phone, words)))
			}
		case event.Heard:
			for _, fact := range facts {
				sounds = append(sounds, r.expectation(rec.Phone, fact.String())+" within "+short(arrival))
			}
		}
		r.fold.Apply(rec)
	}
	r.before = r.fold.Clone()
	if c := r.fold.Call(); c == nil || !c.Connected() {
		return slices.DeleteFunc(sounds, isExpectation)
	}
	return sounds
}

func isExpectation(line string) bool { return strings.Contains(line, "expect ") }

// arriveOnline registers the user that the phone is, or each of them.
func (r *recorder) arriveOnline(f *event.Fold) {
	if !f.SeveralUsers() {
		r.arriveRegistered("", f.Registration)
		return
	}
	for _, user := range f.Users() {
		r.arriveRegistered(as(user), f.As(user).Registration)
	}
}

// arriveRegistered: a phone registers by itself. as names the account, of several.
func (r *recorder) arriveRegistered(as string, b event.Binding) {
	within := as + " within " + short(arrival)
	switch {
	case b.Active || b.Phase == event.RegistrationLost:
		r.add("expect registered" + within)
	case b.Phase == event.RegistrationRemoved:
		r.add("expect registered" + within)
		r.add("unregister" + as)
		r.add("expect unregistered" + within)
	case b.Phase == event.RegistrationFailed && b.Status != 0:
		r.add(fmt.Sprintf("expect registration failed with %d%s", b.Status, within))
	}
}

// arrival is how long each part of the way may take: a registration with its
// challenge, or a call to be answered, is a few round trips; a server that is
// slow has ten seconds.
const arrival = 10 * time.Second

// arriveState puts the app where it was: a call that is up stays up.
func (r *recorder) arriveState(f *event.Fold) {
	state := f.Life.State
	away := state != event.Foreground && state != event.Dead
	switch {
	case f.Locked:
		r.add("lock") // which puts the app into the background
	case away:
		r.add("background")
	}
	switch state {
	case event.Suspended, event.Awake:
		r.add("expect state suspended within " + short(fallAsleep))
	case event.Dead:
		r.add("kill")
	}
}

// fallAsleep is twice as long as the longest way to sleep takes where nothing
// else is said: the time to leave the screen, and the background task. See the
// profile ios-voip-socket.
const fallAsleep = 20 * time.Second

// arriveInCall brings back a call that is up, or that was made.
func (r *recorder) arriveInCall(c *event.CallRow) {
	peer := event.Call{Peer: c.Peer}.Who()
	if c.Out {
		r.act("call " + word(peer) + as(r.account(c.Account)))
	} else {
		r.calledBy(peer, c)
		r.add("expect call ringing within " + short(arrival))
		r.add("answer")
	}
	if c.Connected() {
		r.add("expect call up" + as(r.account(c.Account)) + " within " + short(arrival))
	}
}

// account is what an account is called in a recording: a flow is its account there, which
// has one. See [recorder.use].
func (r *recorder) account(name string) string { return r.fold.UserOf(name) }

// as says by which account something is, of several.
func as(account string) string {
	if account == "" {
		return ""
	}
	return " as " + account
}

func (r *recorder) arriveHeld(c *event.CallRow) {
	if c == nil {
		return
	}
	if c.Held {
		r.add("hold")
	}
	if c.Muted {
		r.add("mute")
	}
}

// arriveRinging brings back a call that rings: it wakes an app that sleeps,
// which may have gone to sleep again.
func (r *recorder) arriveRinging(c *event.CallRow, state event.Lifecycle) {
	r.calledBy(event.Call{Peer: c.Peer}.Who(), c)
	switch state {
	case event.Suspended:
		r.add("expect wake by INVITE within " + short(arrival))
		r.add("expect state suspended again within " + short(fallAsleep))
	case event.Awake:
		r.add("expect wake by INVITE within " + short(arrival))
	default:
		r.add("expect call ringing within " + short(arrival))
	}
}

// calledBy has somebody call who can: a robot of the lab.
func (r *recorder) calledBy(peer string, c *event.CallRow) {
	line := peer + ": call " + cmp.Or(r.account(c.Account), scenario.DefaultPhone)
	if !r.lab || fitting(r.uses, line, "") == "" {
		r.add("# Somebody has to call here.")
		return
	}
	r.add(line)
}

// act adds a line that may name what the language cannot.
func (r *recorder) act(line string) {
	r.add(fitting(r.uses, line, "# cannot be played: "+event.Printable(line)))
}

// least is how long a wait must be at least for what was under way when the
// recording began: on a fresh phone it is at its beginning. A keepalive that
// was half due is a whole one; a call goes through all of what it had behind
// it; and the app has all of its way to sleep before it.
func (r *recorder) least(what string) time.Duration {
	c := r.fold.Call()
	switch {
	case !r.midway:
		return 0
	case what == "wake by keepalive":
		return r.fold.Keepalive.Timeout
	case c != nil && c.At <= r.began:
		return r.now - c.At
	case !r.acted:
		return fallAsleep / 2
	}
	return 0
}
