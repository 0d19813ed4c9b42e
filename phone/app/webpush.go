package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/webpush"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// errWebPush is Web Push with a protocol that has no words for it.
var errWebPush = errors.New("the push service webpush is for SIP: by no other protocol here does a server learn how to encrypt for the phone")

// subscribing is what an app with Web Push does besides: it learns the key of its
// server before it subscribes, and reads what only it can read.
//
//	REGISTER pn-provider=webpush ─▶ sip.vapid ─▶ subscription for that key ─▶ REGISTER pn-prid=<address>
type subscribing struct {
	out  *outbox
	keys *webpush.Keys // nil: none for a payload, RFC 8599 alone

	told   map[*line]string // the keys of servers
	server *line            // whose key it has
	key    string           // of that server; "": it has none
	warned once             // that another server has another key
}

// question is what the first REGISTER asks: whether the server pushes by Web Push,
// and with which key (RFC 8599 §4.1.5).
func (w *subscribing) question() push.Params { return push.Params{Provider: push.WebPush} }

// registered takes in the key of a server. The app has one subscription, which is
// for the server that it has first heard of.
func (w *subscribing) registered(l *line) {
	switch key := w.told[l]; {
	case w.server != nil && w.server != l && key != w.key && w.warned.first(l):
		l.out.note(event.Warning{
			Rule: event.RuleNotWakeable, Note: "the server signs its pushes with another key than the one that our subscription is for",
			Hint: "one account for each phone, or servers that share a key",
		})
	case w.server == nil, w.server == l && key != w.key:
		w.server, w.key = l, key
		w.out.ask(system.RegisterWebPush{Key: key})
	}
}

// params are what the server is told of a subscription: keys of its own, unless
// the app has none.
func (w *subscribing) params(address string, timer bool) push.Params {
	to := push.Params{Provider: push.WebPush, PRID: address, Timer: timer}
	if w.keys != nil {
		to.P256DH, to.Auth = w.keys.P256DH(), w.keys.Auth()
	}
	return to
}

// read decrypts what a push carries.
func (w *subscribing) read(s system.WebPushed) map[string]string {
	if len(s.Body) == 0 {
		return s.Payload
	}
	payload, err := w.open(s.Body)
	if err != nil {
		w.out.note(event.Warning{
			Rule: event.RulePushUnreadable, Note: fmt.Sprintf("a push of %d B woke the app, and it cannot read it: %v", len(s.Body), err),
			Hint: "encrypt it to the p256dh and auth that came with the subscription (RFC 8291)",
		})
	}
	return payload
}

func (w *subscribing) open(body []byte) (map[string]string, error) {
	if w.keys == nil {
		return nil, errors.New("it has named no keys")
	}
	text, err := w.keys.Decrypt(body)
	if err != nil {
		return nil, err
	}
	return push.PayloadOf(text)
}

// webPushed is a push of Web Push: without a readable payload it announces no
// call, and is answered with a REGISTER, as every push is (RFC 8599 §4.1.3).
func (p *pushing) webPushed(now time.Time, s system.WebPushed) {
	payload := p.web.read(s)
	if len(payload) == 0 {
		p.summoned(now, system.Pushed{ID: s.ID})
		return
	}
	p.pushed(now, system.Pushed{ID: s.ID, Payload: payload})
}
