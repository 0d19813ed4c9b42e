package event

import "fmt"

// Transfer is a step of a call being handed over to somebody else (RFC 3515,
// RFC 3891): asked, accepted, progress, completed, failed.
type Transfer struct {
	Phase  TransferPhase `json:"phase"`
	Role   TransferRole  `json:"role"`             // which of the three this phone is
	Call   int           `json:"call,omitempty"`   // of this phone that is handed over; 0: it was asked for outside of a call
	Next   int           `json:"next,omitempty"`   // of this phone that takes its place, or whose peer does
	Target string        `json:"target,omitempty"` // who is to be talked to
	By     string        `json:"by,omitempty"`     // who asked for it (RFC 3892)
	Status int           `json:"status,omitempty"`
	Reason string        `json:"reason,omitempty"`
	// What the answer to the REFER says of why.
	Cause
}

// A TransferPhase is a step of a call being handed over.
type TransferPhase string

// The steps of a transfer.
const (
	TransferAsked     TransferPhase = "asked"
	TransferAccepted  TransferPhase = "accepted" // by who was asked; the call is not made yet
	TransferProgress  TransferPhase = "progress" // of the call that is made for it
	TransferCompleted TransferPhase = "completed"
	TransferFailed    TransferPhase = "failed"
)

// TransferPhases are all of them.
func TransferPhases() []TransferPhase {
	return []TransferPhase{TransferAsked, TransferAccepted, TransferProgress, TransferCompleted, TransferFailed}
}

// A TransferRole is what a phone is in a transfer (RFC 5589 §3).
type TransferRole string

// The roles in a transfer.
const (
	RoleTransferor TransferRole = "transferor" // hands its call over
	RoleTransferee TransferRole = "transferee" // is handed over: calls the target
	RoleTarget     TransferRole = "target"     // gets the call
)

// TransferRoles are all of them.
func TransferRoles() []TransferRole {
	return []TransferRole{RoleTransferor, RoleTransferee, RoleTarget}
}

// Text is one line about the step.
func (e Transfer) Text() (string, string) {
	what := "transfer " + string(e.Phase)
	calls := unless(e.Call == 0, "call %d", e.Call)
	if e.Next != 0 && e.Call != 0 {
		calls = fmt.Sprintf("call %d for %d", e.Next, e.Call)
	}
	return what, join(", ", "as "+string(e.Role), calls, unless(e.Target == "", "to %s", e.Target), unless(e.By == "", "asked by %s", e.By),
		unless(e.Status == 0, "%d %s", e.Status, e.Reason), unless(e.Status != 0, "%s", e.Reason), e.Said())
}
