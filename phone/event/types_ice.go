package event

// ICE is a step of the search for a way between the two ends of a call (RFC 8445), or of what
// becomes of the way that it has found.
type ICE struct {
	Call  int      `json:"call"`
	Phase ICEPhase `json:"phase"`
	// Role is ours: controlling, controlled or lite.
	Role string `json:"role,omitempty"`
	// Local and Remote are the pair that audio goes by, each with its type.
	Local  string `json:"local,omitempty"`
	Remote string `json:"remote,omitempty"`
	// Checks are how many of ours were sent until then, without repetitions, and Answered
	// how many the peer has answered.
	Checks   int    `json:"checks,omitempty"`
	Answered int    `json:"answered,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// An ICEPhase is such a step.
type ICEPhase string

// The steps of ICE.
const (
	ICEGathered   ICEPhase = "gathered"   // our candidates are known
	ICEChecking   ICEPhase = "checking"   // the peer's are, and a pair is looked for
	ICEConnected  ICEPhase = "connected"  // audio goes by a pair
	ICEFailed     ICEPhase = "failed"     // there is none
	ICELost       ICEPhase = "lost"       // the peer no longer consents
	ICERestarting ICEPhase = "restarting" // we begin it anew, with new words in another offer
	ICEOff        ICEPhase = "off"        // the peer does not speak it, or not so that it can be used
)

// ICEPhases are all of them.
func ICEPhases() []ICEPhase {
	return []ICEPhase{ICEGathered, ICEChecking, ICEConnected, ICEFailed, ICELost, ICERestarting, ICEOff}
}

// Text is the step as the log shows it.
func (e ICE) Text() (string, string) {
	return "ice " + string(e.Phase), join(", ", e.Role, unless(e.Remote == "", "%s <-> %s", e.Local, e.Remote),
		unless(e.Checks == 0, "%d checks, %d answered", e.Checks, e.Answered), e.Detail)
}
