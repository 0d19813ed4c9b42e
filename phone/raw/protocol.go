package raw

import "time"

// A Protocol describes a raw protocol: its framing and its words.
type Protocol struct {
	Name    string // of its file
	About   string
	Framing Framing
	// TLS says to start TLS as soon as the connection is open.
	TLS bool
	// Patience is how long the answer to a ping may take.
	Patience time.Duration
	// Hold is how long the server keeps a request without an answer (RFC 6202
	// §2.1), in a protocol that polls.
	Hold time.Duration

	hello       []word
	app, server map[string]word
}

// The words of the app. Only hello is required.
const (
	hello      = "hello"
	ping       = "ping" // of either end, as is pong
	pong       = "pong"
	poll       = "poll" // requests the server's next word; the server sends only on request
	ringing    = "ringing"
	answer     = "answer"
	decline    = "decline"
	busy       = "busy"
	hangup     = "hangup"
	pushToken  = "token"
	background = "background"
	foreground = "foreground"
	bye        = "bye"
)

// The words of the server.
const (
	accepted = "accepted"
	refused  = "refused"
	incoming = "incoming"
	ended    = "ended"
	message  = "message"
	idle     = "idle" // no news: the end of a poll
)

// appWords and serverWords are all words, in the order in which a frame is
// compared with them.
var (
	appWords    = []string{ping, pong, poll, ringing, answer, busy, decline, hangup, pushToken, background, foreground, bye}
	serverWords = []string{accepted, refused, pong, ping, idle, ended, incoming, message}
)

// polls reports whether the server sends only on request.
func (p *Protocol) polls() bool { return p.app[poll].known() }

// match finds the word that a frame is, "" if it is none of them, and what
// stands in its places.
func match(words map[string]word, order []string, frame []byte) (string, values) {
	for _, name := range order {
		if v, ok := words[name].read(frame); ok {
			return name, v
		}
	}
	return "", nil
}
