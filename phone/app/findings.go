package app

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// ICE says whether the way of a call's audio is looked for (RFC 8445).
type ICE string

// The values.
const (
	ICEOff      ICE = ""         // neither offered nor answered
	ICEOn       ICE = "on"       // offered, and answered
	ICERequired ICE = "required" // and nothing is agreed with who does not speak it
	// ICELite answers who offers it as a server does whose address everybody can reach: it
	// answers checks, and sends none (RFC 8445 §2.5). It offers nothing.
	ICELite ICE = "lite"
)

// findings are what the finders of all calls share.
type findings struct {
	ice    ICE
	mux    bool         // rtcp-mux is offered
	stun   string       // "host:port" of a server; empty: there is none
	keys   func([]byte) // draws words that nobody can guess
	hangup func(now time.Time, c *call)
	offer  func(now time.Time, c *call) // another session, to a peer that has one
}

// offers reports whether our offers have ICE.
func (a *findings) offers() bool { return a.ice == ICEOn || a.ice == ICERequired }

// rand draws numbers from the source of keys.
func (a *findings) rand() *rand.Rand { return rand.New(keySource(a.keys)) }

// A keySource is a source of keys as one of numbers.
type keySource func([]byte)

// Uint64 draws a number.
func (k keySource) Uint64() uint64 {
	var b [8]byte
	k(b[:])
	return binary.BigEndian.Uint64(b[:])
}
