package event

import "time"

// SocketMark is an app marking a socket for VoIP, so that the system watches it while
// the app is suspended, and what came of that.
type SocketMark struct {
	Phase MarkPhase `json:"phase"`
	// By is the call by which it was marked; "": by none, with [MarkMissing].
	By MarkCall `json:"by,omitempty"`
	// Remote is where the socket leads, as the app has named it.
	Remote string `json:"remote,omitempty"`
	Why    string `json:"why,omitempty"`
	// Rule is why the socket does not wake the app; "": it does, or this system
	// knows no such mark.
	Rule Rule `json:"rule,omitempty"`
}

// A MarkPhase is what came of marking a socket for VoIP.
type MarkPhase string

// What came of it.
const (
	MarkAccepted MarkPhase = "accepted"
	MarkRefused  MarkPhase = "refused" // the call said no
	MarkIgnored  MarkPhase = "ignored" // the call did not say no, and it means nothing
	MarkMissing  MarkPhase = "missing" // the app was suspended, and had marked nothing
)

// MarkPhases are all of them.
func MarkPhases() []MarkPhase {
	return []MarkPhase{MarkAccepted, MarkRefused, MarkIgnored, MarkMissing}
}

// MarkRules are those by which a mark is not taken.
func MarkRules() []Rule {
	return []Rule{RuleVoIPSocket, RuleNoVoIPMode, RuleMarkLate, RuleMarkOutside, RuleMarkNoRequest, RuleMarkIgnored, RuleNotMarked}
}

// A MarkCall is a call by which an app marks a socket for VoIP.
type MarkCall string

// The calls.
const (
	ByNSStream       MarkCall = "nsstream"
	ByCFStream       MarkCall = "cfstream"
	ByURLRequest     MarkCall = "url-request"
	ByGCDAsyncSocket MarkCall = "gcdasyncsocket"
)

// MarkCalls are all of them.
func MarkCalls() []MarkCall {
	return []MarkCall{ByNSStream, ByCFStream, ByURLRequest, ByGCDAsyncSocket}
}

// Title is the name of what is called.
func (c MarkCall) Title() string {
	switch c {
	case ByNSStream:
		return "NSStream"
	case ByCFStream:
		return "CFStream"
	case ByURLRequest:
		return "NSURLRequest"
	case ByGCDAsyncSocket:
		return "GCDAsyncSocket"
	}
	return string(c)
}

// API is the call as a program has it.
func (c MarkCall) API() string {
	switch c {
	case ByNSStream:
		return "NSStream setProperty: NSStreamNetworkServiceTypeVoIP"
	case ByCFStream:
		return "CFReadStreamSetProperty: kCFStreamNetworkServiceTypeVoIP"
	case ByURLRequest:
		return "NSMutableURLRequest networkServiceType: NSURLNetworkServiceTypeVoIP"
	case ByGCDAsyncSocket:
		return "GCDAsyncSocket enableBackgroundingOnSocket"
	}
	return string(c)
}

// Text says what came of the mark.
func (e SocketMark) Text() (string, string) {
	switch e.Phase {
	case MarkAccepted:
		return "socket marked", join(", ", e.Remote, "by "+e.By.API(), e.Why)
	case MarkMissing:
		return "no socket marked", e.Why
	}
	return "mark " + string(e.Phase), join(", ", e.Why, "by "+e.By.API(), e.Remote)
}

// A MarkRow is the last mark of the connection that stands, or why there is none.
type MarkRow struct {
	SocketMark
	At time.Duration
}

func (s *Fold) mark(at time.Duration, e SocketMark) {
	e.Remote, e.Why = Printable(e.Remote), Printable(e.Why)
	s.Mark = MarkRow{e, at}
}

// unmark forgets the mark of a socket that another one takes the place of.
func (s *Fold) unmark(e Socket) {
	if e.Phase == SocketConnecting && s.Mark.Remote == Printable(e.Remote) {
		s.Mark = MarkRow{}
	}
}

// standing is how well it stands with a mark: the system has refused it, nobody has
// asked, it is there.
func (m MarkRow) standing() int {
	switch m.Phase {
	case MarkRefused, MarkIgnored, MarkMissing:
		return 0
	case MarkAccepted:
		return 2
	}
	return 1
}
