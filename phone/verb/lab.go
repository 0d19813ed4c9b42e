package verb

// labSpecs is what the lab itself can be told.
var labSpecs = []Spec{
	{Name: "ping", Args: "USER [FLOW]", Help: "a CRLF ping on each of the user's connections, or on that of a flow such as flow2", Who: Lab, read: userFlow},
	{Name: "close", Args: "USER [FLOW]", Help: "close them, with FIN", Who: Lab, read: userFlow},
	{Name: "reset", Args: "USER [FLOW]", Help: "close them, with RST", Who: Lab, read: userFlow},
	{Name: "stall", Args: "USER [FLOW]", Help: "accept bytes on them and answer nothing", Who: Lab, read: userFlow},
	{Name: "unstall", Args: "USER [FLOW]", Help: "work off what has piled up, and go on", Who: Lab, read: userFlow},
	{Name: "ask", Args: "USER METHOD [FIELD=VALUE ...]", Help: "a request of the lab's own to the user's phones, such as OPTIONS, with these header fields; what its method must have is added, and FIELD= leaves it out", Who: Lab, read: userQuestion},
	{Name: "send mwi", Args: "USER NEW/OLD", Help: "say that voice messages wait for the user, such as 2/5 (RFC 3842): to those who have subscribed, and to the user's other phones unasked", Who: Lab, Says: "sends", read: userSummary},
	{Name: "redirect", Args: "USER SIP-URI|off", Help: "answer calls to the user with 302 and that address", Who: Lab, read: userAnd},
	{Name: "respond", Args: "STATUS|normally [to METHOD] [after TIME] [once|N times] [retry after TIME]", Help: "answer requests of the method so from now on, or only the next N of all phones together, each after TIME, and before a password is asked for, such as 503 to INVITE retry after 30s; a 302 to REGISTER leads back to where it was asked; robots are spared", Who: Lab, read: forcedAtLab},
	{Name: "wake", Args: "USER", Help: "a wake line on the user's wake sockets", Who: Lab, read: user},
	{Name: "push", Args: "USER [high|normal]", Help: "push to the user's phones, as if for a call", Who: Lab, read: userPush},
	{Name: "password", Args: "USER WORD", Help: "change a user's password", Who: Lab, read: userAnd},
	{Name: "challenge", Args: "ALGORITHM[,ALGORITHM ...]", Help: "ask for digests by these algorithms from now on, best first, as the setting algorithm does", Who: Lab, read: some},
	{Name: "expire nonces", Help: "let all digest nonces so far be stale", Who: Lab},
	{Name: "stop", Help: "go away: close all connections and the port, forget who was there", Who: Lab},
	{Name: "start", Help: "come back after a stop", Who: Lab},
	{Name: "misbehave", Args: "NAME", Help: "break a rule from now on: see Misbehaviours", Who: Lab, read: misbehaviour},
	{Name: "behave", Help: "break none any more", Who: Lab},
	{Name: "quit", Help: "switch the lab off", Who: Lab, Stage: true},
}

// Robots are the names of those who live at a lab: bob answers, echo sends
// back what it hears, busy refuses, ring never answers.
func Robots() []string { return []string{"bob", "echo", "busy", "ring"} }
