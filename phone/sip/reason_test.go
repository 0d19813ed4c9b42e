package sip

import "testing"

// TestReason: a status that has no phrase of its own has that of its class, and not another's.
func TestReason(t *testing.T) {
	for status, want := range map[int]string{
		183: "Session Progress", 198: "Provisional", 299: "Successful", 399: "Redirection", 499: "Request Failure", 599: "Server Failure",
		603: "Decline", 607: "Unwanted", 699: "Global Failure",
	} {
		if got := Reason(status); got != want {
			t.Errorf("%d %s, want %s", status, got, want)
		}
	}
}
