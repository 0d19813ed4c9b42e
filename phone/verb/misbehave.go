package verb

// A Misbehaviour is one way in which the lab can be a server that a phone
// ought not to meet, as "misbehave NAME" has it. What the lab does then is the
// lab's.
type Misbehaviour struct{ Name, Help string }

// Misbehaviours lists them.
func Misbehaviours() []Misbehaviour {
	return []Misbehaviour{
		{"forget-binding", "accept a registration and keep nothing of it"},
		{"stale-connection", "send calls over the first connection that the phone ever had"},
		{"no-invite", "tell the caller 100 Trying and send the phone nothing"},
		{"double-invite", "send the phone each INVITE twice, as if it had come by two ways"},
		{"repeat-invite", "send each INVITE over UDP twice, byte for byte, as a network may"},
		{"late-cancel", "pass on a CANCEL 20 s late"},
		{"no-bye", "never pass on a BYE"},
		{"no-audio", "lose all audio, both ways"},
		{"one-way-audio", "lose the audio to the phone"},
		{"deaf", "lose the audio from the phone"},
		{"wrong-tone", "robots speak a tone of 620 Hz, whatever they were asked to"},
		{"no-text", "lose the texts to the phone"},
		{"no-pong", "answer no ping"},
		{"late-pong", "answer each CRLF ping 6 s late"},
		{"refuse-register", "refuse every registration with 403"},
		{"close-at-register", "close the connection when a REGISTER comes"},
		{"close-at-ping", "close the connection when a ping comes"},
		{"close-at-invite", "close the connection after an INVITE has gone to the phone"},
		{"close-at-ringing", "close the connection when the phone says 180 Ringing"},
		{"close-at-answer", "close the connection when the phone answers a call"},
		{"push-no-wait", "push to the phone, and tell the caller 480 at once"},
		{"push-unavailable", "push to the phone, and tell the caller 503 at once"},
		{"push-too-early", "push, and at once send the INVITE over the phone's last connection"},
		{"push-short-wait", "hold an INVITE for half a second only after the push"},
		{"push-trusts-flow", "send an INVITE over the phone's last connection, as if it were open, and push nothing"},
		{"push-stale-flow", "push, wait for the REGISTER, and send the INVITE over the connection of before"},
		{"push-late", "push 20 s late, and let the push live for an hour"},
		{"push-lost", "push to a token that is not the phone's"},
		{"push-old-token", "push to the first token that the phone ever had"},
		{"push-ghost", "push, and never send the INVITE"},
		{"push-cancel-at-once", "push, send the INVITE, and cancel it at once"},
		{"push-no-refresh", "push to nobody whose registration is about to end"},
		{"push-not-in-calls", "push for new calls only, and refuse what is for a phone that sleeps in a call"},
	}
}

// MisbehaviourNames are their names.
func MisbehaviourNames() []string {
	var names []string
	for _, m := range Misbehaviours() {
		names = append(names, m.Name)
	}
	return names
}
