// Package vq writes and reads reports of a call's voice quality, application/vq-rtcpxr, which
// a phone sends to a collector (RFC 6035).
package vq

const (
	// Package is the package of events that the reports are of (RFC 6035 §4.1).
	Package = "vq-rtcpxr"
	// MIME is the type of a report's body (§5).
	MIME = "application/vq-rtcpxr"
)
