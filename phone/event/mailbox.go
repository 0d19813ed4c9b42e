package event

import (
	"fmt"
	"slices"
)

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
	// The other kinds that it has counted, each once.
	Others []MailCount `json:"others,omitempty"`
}

// A MailCount is how many messages of one kind are new and old.
type MailCount struct {
	Kind      string `json:"kind"` // see [MailKinds]
	New       int    `json:"new"`
	Old       int    `json:"old"`
	UrgentNew int    `json:"urgent_new,omitempty"`
	UrgentOld int    `json:"urgent_old,omitempty"`
}

// MailVoice is the kind of the voice messages.
const MailVoice = "voice"

// MailKinds are the kinds of messages that a server counts (RFC 3458 §6.2, RFC 3938);
// none are those of no kind.
func MailKinds() []string {
	return []string{MailVoice, "fax", "pager", "multimedia", "video", "text", "none"}
}

// Of returns how many messages of a kind there are.
func (e MessageWaiting) Of(kind string) MailCount {
	if kind == MailVoice {
		return MailCount{MailVoice, e.New, e.Old, e.UrgentNew, e.UrgentOld}
	}
	i := slices.IndexFunc(e.Others, func(c MailCount) bool { return c.Kind == kind })
	if i < 0 {
		return MailCount{Kind: kind}
	}
	return e.Others[i]
}

// Newer reports whether there are more new messages of some kind than before.
func (e MessageWaiting) Newer(before MessageWaiting) bool {
	return slices.ContainsFunc(MailKinds(), func(kind string) bool { return e.Of(kind).New > before.Of(kind).New })
}

// Title is what the user calls it: voicemail, unless other messages alone are new.
func (e MessageWaiting) Title() string {
	if e.New == 0 && e.Newer(MessageWaiting{}) {
		return "Mailbox"
	}
	return "Voicemail"
}

func (e MessageWaiting) Text() (string, string) {
	what := "no message waiting"
	if e.Waiting {
		what = "message waiting"
	}
	return what, join(", ", e.Account, e.Counts())
}

// Counts is how many messages there are: "2 new, 1 urgent, 8 old", which are the voice
// messages, and "; fax: 1 new".
func (e MessageWaiting) Counts() string {
	counts := e.Of(MailVoice).Counts()
	for _, c := range e.Others {
		counts += "; " + c.Kind + ": " + c.Counts()
	}
	return counts
}

// Counts is how many there are: "2 new, 1 urgent, 8 old".
func (c MailCount) Counts() string {
	return join(", ", fmt.Sprintf("%d new", c.New), unless(c.UrgentNew == 0, "%d urgent", c.UrgentNew), unless(c.Old == 0, "%d old", c.Old))
}
