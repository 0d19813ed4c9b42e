package sip

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// maxForks bounds the other answers to one INVITE that are hung up: as many as
	// there can be requests of a peer that we remember. More are acknowledged only.
	maxForks = maxTransactions
	// maxForkTag bounds what is kept of a tag, in bytes (our own number): two that
	// begin alike for so long are taken for one.
	maxForkTag = 128
	// forkQuiet is how long no other phone must answer until their number is told
	// (our own number).
	forkQuiet = time.Second
)

// answerers are the phones that have answered an INVITE, by the tags of their dialogs.
type answerers []string

// add notes one, and reports whether it was not known yet, and whether there is room for
// it: of so many at the most.
func (a *answerers) add(remoteTag string, most int) (news, room bool) {
	tag := strings.Clone(remoteTag[:min(len(remoteTag), maxForkTag)])
	if slices.Contains(*a, tag) {
		return false, true
	}
	if len(*a) >= most {
		return true, false
	}
	*a = append(*a, tag)
	return true, true
}

// forks are the phones that have answered our INVITE besides the one that the call
// is with. Each gets an ACK for each of its 2xx, and one BYE (RFC 3261 §13.2.2.4).
// They are told of together.
type forks struct {
	tags   answerers
	beyond int       // answers of too many
	told   int       // how many the log knows of
	tellAt time.Time // zero: there is nothing to tell
	alone  bool      // the agent has forgotten the call: nobody asks for tellAt
}

// hangUp notes another answer, and reports whether its phone is to be hung up: it
// is not known, nor one too many.
func (f *forks) hangUp(now time.Time, remoteTag string) bool {
	news, room := f.tags.add(remoteTag, maxForks)
	switch {
	case !news:
		return false
	case !room:
		f.beyond++
	}
	f.tellAt = now.Add(forkQuiet)
	return room
}

// tell logs how many there were, if that is news.
func (f *forks) tell(s *step, peer string) {
	if f.tellAt = (time.Time{}); f.told == len(f.tags)+f.beyond {
		return
	}
	f.told = len(f.tags) + f.beyond
	note := fmt.Sprintf("%d more answered the call to %s: each was acknowledged and hung up", len(f.tags), peer)
	if f.beyond > 0 {
		note += fmt.Sprintf(", and %d more answers acknowledged only", f.beyond)
	}
	s.Log(event.Warning{
		Rule: event.RuleForkedAnswers, Note: note,
		Hint: "let the server cancel the other phones as soon as one has answered (RFC 3261 §16.7, step 10)",
	})
}

// hangUpFork ends a second dialog that our INVITE has made, once. The call itself
// goes on.
func (i *invitation) hangUpFork(s *step, d *dialog) {
	c := i.call
	if i.forks.hangUp(s.Now, d.remoteTag) {
		fork := *d
		fork.localSeq = max(d.localSeq, c.dialog.localSeq)
		c.leaveFork(s, c, fork)
	}
	if i.forks.alone {
		i.forks.tell(s, c.peer)
	}
}

// leaveFork hangs up a dialog that an INVITE of a call has made, and that the call is
// not with.
func (cl *client) leaveFork(s *step, of *call, d dialog) {
	fork := newCall(cl, of.gone, of.id, true, of.peer)
	fork.state, fork.over, fork.dialog = callUp, true, d
	fork.bye.sendIn(s, &fork.dialog)
}

// lacks is what a 2xx to our INVITE must have and has not, "" if it has all: the
// tag that names its dialog (RFC 3261 §12.1.1), and the address for what comes
// next in it and the way there.
func lacks(res *sip.Response) string {
	tag, _ := res.To().Params.Get("tag")
	switch {
	case tag == "":
		return "To tag"
	case contactOf(res) == nil:
		return "Contact"
	}
	if bad := badRoute(res); bad != "" {
		return "way for what follows: its Record-Route " + bad + " is no sip or sips URI"
	}
	return ""
}

// incomplete ends a call whose 2xx makes no dialog: it was acknowledged as well as
// that can be, and is hung up where the INVITE went.
func (c *call) incomplete(s *step, what string) {
	reason := "the 200 has no " + what
	s.Log(event.Error{
		Op: "call " + c.peer, Err: reason,
		Hint: "the call was acknowledged and hung up; a 2xx to an INVITE has a Contact, a To tag, and routes that lead on", Rule: event.RuleIncompleteAnswer,
	})
	c.end(s, "us", 0, reason)
	c.bye.send(s)
}
