package event

import "fmt"

// A Cause is what a SIP message says of why, besides its status: in its Reason (RFC
// 3326), Warning (RFC 3261 §20.43) and Retry-After (§20.33) header fields.
type Cause struct {
	Reasons  []Reason     `json:"reasons,omitempty"`
	Warnings []SIPWarning `json:"warnings,omitempty"`
	// How long to wait before asking again; nil: the message does not say.
	*Wait
}

// A Wait is the time that a Retry-After header field names (RFC 3261 §20.33). It may be 0,
// which is not to name none.
type Wait struct {
	RetryAfter Seconds `json:"retry_after_s"`
}

// A Reason is one value of a Reason header field (RFC 3326): the protocol whose
// cause it is, such as SIP or Q.850, the cause, and its text.
type Reason struct {
	Protocol string `json:"protocol,omitempty"`
	Cause    int    `json:"cause,omitempty"`
	Text     string `json:"text,omitempty"`
}

// A SIPWarning is one value of a Warning header field (RFC 3261 §20.43).
type SIPWarning struct {
	Code  int    `json:"code"`
	Agent string `json:"agent,omitempty"`
	Text  string `json:"text,omitempty"`
}

// Said is all of it in one line, as the message says it: `reason Q.850 21 "Call Rejected"`,
// `warning 399 "it rests"`, "retry after 00:30", or "retry after 00:00".
func (c Cause) Said() string {
	var parts []string
	for _, r := range c.Reasons {
		parts = append(parts, r.text())
	}
	for _, w := range c.Warnings {
		parts = append(parts, w.text())
	}
	if c.Wait != nil {
		parts = append(parts, "retry after "+Clock(c.RetryAfter.D()))
	}
	return join(", ", parts...)
}

func (r Reason) text() string {
	return join(" ", "reason", r.Protocol, unless(r.Cause == 0, "%d", r.Cause), unless(r.Text == "", "%q", r.Text))
}

func (w SIPWarning) text() string {
	return join(" ", fmt.Sprintf("warning %d", w.Code), unless(w.Text == "", "%q", w.Text))
}
