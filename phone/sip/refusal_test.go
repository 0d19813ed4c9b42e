package sip

import (
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A tester is sent to the credentials where they were refused, and nowhere else.
func TestRefusalRule(t *testing.T) {
	for _, tc := range []struct {
		field  string // with the credentials
		status int
		want   event.Rule
	}{
		{"Authorization", 403, event.RuleWrongPassword},
		{"Proxy-Authorization", 403, event.RuleWrongPassword},
		{"", 403, event.RuleNotRegistered},
		{"Authorization", 404, event.RuleNotRegistered},
		{"Authorization", 603, event.RuleNotRegistered},
	} {
		req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: "example.com"})
		if tc.field != "" {
			req.AppendHeader(sip.NewHeader(tc.field, `Digest username="alice"`))
		}
		if got := refusalRule(req, tc.status); got != tc.want {
			t.Errorf("%d to %q: %s, want %s", tc.status, tc.field, got, tc.want)
		}
	}
}

// TestWaitsAreQuoted: why the phone waits names a Retry-After if that is why it waits for
// so long, and as it was said.
func TestWaitsAreQuoted(t *testing.T) {
	for answer, want := range map[string]string{
		"503 Retry-After: 120":                       "503 Service Unavailable, Retry-After: 120",
		"503 Retry-After: 999999":                    "503 Service Unavailable, Retry-After: 999999",
		"503 Retry-After: 120 (maintenance)":         "503 Service Unavailable, Retry-After: 120 (maintenance)",
		"503 Retry-After: 0":                         "503 Service Unavailable, Retry-After: 0",
		"503":                                        "503 Service Unavailable",
		"503 Retry-After: soon":                      "503 Service Unavailable",
		"423 Min-Expires: 999999 | Retry-After: 600": "423 Interval Too Brief",
		"302 Retry-After: 600":                       "302 Moved Temporarily",
	} {
		r := newRig(t, Config{})
		why := ""
		r.seen = func(out control.Output, _ int) {
			for _, effect := range out.Effects {
				log, _ := effect.(system.Log)
				if e, ok := log.Event.(event.Recovery); ok {
					why = e.Why
				}
			}
		}
		r.plays("register", "connected", "respond REGISTER "+answer)
		if why != want {
			t.Errorf("%s: %q, want %q", answer, why, want)
		}
	}
}
