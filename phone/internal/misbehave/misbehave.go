// Package misbehave is the one table of the lab's misbehaviours. The language
// reads the names from it, and the parts of the lab their faults.
//
// To add a misbehaviour: a row and its fault here, and the place that asks for
// that fault.
package misbehave

// A Misbehaviour is one way in which the lab can be a broken server: a test
// that passes in spite of it proves nothing.
type Misbehaviour struct {
	Name, Help string
	// Borne says that a correct phone copes with it, so that no scenario
	// with such a phone notices it. It serves to grade phones that do not
	// cope.
	Borne bool
	does  func(*Faults)
}

// Set sets the faults of a misbehaviour.
func (m Misbehaviour) Set(f *Faults) { m.does(f) }

// All are the misbehaviours.
func All() []Misbehaviour { return table[:len(table):len(table)] }

// Names are their names.
func Names() []string {
	var names []string
	for _, m := range table {
		names = append(names, m.Name)
	}
	return names
}

// Named is the misbehaviour of that name.
func Named(name string) (m Misbehaviour, ok bool) {
	for _, m := range table {
		if m.Name == name {
			return m, true
		}
	}
	return m, false
}

var table = []Misbehaviour{
	{Name: "forget-binding", Help: "accept a registration and keep nothing of it", does: func(f *Faults) { f.Registrar.Forget = true }},
	{Name: "stale-connection", Help: "send calls over the first connection that the phone ever had", does: func(f *Faults) { f.Proxy.StaleConnection = true }},
	{Name: "no-invite", Help: "tell the caller 100 Trying and send the phone nothing", does: func(f *Faults) { f.Proxy.NoInvite, f.Door.NoCall = true, true }},
	{Name: "double-invite", Help: "send the phone each INVITE twice, as if it had come by two ways", does: func(f *Faults) { f.Proxy.DoubleInvite, f.Door.DoubleCall = true, true }},
	// A copy of an INVITE belongs to the call that is there (RFC 3261 §17.2.1).
	{Name: "repeat-invite", Help: "send each INVITE over UDP twice, byte for byte, as a network may", Borne: true, does: func(f *Faults) { f.Proxy.RepeatInvite = true }},
	// What is clear is understood, and said to be untidy (RFC 8866 §5, RFC 3261 §25.1).
	{Name: "untidy-sdp", Help: "spoil the session description of each INVITE: lines end in LF, some are missing", Borne: true, does: func(f *Faults) { f.Proxy.UntidySDP = true }},
	{Name: "untidy-headers", Help: "spoil the From of each request: the name is not in quotes, the tag is in capitals and has spaces around it", Borne: true, does: func(f *Faults) { f.Conn.UntidyHeaders = true }},
	{Name: "late-cancel", Help: "pass on a CANCEL 20 s late", does: func(f *Faults) { f.Proxy.LateCancel = true }},
	{Name: "no-bye", Help: "never pass on a BYE", does: func(f *Faults) { f.Proxy.NoBye = true }},
	{Name: "no-report", Help: "never pass on a NOTIFY in a call: how a transfer goes is not heard of", does: func(f *Faults) { f.Proxy.NoReport = true }},
	{Name: "no-audio", Help: "lose all audio, both ways", does: func(f *Faults) { f.Robot.Mute, f.Robot.Deaf = true, true }},
	{Name: "one-way-audio", Help: "lose the audio to the phone", does: func(f *Faults) { f.Robot.Mute = true }},
	{Name: "deaf", Help: "lose the audio from the phone", does: func(f *Faults) { f.Robot.Deaf = true }},
	{Name: "wrong-tone", Help: "robots speak a tone of 620 Hz, whatever they were asked to", does: func(f *Faults) { f.Robot.WrongTone = true }},
	{Name: "no-text", Help: "lose the texts to the phone", does: func(f *Faults) { f.Door.NoText = true }},
	{Name: "no-pong", Help: "answer no ping", does: func(f *Faults) { f.Conn.NoPong, f.Door.NoPong = true, true }},
	{Name: "late-pong", Help: "answer each CRLF ping 6 s late", does: func(f *Faults) { f.Conn.LatePong = true }},
	{Name: "refuse-register", Help: "refuse every registration with 403", does: func(f *Faults) { f.Registrar.Refuse, f.Door.Refuse = true, true }},
	// The phone is registered all the same, and says who is not to be trusted (RFC 7616 §3.5).
	{Name: "wrong-rspauth", Help: "say in each 200 to a REGISTER that the lab knows the password, and show another one (Authentication-Info)", Borne: true, does: func(f *Faults) { f.Registrar.WrongRspAuth = true }},
	{Name: "close-at-register", Help: "close the connection when a REGISTER comes", does: func(f *Faults) { f.Conn.CloseAtRegister = true }},
	{Name: "close-at-ping", Help: "close the connection when a ping comes", does: func(f *Faults) { f.Conn.CloseAtPing = true }},
	{Name: "close-at-invite", Help: "close the connection after an INVITE has gone to the phone", does: func(f *Faults) { f.Conn.CloseAtInvite, f.Door.CloseAtCall = true, true }},
	{Name: "close-at-ringing", Help: "close the connection when the phone says 180 Ringing", does: func(f *Faults) { f.Conn.CloseAtRinging, f.Door.CloseAtRinging = true, true }},
	{Name: "close-at-answer", Help: "close the connection when the phone answers a call", does: func(f *Faults) { f.Conn.CloseAtAnswer, f.Door.CloseAtAnswer = true, true }},
	{Name: "push-no-wait", Help: "push to the phone, and tell the caller 480 at once", does: func(f *Faults) { f.Push.NoWait = true }},
	{Name: "push-unavailable", Help: "push to the phone, and tell the caller 503 at once", does: func(f *Faults) { f.Push.Unavailable = true }},
	{Name: "push-too-early", Help: "push, and at once send the INVITE over the phone's last connection", does: func(f *Faults) { f.Push.TooEarly = true }},
	{Name: "push-short-wait", Help: "hold an INVITE for half a second only after the push", does: func(f *Faults) { f.Push.ShortWait = true }},
	{Name: "push-trusts-flow", Help: "send an INVITE over the phone's last connection, as if it were open, and push nothing", does: func(f *Faults) { f.Push.TrustsFlow = true }},
	{Name: "push-stale-flow", Help: "push, wait for the REGISTER, and send the INVITE over the connection of before", does: func(f *Faults) { f.Push.StaleFlow = true }},
	{Name: "push-late", Help: "push 20 s late, and let the push live for an hour", does: func(f *Faults) { f.Push.Late = true }},
	{Name: "push-lost", Help: "push to a token that is not the phone's", does: func(f *Faults) { f.Push.Lost = true }},
	{Name: "push-old-token", Help: "push to the first token that the phone ever had", does: func(f *Faults) { f.Push.OldToken = true }},
	{Name: "push-other-key", Help: "sign each push of Web Push with another key than the phone was told", does: func(f *Faults) { f.Push.OtherKey = true }},
	{Name: "push-garbled", Help: "encrypt what a push of Web Push carries so that the phone cannot read it", does: func(f *Faults) { f.Push.Garbled = true }},
	{Name: "push-ghost", Help: "push, and never send the INVITE", does: func(f *Faults) { f.Push.Ghost = true }},
	{Name: "push-cancel-at-once", Help: "push, send the INVITE, and cancel it at once", does: func(f *Faults) { f.Push.CancelAtOnce = true }},
	{Name: "push-no-refresh", Help: "push to nobody whose registration is about to end", does: func(f *Faults) { f.Push.NoRefresh = true }},
	{Name: "push-not-in-calls", Help: "push for new calls only, and refuse what is for a phone that sleeps in a call", does: func(f *Faults) { f.Push.NotInCalls = true }},
}

// Faults are the misbehaviours that are on, by the part of the lab. The zero
// value is a correct lab.
type Faults struct {
	SIP
	Robot Robot
	Door  Door
}

// SIP is what the SIP server does wrong. It always behaves correctly towards
// the lab's own robots.
type SIP struct {
	Conn      Conn
	Registrar Registrar
	Proxy     Proxy
	Push      Push
}

// Conn is what is done wrong with a connection.
type Conn struct {
	NoPong, LatePong bool
	UntidyHeaders    bool // of requests to the phone
	// The server closes the connection at that step.
	CloseAtRegister, CloseAtPing, CloseAtInvite, CloseAtRinging, CloseAtAnswer bool
}

// Registrar is what the registrar does wrong.
type Registrar struct {
	Refuse       bool // everybody
	Forget       bool // what it has just bound
	WrongRspAuth bool // it shows another password than the user's
}

// Proxy is what the proxy does wrong with calls.
type Proxy struct {
	StaleConnection bool // calls go over the first connection that the phone ever had
	NoInvite, NoBye bool // the phone never gets one
	DoubleInvite    bool // the phone gets each twice, as if it had come by two ways
	RepeatInvite    bool // over UDP the phone gets each twice, byte for byte
	LateCancel      bool
	UntidySDP       bool // of calls to the phone
	NoReport        bool // the phone never gets a NOTIFY in a call
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
	OtherKey, Garbled   bool // the signature is somebody else's, or what is encrypted
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
	// The user is never told of a call, or told twice.
	NoCall, DoubleCall bool
	// The user's connections are closed at that step of a call.
	CloseAtCall, CloseAtRinging, CloseAtAnswer bool
}
