package sip

import "github.com/emiago/sipgo/sip"

// A Frame is what a [Framer] finds in a stream: a [Message], a [Ping], a
// [Pong] or [Bad] data.
type Frame interface{ frame() }

// Message is one whole SIP message, parsed, with the five header fields that
// every message must have.
type Message struct {
	Raw      string      // all of it
	SIP      sip.Message // *sip.Request or *sip.Response
	Segments int         // reads that it arrived in
	Untidy   []Untidy    // what was understood all the same
	Behind   int         // octets of its datagram that are behind its body, and were dropped
}

// Ping is a double CRLF between messages (RFC 5626 §3.5.1).
type Ping struct{}

// Pong is the single CRLF that answers a ping.
type Pong struct{}

// Bad is data that is no SIP message.
type Bad struct {
	Raw []byte // its beginning
	Err error
	// Status is what it deserves: 400, 505 or 513. Reply is that response, if the data was a request that could
	// at least be answered; else nil.
	Status int
	Reply  []byte
	// Fatal says that nobody knows where the next message begins. The stream
	// is to be closed; the framer gives nothing more.
	Fatal bool
	// Again says that it is about a message that was refused before: what has become of
	// the rest of it.
	Again bool
}

func (Message) frame() {}
func (Ping) frame()    {}
func (Pong) frame()    {}
func (Bad) frame()     {}
