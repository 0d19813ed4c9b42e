package sip

import (
	"testing"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
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
