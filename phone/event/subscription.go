package event

import "fmt"

// A SubscriptionPhase is a step in the life of a subscription or a publication of
// the phone's own.
type SubscriptionPhase string

// The phases.
const (
	SubscriptionActive  SubscriptionPhase = "active" // granted, or refreshed
	SubscriptionRefused SubscriptionPhase = "refused"
	SubscriptionEnded   SubscriptionPhase = "ended"
)

// SubscriptionPhases are all of them.
func SubscriptionPhases() []SubscriptionPhase {
	return []SubscriptionPhase{SubscriptionActive, SubscriptionRefused, SubscriptionEnded}
}

// Subscription is a step in the life of a subscription to what somebody knows (RFC
// 6665), which the phone was told to begin.
type Subscription struct {
	Phase   SubscriptionPhase `json:"phase"`
	Package string            `json:"package"`
	To      string            `json:"to"`
	Expires Seconds           `json:"expires_s,omitempty"` // for how long it was granted
	Status  int               `json:"status,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	// Rule says why it was refused, or ended without our wish.
	Rule Rule `json:"rule,omitempty"`
	// What the answer says of why.
	Cause
}

// Publication is a step in the life of what the phone has a server tell others (RFC
// 3903).
type Publication struct {
	Phase   SubscriptionPhase `json:"phase"`
	Package string            `json:"package"`
	Expires Seconds           `json:"expires_s,omitempty"`
	Status  int               `json:"status,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Rule    Rule              `json:"rule,omitempty"`
	// What the answer says of why.
	Cause
}

// Notify is what a subscription of the phone's has told it, as it came.
type Notify struct {
	Package string `json:"package"`
	From    string `json:"from"`           // whom the subscription is to
	State   string `json:"state"`          // of the subscription: active, pending, terminated
	Type    string `json:"type,omitempty"` // of the body
	Body    string `json:"body,omitempty"` // its first 4 KiB
}

func (e Subscription) Text() (string, string) {
	return fmt.Sprintf("%s of %s %s", e.Package, e.To, e.Phase), join(", ", grantedFor(e.Expires, e.Status, e.Reason), e.Said())
}

func (e Publication) Text() (string, string) {
	return fmt.Sprintf("publication of %s %s", e.Package, e.Phase), join(", ", grantedFor(e.Expires, e.Status, e.Reason), e.Said())
}

func grantedFor(life Seconds, status int, reason string) string {
	if status != 0 {
		reason = fmt.Sprintf("%d %s", status, reason)
	}
	return join(", ", reason, unless(life == 0, "for %s", life))
}

func (e Notify) Text() (string, string) {
	return fmt.Sprintf("%s of %s told", e.Package, e.From), join(", ", e.State, e.Type, e.Body)
}
