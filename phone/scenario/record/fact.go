package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// facts is what a record is worth expecting: of the phone, what the system,
// the registrar and the peer did, and of the others only what they heard.
func (r *recorder) facts(rec event.Record) (facts []fact) {
	var list []string
	account := ""
	switch e, sound := rec.Event.(event.Heard); {
	case sound:
		list = r.soundFact(rec.Phone, e)
	case rec.Phone != r.phone:
		list = r.factOfAnother(rec)
	default:
		list, account = r.ofPhone(rec), r.account(rec.Account)
	}
	for _, what := range list {
		facts = append(facts, fact{what: what, account: account})
	}
	return facts
}

// A fact is something that can be expected again.
type fact struct {
	what, account string
	again         bool // it was so before
}

// String is the fact as it is expected: by which account, of several.
func (f fact) String() string {
	if f.again {
		f.what += " again"
	}
	return f.what + as(f.account)
}

func (r *recorder) ofPhone(rec event.Record) []string {
	switch e := rec.Event.(type) {
	case event.Registration:
		return r.registrationFacts(rec.Account, e)
	case event.State:
		if e.To == event.Suspended && e.From != event.Suspended {
			return []string{"state suspended"}
		}
	case event.Wake:
		if e.Cause == event.ByKeepalive {
			return []string{"wake by keepalive"}
		}
	case event.Frame:
		return r.frameFact(e)
	case event.Data:
		// Of a wake, what it was about: a server says more than that.
		if !e.Out && r.fold.Life.State == event.Awake && slices.Contains([]string{"incoming", "ended", "message"}, e.What) {
			return []string{"data received " + e.What}
		}
	case event.Transfer:
		if e.Phase == event.TransferCompleted || e.Phase == event.TransferFailed {
			return []string{"transfer " + string(e.Phase) + " role " + string(e.Role)}
		}
	case event.Text:
		return textFact(e)
	case event.Pong:
		// That of a wake: a foreground app pings as it likes.
		if !e.Out && r.fold.Life.State == event.Awake && r.firstFlow(rec.Account) {
			return []string{"pong"}
		}
	case event.Notification:
		if e.Shown && (e.Phase == event.NotificationPosted || e.Phase == event.NotificationMissed) {
			return []string{strings.Replace("notification "+string(e.Phase), " posted", "", 1) + r.from(e)}
		}
	case event.Call:
		return r.callFact(e)
	case event.Killed:
		if e.Code != "" {
			return []string{"killed " + word(e.Code)}
		}
	}
	return nil
}

// firstFlow reports whether something that each flow has is of the one that is here: an
// account has one flow in a recording, see [recorder.use].
func (r *recorder) firstFlow(account string) bool {
	a := r.fold.Account(account)
	return a == nil || a.Flow < 2
}

// registrationFacts leaves refreshes out, what the phone does by itself when it is
// switched off, and what becomes of a flow while another of the account counts.
func (r *recorder) registrationFacts(account string, e event.Registration) []string {
	f := r.fold.By(r.account(account))
	switch {
	case r.beside(account, e):
		return nil
	case e.Phase == event.RegistrationActive && !f.Registration.Active:
		return []string{"registered"}
	case e.Phase == event.RegistrationFailed && e.Status != 0:
		return []string{fmt.Sprintf("registration failed with %d", e.Status)}
	case e.Phase == event.RegistrationRemoved && strings.HasPrefix(r.verb, "unregister"):
		return []string{"unregistered"}
	}
	return nil
}

// beside reports whether another flow of an account stands or, of one that is removed, was
// so before.
func (r *recorder) beside(flow string, e event.Registration) bool {
	account := r.account(flow)
	return account != flow && r.fold.Any(account, flow, func(other *event.Fold) bool {
		b := other.Registration
		return b.Active || e.Phase == event.RegistrationRemoved && b.Phase == event.RegistrationRemoved
	})
}

func (r *recorder) frameFact(e event.Frame) []string {
	what, _, _ := strings.Cut(e.What, " ")
	switch {
	case e.What == "FIN" || e.What == "RST":
		return []string{"wake by close"}
	case r.fold.Start.Protocol != "":
		return []string{"wake by socket"}
	case what != "CRLF":
		return []string{"wake by " + what}
	}
	return nil
}

// from is whom a notification is about, by the name that it shows.
func (r *recorder) from(e event.Notification) string {
	calls := append(r.fold.Recent[:len(r.fold.Recent):len(r.fold.Recent)], r.fold.Calls...)
	for i := len(calls) - 1; i >= 0; i-- {
		for _, name := range []string{calls[i].Name, userOf(calls[i].Peer)} {
			if name != "" && !strings.ContainsAny(name, `"$`) && strings.Contains(strings.ToLower(e.Title+e.Body), strings.ToLower(name)) {
				return ` from "` + name + `"`
			}
		}
	}
	return ""
}

// callFact is what the peer noticed, too. That the call ended by us is a fact
// only if somebody hung up: else the phone was switched off.
func (r *recorder) callFact(e event.Call) []string {
	switch {
	case e.Phase == event.CallRinging && !e.Out && r.fold.Life.State == event.Foreground:
		return []string{"call ringing"}
	case e.Phase == event.CallUp:
		clear(r.heard)
		r.verb = ""
		return []string{"call up"}
	case e.Phase == event.CallEnded && (e.By != "us" || r.verb == "hang up" || r.verb == "decline"):
		return []string{"call ended by " + e.By}
	}
	return nil
}

// calledUp reports whether this is the first that the phone notices of a call
// to it.
func (r *recorder) calledUp(rec event.Record) bool {
	if rec.Phone != r.phone {
		return false
	}
	switch e := rec.Event.(type) {
	case event.Frame:
		return e.What == "INVITE"
	case event.Data:
		return !e.Out && e.What == "incoming"
	case event.Call:
		return e.Phase == event.CallIncoming && r.fold.Life.State == event.Foreground
	}
	return false
}

// soundFact is a sound, once in a call: it comes again as it likes. What a
// microphone picked up is not there in the next run.
func (r *recorder) soundFact(who string, e event.Heard) []string {
	what := ""
	switch {
	case who != r.phone && !strings.HasPrefix(r.fold.Start.Mic, "tone:"):
		return nil
	case e.What == "tone":
		what = fmt.Sprintf("heard tone %.0f", e.Hz)
	case e.What == "sample":
		what = "heard sample " + word(e.Name)
	}
	if what == "" || r.heard[who+what] || r.fold.Call() == nil {
		return nil
	}
	r.heard[who+what] = true
	return []string{what}
}

// factOfAnother is a step of another phone's call that its user may have waited for:
// what he does next is about that call, and comes at once.
func (r *recorder) factOfAnother(rec event.Record) []string {
	e, ok := rec.Event.(event.Call)
	if !ok || !r.handset[rec.Phone] {
		return nil
	}
	switch e.Phase {
	case event.CallRinging, event.CallUp, event.CallHeld:
		return []string{"call " + string(e.Phase)}
	}
	return nil
}

// textFact is a text that came, or one of the phone's own that was accepted.
func textFact(e event.Text) []string {
	switch {
	case !e.Out:
		return []string{"text"}
	case e.Status/100 == 2:
		return []string{"text to " + word(e.To)}
	}
	return nil
}
