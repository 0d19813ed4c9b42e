package event

import (
	"fmt"
	"slices"
	"strings"
)

// MessageWaiting is what a server says of the mailbox of an account (RFC 3842):
// whether messages wait, and how many there are of each kind.
type MessageWaiting struct {
	Account string `json:"account"`
	Waiting bool   `json:"waiting"`
	// Of the voice messages; nil: it is not said, or cannot be read.
	*Tally
	// The other kinds that it has counted, each once.
	Others []MailCount `json:"others,omitempty"`
}

// A MailCount is how many messages there are of one kind.
type MailCount struct {
	Kind string `json:"kind"` // see [MailKinds]
	Tally
}

// A Tally is how many messages are new and old, and how many of those are urgent.
type Tally struct {
	New       uint32 `json:"new"`
	Old       uint32 `json:"old"`
	UrgentNew uint32 `json:"urgent_new,omitempty"`
	UrgentOld uint32 `json:"urgent_old,omitempty"`
}

// MailVoice is the kind of the voice messages.
const MailVoice = "voice"

// MailKinds are the kinds of messages that a server counts (RFC 3458 §6.2, RFC 3938);
// none are those of no kind.
func MailKinds() []string {
	return []string{MailVoice, "fax", "pager", "multimedia", "video", "text", "none"}
}

// Of returns how many messages of a kind there are; ok is false if that is not known.
func (e MessageWaiting) Of(kind string) (t Tally, ok bool) {
	if kind == MailVoice {
		if e.Tally == nil {
			return t, false
		}
		return *e.Tally, true
	}
	i := slices.IndexFunc(e.Others, func(c MailCount) bool { return c.Kind == kind })
	if i < 0 {
		return t, false
	}
	return e.Others[i].Tally, true
}

// Newer reports whether there are more new messages of some kind than before, as far as
// both are known.
func (e MessageWaiting) Newer(before MessageWaiting) bool {
	return slices.ContainsFunc(MailKinds(), func(kind string) bool {
		now, _ := e.Of(kind)
		then, _ := before.Of(kind)
		return now.New > then.New
	})
}

// Title is what the user calls it: voicemail, unless other messages alone are new.
func (e MessageWaiting) Title() string {
	if voice, _ := e.Of(MailVoice); voice.New == 0 && e.Newer(MessageWaiting{}) {
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

// Counts is how many messages there are, as far as it is known: "2 new, 1 urgent, 8 old",
// which are the voice messages, and "; fax: 1 new".
func (e MessageWaiting) Counts() string {
	var counts []string
	if voice, ok := e.Of(MailVoice); ok {
		counts = append(counts, voice.Counts())
	}
	for _, c := range e.Others {
		counts = append(counts, c.Kind+": "+c.Counts())
	}
	return strings.Join(counts, "; ")
}

// Counts is how many there are: "2 new, 1 urgent, 8 old".
func (t Tally) Counts() string {
	return join(", ", fmt.Sprintf("%d new", t.New), unless(t.UrgentNew == 0, "%d urgent", t.UrgentNew), unless(t.Old == 0, "%d old", t.Old))
}
