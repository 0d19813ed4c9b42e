package verb

import (
	"strings"
	"time"
)

// A Watch is a subscription of a phone: see "subscribe".
type Watch struct {
	Package string
	To      string        // "": the phone's own account
	For     time.Duration // 0: not said
}

// maxWatchFor bounds how long a subscription is asked for, far above what any
// notifier grants.
const maxWatchFor = 7 * 24 * time.Hour

// subscribed reads PACKAGE [SIP-URI|USER] [for TIME].
func subscribed(r *reader, l *Line) *Error {
	if err := unsubscribed(r, l); err != nil || !r.skip("for") {
		return err
	}
	d, err := time.ParseDuration(r.next())
	if err != nil || d < time.Second || d > maxWatchFor {
		return r.wrong(r.at, "%q is no time to subscribe for: such as 10m, from 1s to %s", r.next(), maxWatchFor)
	}
	l.Watch.For = d.Truncate(time.Second)
	r.at++
	return nil
}

// unsubscribed reads PACKAGE [SIP-URI|USER].
func unsubscribed(r *reader, l *Line) *Error {
	name, err := r.take("a package of events")
	if err != nil {
		return err.advise("such as: subscribe message-summary, subscribe presence bob")
	}
	if l.Watch.Package = strings.ToLower(name); !token.MatchString(name) {
		return r.wrong(r.at-1, "%q is no package of events, such as message-summary, dialog, presence", name)
	}
	if !r.over() && r.next() != "for" {
		at := r.at
		if l.Watch.To, err = r.take("somebody"); err == nil && hasPassword(l.Watch.To) {
			return r.wrong(at, "an address that is subscribed to has no password")
		}
	}
	return err
}

// A Presence is what a phone publishes: see "publish".
type Presence struct{ Basic, Note string }

// published reads open|closed [NOTE], or nothing.
func published(r *reader, l *Line) *Error {
	basic, err := r.oneOf("presence", []string{"open", "closed", "nothing"})
	if err != nil {
		return err
	}
	if basic == "nothing" {
		return nil
	}
	l.Presence = Presence{Basic: basic, Note: strings.Join(r.words[r.at:], " ")}
	return free(r, l)
}
