package event

// Call is a step in the life of a call: calling, incoming, ringing, waiting, redirected,
// early, answered, up, held, resumed, muted, unmuted, ended.
type Call struct {
	ID     int       `json:"id"`
	Phase  CallPhase `json:"phase"`
	Out    bool      `json:"out"`
	Peer   string    `json:"peer"`
	Name   string    `json:"name,omitempty"`
	CallID string    `json:"call_id,omitempty"`
	Status int       `json:"status,omitempty"`
	Reason string    `json:"reason,omitempty"`
	To     string    `json:"to,omitempty"` // who was called in the place of the peer, by a redirect (3xx)
	By     string    `json:"by,omitempty"` // who ended it: us, peer, timeout, network; who holds, resumes or refreshes it: us, peer
	// Fork is which of the phones that an outgoing call was forked to this is
	// about; 0 while there is one.
	Fork int `json:"fork,omitempty"`
	// Expires is how long the session lasts without a refresh, and Refresher who
	// is to send that: us, peer; nothing in a call without a session timer.
	Expires   Seconds `json:"expires_s,omitempty"`
	Refresher string  `json:"refresher,omitempty"`
	Lasted    Seconds `json:"lasted_s,omitempty"`
	// Rings is how long an incoming call may ring, as its caller has set (Expires of the
	// INVITE, RFC 3261 §13.3.1); 0: the caller has not said.
	Rings Seconds `json:"rings_s,omitempty"`
	// Of an incoming call: who it is from as a server asserts it, whom it was for
	// before, and the header field that asks to have it answered at once.
	Asserted   []Identity `json:"asserted,omitempty"`
	Diverted   []Identity `json:"diverted,omitempty"`
	History    []Identity `json:"history,omitempty"`
	AutoAnswer string     `json:"auto_answer,omitempty"`
	// Elsewhere says that another phone of the user has answered or declined it.
	Elsewhere string `json:"elsewhere,omitempty"`
	// Missed says that it was refused before the user heard of it.
	Missed bool `json:"missed,omitempty"`
	// What the message that ended it says of why.
	Cause
}

// An Identity is somebody's address and name in a header field, and why it is
// there, if that says so.
type Identity struct {
	Name string `json:"name,omitempty"`
	URI  string `json:"uri"`
	Why  string `json:"why,omitempty"`
}
