package push

import (
	"slices"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// MaxPayload is how many bytes a push may carry: that of a VoIP push
	// (Apple, Generating a remote notification: 5 KB).
	MaxPayload = 5120
	// maxInTransit is how many pushes may be on their way to one device.
	maxInTransit = 100
	// maxFormer is how many replaced tokens are remembered; the service
	// treats older ones as unknown.
	maxFormer = 1000
	// defaultTokenLife is how long a token lasts if its device does not
	// connect: "FCM considers a token expired" after 270 days (Firebase,
	// Manage FCM registration tokens).
	defaultTokenLife = 270 * 24 * time.Hour
)

// A device is a receiver of pushes.
type device struct {
	name      string
	token     string
	key       string // of the one sender that may push to the token; "": any may
	web       bool   // it is a subscription of Web Push
	reachable bool
	left      time.Time     // when it was last reachable, if it is not
	stored    []system.Push // while it cannot be reached, oldest first
	inTransit int
	last      time.Time // when the last push that keeps the order is due

	lastBackground time.Time // the same of background pushes
}

// A former is a token that was replaced.
type former struct {
	token string
	since time.Time
}

// Open delivers pushes to a token to a device from now on, and none to its
// earlier tokens. If the device had the token before, the pushes kept for it
// are delivered now.
func (s *Service) Open(now time.Time, name, token string) []Step {
	d := s.devices[name]
	if d == nil {
		d = &device{name: name}
		s.devices[name] = d
	}
	if d.token != token {
		s.replace(now, d, token)
	}
	d.reachable = true
	stored := d.stored
	d.stored = nil
	for _, p := range stored {
		switch {
		case p.Expires.IsZero(): // which was to be tried once
			s.carryUntil(now.Add(s.between(s.cfg.MinStale, s.cfg.MaxStale)), d, p)
		case !s.expired(now, d, p):
			s.deliver(d, p)
		}
	}
	return s.take()
}

// Subscribe delivers what is pushed to a subscription of Web Push at an origin to
// a device from now on. The first time a step says where it is. key is that of the
// one sender that may push to it; "": any may.
func (s *Service) Subscribe(now time.Time, device, origin, name, key string) []Step {
	address := Subscription(origin, name)
	steps := s.Open(now, device, address)
	if d := s.devices[device]; d.key != key || !d.web {
		d.key, d.web = key, true
		steps = slices.Insert(steps, 0, Step{For: device, Event: event.Push{Phase: event.PushToken, Token: address, Why: restricted(key)}})
	}
	return steps
}

func restricted(key string) string {
	if key == "" {
		return "a subscription, to which any server may push"
	}
	return "a subscription, to which the server with that key may push"
}

// Close makes a device unreachable until it opens its token again.
func (s *Service) Close(now time.Time, name string) {
	if d := s.devices[name]; d != nil && d.reachable {
		d.reachable, d.left = false, now
	}
}

// Forget removes every trace of a device: pushes on their way to it are lost.
func (s *Service) Forget(now time.Time, name string) []Step {
	if d := s.devices[name]; d != nil {
		s.retire(now, d)
		delete(s.devices, name)
	}
	return s.take()
}

// Reopen makes a closed device reachable again under its last token. It ignores
// a device that never had one.
func (s *Service) Reopen(now time.Time, name string) []Step {
	d := s.devices[name]
	if d == nil || d.token == "" {
		return nil
	}
	return s.Open(now, name, d.token)
}

// replace gives a device a new token. Pushes on their way to the old one are
// lost.
func (s *Service) replace(now time.Time, d *device, token string) {
	if before := s.tokens[token]; before != nil { // restored from a backup onto another device
		s.retire(now, before)
	}
	s.retire(now, d)
	d.token = token
	s.tokens[token] = d
}

// retire takes a device's token out of use.
func (s *Service) retire(now time.Time, d *device) {
	if d.token == "" {
		return
	}
	delete(s.tokens, d.token)
	lost := d.stored
	s.transit = slices.DeleteFunc(s.transit, func(t transit) bool {
		if t.push.Token != d.token {
			return false
		}
		lost = append(lost, t.push)
		return true
	})
	for _, p := range lost {
		s.say(d.name, now, p, event.PushDropped, "the token was replaced while it was on its way")
	}
	if len(s.former) == maxFormer {
		s.former = slices.Delete(s.former, 0, 1)
	}
	s.former = append(s.former, former{d.token, now})
	*d = device{name: d.name} // empty, it drops out of the list of those away
}

// refusal returns why a push is refused; nil if it is accepted.
func (s *Service) refusal(now time.Time, p system.Push) *Refusal {
	for _, r := range s.cfg.Refuse {
		if s.luck(r.Share) {
			return Refuse(r.Reason, "refused by a setting of the push service")
		}
	}
	d := s.tokens[p.Token]
	switch {
	case Size(p.Payload)+len(p.Body) > MaxPayload:
		return Refuse(PayloadTooLarge, "")
	case d == nil:
		return s.unknown(p.Token)
	case !d.reachable && now.Sub(d.left) >= s.cfg.TokenLife:
		return &Refusal{Reason: ExpiredToken, Why: "its device has not been seen for " + event.Round(now.Sub(d.left)), Since: d.left}
	case d.inTransit >= maxInTransit:
		return Refuse(TooManyRequests, "")
	case d.key != "" && p.Sender == "":
		return Refuse(MissingProviderToken, "the subscription is for one server, and nobody has signed")
	case d.key != "" && p.Sender != d.key:
		return Refuse(Forbidden, "the subscription is for a server with another key")
	}
	return nil
}

// unknown returns the refusal of a token that no device has, or has any more.
func (s *Service) unknown(token string) *Refusal {
	for _, f := range s.former {
		if f.token == token {
			return &Refusal{Reason: Unregistered, Why: "the device has another token now", Since: f.since}
		}
	}
	return Refuse(BadDeviceToken, "no device has it")
}

// Size returns the size of a payload in bytes, without the punctuation.
func Size(payload map[string]string) int {
	n := 0
	for k, v := range payload {
		n += len(k) + len(v)
	}
	return n
}
