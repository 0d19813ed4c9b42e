package event

// ServerNotes lists what a lab can note: each What of a [Server] event in its log. A
// scenario may expect these of it and no others.
func ServerNotes() []string {
	return []string{
		"listening", "listening for raw", "listening for xmpp", "listening for wake sockets", "stopped",
		"connected", "secured", "websocket", "connection lost", "closed", "ping", "pong", "bad message", "refused",
		"registered", "refreshed", "unregistered", "registration expired", "too many registrations", "out of order",
		"bad credentials", "wrong password", "forbidden", "forged From", "nonces expired", "challenges", "password changed",
		"calls", "text", "no ACK", "loop", "redirected", "forced", "phone unavailable", "answer awaited", "another port", "mailbox",
		"refresh", "held", "gave up", "dispatched", "next flow", "not woken", "not encrypted", "wake line", "wake socket", "wake socket refused", "local push provider",
		"subscribed", "subscription ended", "subscription lost", "notify put off", "published", "publication expired", "quality report",
		// of XMPP and of raw protocols
		"signed on", "session over", "resumed", "hibernates", "not let in", "client state", "push enabled", "pushed",
		"bad hello", "unknown frame", "push token", "background", "foreground", "no word", "not sent",
	}
}
