package phone

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// ErrNoToken says that nobody could push to the app.
var ErrNoToken = errors.New("the app has not asked to be pushed to; use the strategy push on a device that has pushes")

// pushByHand is the verb "push": the device gets a push as if the service had
// brought it, of high priority unless its arguments name another.
func pushByHand(h *Handset, now time.Time, line verb.Line) ([]system.Effect, error) {
	p := system.Push{Token: h.token, ID: "by hand", Sent: now, High: true, Payload: map[string]string{}}
	for _, word := range line.Args {
		key, value, ok := strings.Cut(word, "=")
		switch {
		case word == string(push.Cancelled):
			maps.Copy(p.Payload, push.Payload{Purpose: push.Cancelled}.Map())
		case !ok || key == "":
			return nil, fmt.Errorf("%q is not KEY=VALUE, such as name=Bob", word)
		case key != "priority":
			p.Payload[key] = value
		case value != push.Priority(true) && value != push.Priority(false):
			return nil, fmt.Errorf("priority %q: it is high or normal", value)
		default:
			p.High = value == push.Priority(true)
		}
	}
	if n := push.Size(p.Payload); n > push.MaxPayload {
		return nil, fmt.Errorf("%d bytes; a push carries at most %d", n, push.MaxPayload)
	}
	if h.token == "" {
		return nil, ErrNoToken
	}
	h.settle(now, h.device.Receive(now, system.PushArrived{Push: p}))
	return nil, nil
}

// noteOpened remembers the address of a subscription of Web Push.
func (h *Handset) noteOpened(s system.Signal) {
	if o, ok := s.(system.PushOpened); ok {
		h.token = o.Token
	}
}

// noteToken remembers the token under which the device gets pushes.
func (h *Handset) noteToken(effects []system.Effect) {
	for _, c := range effects {
		if o, ok := c.(system.OpenPush); ok {
			h.token = o.Token
		}
	}
}
