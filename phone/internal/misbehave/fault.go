package misbehave

// Faults are what the lab does wrong: each part of it has its own. The zero value
// is a lab that does all right.
type Faults struct {
	SIP
	Robot Robot
	Door  Door
}

// SIP is what the SIP server does wrong. What the lab's own robots meet is always
// right.
type SIP struct {
	Conn      Conn
	Registrar Registrar
	Proxy     Proxy
	Push      Push
}

// Conn is what is done wrong with a connection.
type Conn struct {
	NoPong, LatePong bool
	// The server closes the connection at that step.
	CloseAtRegister, CloseAtPing, CloseAtInvite, CloseAtRinging, CloseAtAnswer bool
}

// Registrar is what the registrar does wrong.
type Registrar struct {
	Refuse bool // everybody
	Forget bool // what it has just bound
}

// Proxy is what the proxy does wrong with calls.
type Proxy struct {
	StaleConnection bool // calls go over the first connection that the phone ever had
	NoInvite, NoBye bool // the phone never gets one
	DoubleInvite    bool // the phone gets each twice, as if it had come by two ways
	RepeatInvite    bool // over UDP the phone gets each twice, byte for byte
	LateCancel      bool
}

// Push is what is done wrong with phones that are pushed to.
type Push struct {
	NoWait, Unavailable bool // the caller is refused at once, with 480 or 503
	ShortWait           bool
	TooEarly            bool // the INVITE goes over the last connection, and a push too
	TrustsFlow          bool // the INVITE goes over the last connection, and no push
	StaleFlow           bool // the INVITE waits, and goes over the last connection
	Late, Lost          bool
	OldToken            bool
	Ghost               bool // the INVITE never comes
	CancelAtOnce        bool
	NoRefresh           bool
	NotInCalls          bool
}

// Robot is what is done wrong with the audio of robots.
type Robot struct {
	Mute, Deaf bool // what they send is lost, or what they are sent
	WrongTone  bool // is what they all speak
}

// Door is what the servers of other protocols do wrong.
type Door struct {
	Refuse bool // everybody
	NoPong bool
	NoText bool
	// A call is never told to the user, or twice.
	NoCall, DoubleCall bool
	// The user's connections are closed at that step of a call.
	CloseAtCall, CloseAtRinging, CloseAtAnswer bool
}
