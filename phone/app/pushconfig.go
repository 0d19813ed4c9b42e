package app

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
)

// Pushing is how an app with the strategy push is reached. What is zero has a
// default.
type Pushing struct {
	// Provider and Param are told to the server (RFC 8599 §8.7); "apns" and
	// "EXAMPLE123.org.example.sleeptalk.voip" if empty.
	Provider, Param string
	// InviteWait is how long a reported call waits for its INVITE; 15 s if
	// zero. AnswerWait is how long it does once the user has answered; 10 s.
	InviteWait, AnswerWait time.Duration
	// Report is when it tells the system of the call.
	Report Report
	// Timer tells the server that the app refreshes its registration by itself
	// (RFC 8599 §8.5): a promise that only an app can keep that runs then.
	Timer bool
	// EarlyAudio starts audio when the call is answered, and not when the
	// system has activated its audio session.
	EarlyAudio bool
	// Plain has an app with webpush name no keys to its server, so that a push
	// carries nothing: all that RFC 8599 knows.
	Plain bool
	// Keys are those of its subscription with webpush, which the app keeps from one
	// process to the next; nil: it has none.
	Keys *webpush.Keys
}

// Report is when an app reports the call of a push to the system.
type Report string

// When to report: the system wants it before the push handler returns
// (Apple, pushRegistry:didReceiveIncomingPushWithPayload:), and some apps
// have never learned it.
const (
	ReportAtOnce Report = ""      // before REGISTER and INVITE
	ReportLate   Report = "late"  // when the INVITE is there; the handler waits for it
	ReportNever  Report = "never" // the app posts a notification instead
	ReportMust   Report = "must"  // only what the system wants reported; the rest when its INVITE is there
)

const (
	apns         = "apns"
	defaultParam = "EXAMPLE123.org.example.sleeptalk.voip"
	// defaultInviteWait and defaultAnswerWait are our own numbers: beyond a
	// slow REGISTER, and as long as a person listens to nothing.
	defaultInviteWait = 15 * time.Second
	defaultAnswerWait = 10 * time.Second
)

func (p Pushing) withDefaults() Pushing {
	p.Provider, p.Param = cmp.Or(p.Provider, apns), cmp.Or(p.Param, defaultParam)
	p.InviteWait = cmp.Or(p.InviteWait, defaultInviteWait)
	p.AnswerWait = cmp.Or(p.AnswerWait, defaultAnswerWait)
	return p
}

func (p Pushing) check() error {
	for _, v := range []string{p.Provider, p.Param} {
		if err := push.CheckValue(v); err != nil {
			return fmt.Errorf("push: %w", err)
		}
	}
	return nil
}
