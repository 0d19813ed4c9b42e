package media

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// sayEvery is how often, at most, the log is told that the kernel refuses packets (our
// own number): a full queue may refuse every second one.
const sayEvery = 10 * time.Second

// An unsent is what the kernel has refused of our audio.
type unsent struct {
	total uint64
	run   uint64    // since the last packets that it took
	since time.Time // when the run began
	last  time.Time // when it last refused one
	taken int       // packets in a row that it has not refused
	said  time.Time // when the log was last told
}

// deadFor is how long the kernel has taken hardly anything; 0: it does, or has refused
// too little to say so.
func (u *unsent) deadFor(now time.Time) time.Duration {
	if u.run == 0 || u.stale(now) || now.Sub(u.since) < deadAfter {
		return 0
	}
	return now.Sub(u.since)
}

// stale reports whether the last refusal says nothing of now: either nothing is sent, or
// what is, be it comfort noise every second, is taken.
func (u *unsent) stale(now time.Time) bool { return now.Sub(u.last) >= deadAfter }

// rest ends the run: nothing is sent any more, or nobody looked for a while.
func (u *unsent) rest() { u.run, u.taken = 0, 0 }

// sends notes that a packet is handed to the kernel, and returns what there is to say of
// a run that is over.
func (u *unsent) sends(now time.Time, call int) []system.Effect {
	if u.run == 0 {
		return nil
	}
	u.taken++
	if u.taken <= backAfter && !u.stale(now) {
		return nil
	}
	dead, run, taken := now.Sub(u.since), u.run, u.taken-1 // of this one nobody knows yet
	if u.rest(); dead < deadAfter || taken == 0 || run == 1 {
		return nil
	}
	return []system.Effect{system.Log{Event: event.Media{
		Call: call, Phase: event.MediaBack,
		Detail: fmt.Sprintf("out, after %s in which this computer refused %d packets", event.Round(dead), run),
	}}}
}

// refuse notes that one was refused, and reports whether the log is to be told.
func (u *unsent) refuse(now time.Time) bool {
	if u.run == 0 {
		u.since = now
	}
	u.last = now
	u.total, u.run, u.taken = u.total+1, u.run+1, 0
	if !u.said.IsZero() && now.Sub(u.said) < sayEvery {
		return false
	}
	u.said = now
	return true
}

// notSent takes in that the kernel has not sent a packet of ours.
func (t *transmission) notSent(now time.Time, sig system.Unsent) []system.Effect {
	t.takeBack(len(sig.Data) - headerLen - t.keys.seal.longer())
	if !t.unsent.refuse(now) {
		return nil
	}
	return t.warn(event.RuleSendRefused, event.Outward,
		fmt.Sprintf("this computer does not send our audio to %s: %v; %s so far", sig.To, sig.Err, words.Count(int(t.unsent.total), "packet")), whyUnsent(sig.Err))
}

// whyUnsent is what to look at, by the error.
func whyUnsent(err error) string {
	switch {
	case errors.Is(err, system.Unreachable), errors.Is(err, system.NotLocal):
		return "the network of this computer, and its routes"
	case errors.Is(err, system.NoBuffers):
		return "the queue of its network interface, and what else this computer sends"
	case errors.Is(err, system.Forbidden):
		return "a packet filter of this computer (nft list ruleset, or what it is called here)"
	}
	return "what sendto says of it: an address that cannot be reached from ours, for one"
}
