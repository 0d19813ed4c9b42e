package event

import (
	"cmp"
	"fmt"
)

// Swallowed is what the network has lost on its way, of which neither end is told. It is
// the emulated link that writes it down: the app cannot know of it. What is lost of a flow
// in quick succession is counted, and told with the next.
type Swallowed struct {
	Out       bool   `json:"out"` // sent by the phone
	Transport string `json:"transport"`
	Local     string `json:"local"` // of the phone
	Remote    string `json:"remote,omitempty"`
	// What it was, as far as it can be read: "INVITE", "CRLF", "data"; of an INVITE also
	// from whom, and its Call-ID.
	What   string `json:"what"`
	From   string `json:"from,omitempty"`
	CallID string `json:"call_id,omitempty"`
	Bytes  int    `json:"bytes"`
	// More is how many packets were lost before it that are told of nowhere else.
	More int `json:"more,omitempty"`
	// Why is the fault that has lost it, such as "nat expired".
	Why string `json:"why"`
}

// Mapping is what the network remembers of a flow, and forgets: made, forgotten. While it
// is forgotten, nothing that either end sends gets to the other.
type Mapping struct {
	Phase     MappingPhase `json:"phase"`
	Transport string       `json:"transport"`
	Local     string       `json:"local"`
	Remote    string       `json:"remote,omitempty"`
	// Limit is how long the NAT remembers a flow without traffic; 0: there is none.
	Limit Seconds `json:"limit_s,omitempty"`
	// Idle is how long ago the last bytes passed, where the link has seen them.
	Idle Seconds `json:"idle_s,omitempty"`
	// Why is the fault that has made the network forget it.
	Why string `json:"why,omitempty"`
}

// A MappingPhase is a step in the life of a mapping.
type MappingPhase string

// The steps of a mapping.
const (
	MappingMade      MappingPhase = "made"
	MappingForgotten MappingPhase = "forgotten"
)

// MappingPhases are all of them.
func MappingPhases() []MappingPhase { return []MappingPhase{MappingMade, MappingForgotten} }

// Loss is a call to the phone that did not get through, and of which its user knows
// nothing. The log derives it from what others have written, see [Log.FindLosses]: likely
// while it is not known what the caller is told, then lost; or reached, if it got through
// all the same.
type Loss struct {
	Phase  LossPhase `json:"phase"`
	From   string    `json:"from,omitempty"` // the caller
	CallID string    `json:"call_id,omitempty"`
	// Where is how far it came.
	Where Place `json:"where"`
	// Cause is the number of the record of what has cut the phone off, in the log that it
	// is in, and Since how long ago that was; 0 where nothing of it is known.
	Cause uint64  `json:"cause,omitempty"`
	Since Seconds `json:"since_s,omitempty"`
	// Moment is the number of the record of its last sign, and Ago how long ago that was:
	// of its bytes where they were lost, or of the call itself.
	Moment uint64  `json:"moment,omitempty"`
	Ago    Seconds `json:"ago_s,omitempty"`
	// Next is when the phone can find out that it is cut off, from now; 0: not known.
	Next Seconds `json:"next_s,omitempty"`
	// What the caller has heard, and after how long; nothing where the caller is not known
	// here.
	Status int    `json:"status,omitempty"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"` // who gave it up, if there was no answer: caller
	// Waits says that the caller is known here, and has neither got an answer nor given up.
	Waits bool    `json:"waits,omitempty"`
	After Seconds `json:"after_s,omitempty"`
}

// A LossPhase is how sure it is that a call was lost.
type LossPhase string

// The steps of a loss.
const (
	LossLikely  LossPhase = "likely"
	LossCertain LossPhase = "lost"
	LossOver    LossPhase = "reached" // the phone was reached all the same, or somebody else has answered
)

// LossPhases are all of them.
func LossPhases() []LossPhase { return []LossPhase{LossLikely, LossCertain, LossOver} }

// A Place is a station on the way of a call to the user.
type Place string

// The stations, from the caller on.
const (
	AtServer Place = "server" // nothing of it is known to have left it for the phone
	AtLink   Place = "link"   // the network swallowed it
	AtApp    Place = "app"    // the app had it, and did not ring
	AtAnswer Place = "answer" // the user had answered
)

// Places are all of them.
func Places() []Place { return []Place{AtServer, AtLink, AtApp, AtAnswer} }

func (e Swallowed) Text() (string, string) {
	return "swallowed " + e.What, join(", ", unless(!e.Out, "%s", "sent by us"), unless(e.From == "", "from %s", e.From), fmt.Sprintf("%d B", e.Bytes),
		unless(e.More == 0, "and %d more before it", e.More), ends(e.Transport, e.Local, e.Remote), e.Why)
}

func (e Mapping) Text() (string, string) {
	return "mapping " + string(e.Phase), join(", ", ends(e.Transport, e.Local, e.Remote), unless(e.Idle == 0, "%s after the last bytes", e.Idle),
		unless(e.Limit == 0, "kept for %s without traffic", e.Limit), e.Why)
}

// ends are those of a flow.
func ends(transport, local, remote string) string {
	if remote != "" {
		local += " <-> " + remote
	}
	return transport + " " + local
}

func (e Loss) Text() (string, string) {
	what := map[LossPhase]string{LossLikely: "call likely lost", LossCertain: "call lost", LossOver: "call not lost"}[e.Phase]
	return cmp.Or(what, "call "+string(e.Phase)), join(", ", unless(e.From == "", "from %s", e.From), unless(e.Where == "", "at the %s", e.Where),
		unless(e.Status == 0, "the caller was told %d %s", e.Status, e.Reason), unless(e.By == "", "the %s gave up", e.By), unless(!e.Waits, "the caller still waits"), unless(e.After == 0, "after %s", e.After),
		unless(e.Since == 0, "cut off for %s", e.Since), unless(e.Next == 0, "next chance in %s", e.Next))
}
