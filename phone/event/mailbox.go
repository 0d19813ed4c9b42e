package event

import "fmt"

// MessageWaiting is what a server says of the mailbox of an account (RFC 3842):
// whether messages wait, and how many voice messages are new and old.
type MessageWaiting struct {
	Account string `json:"account"`
	Waiting bool   `json:"waiting"`
	New     int    `json:"new"`
	Old     int    `json:"old"`
	// How many of those are urgent.
	UrgentNew int `json:"urgent_new,omitempty"`
	UrgentOld int `json:"urgent_old,omitempty"`
}

func (e MessageWaiting) Text() (string, string) {
	what := "no message waiting"
	if e.Waiting {
		what = "message waiting"
	}
	return what, join(", ", e.Account, e.Counts())
}

// Counts is how many voice messages there are: "2 new, 1 urgent, 8 old".
func (e MessageWaiting) Counts() string {
	return join(", ", fmt.Sprintf("%d new", e.New), unless(e.UrgentNew == 0, "%d urgent", e.UrgentNew), unless(e.Old == 0, "%d old", e.Old))
}
