package push

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// WebPath is where this push service has the subscriptions of Web Push; the name
// of one follows it.
const WebPath = "/push/"

// Subscription is the address of a subscription at a push service.
func Subscription(origin, name string) string { return origin + WebPath + name }

// ParseSubscription reads the address of a subscription, at any push service. Who
// pushes there sends what others have chosen to where others have chosen: it is
// HTTPS, and bounded.
func ParseSubscription(address string) (*url.URL, error) {
	if len(address) > maxValue {
		return nil, fmt.Errorf("an address of %d characters; at most %d fit", len(address), maxValue)
	}
	if strings.IndexFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return nil, errors.New("the address of a subscription has a character that no URL has")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, errors.New("the address of a subscription is not a URL")
	case u.Scheme != "https" || u.Host == "" || u.User != nil || u.Opaque != "" || u.Fragment != "" || len(u.Path) < 2:
		return nil, errors.New("the address of a subscription is https://HOST/NAME")
	}
	return u, nil
}
