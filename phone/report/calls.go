package report

import (
	"io"
	"net"
	"slices"
	"strconv"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// CaptureCalls writes a capture, as [Capture] does, of the calls that have one of some
// Call-IDs alone: their messages, their audio, and what happened on the phones meanwhile.
func CaptureCalls(w io.Writer, log *event.Log, wire *Wire, callIDs []string) error {
	only, ports := new(event.Log), map[uint16]bool{}
	calls := map[caller]bool{}
	for r := range log.From(0) {
		if c, ok := r.Event.(event.Call); ok && slices.Contains(callIDs, c.CallID) {
			calls[caller{r.Phone, c.ID}] = true
		}
		if m, ok := r.Event.(event.Media); ok && calls[caller{r.Phone, m.Call}] {
			addPorts(ports, m.Local)
		}
		if ofCalls(r.Event, callIDs) {
			only.Append(r)
		}
	}
	return Capture(w, only, wire.only(ports))
}

// A caller is a call of a phone.
type caller struct {
	phone string
	call  int
}

// ofCalls reports whether an event is one of some calls, or of none.
func ofCalls(e event.Event, callIDs []string) bool {
	id := ""
	switch e := e.(type) {
	case event.Ping, event.Pong:
		return false
	case event.Message:
		return slices.Contains(callIDs, e.CallID)
	case event.Data:
		return slices.Contains(callIDs, e.CallID)
	case event.Call:
		id = e.CallID
	case event.Swallowed:
		id = e.CallID
	case event.Held:
		id = e.CallID
	case event.Loss:
		id = e.CallID
	}
	return id == "" || slices.Contains(callIDs, id)
}

// addPorts adds those of RTP and RTCP (RFC 3550 §11).
func addPorts(ports map[uint16]bool, local string) {
	if _, port, err := net.SplitHostPort(local); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			ports[uint16(n)], ports[uint16(n)+1] = true, true
		}
	}
}

// only is what a wire has of some ports of the phone.
func (w *Wire) only(ports map[uint16]bool) *Wire {
	if w == nil {
		return nil
	}
	o := &Wire{left: w.left, clear: clear{opened: w.clear.opened}}
	for _, d := range w.packets {
		if ports[d.Local.Port()] {
			o.packets = append(o.packets, d)
		}
	}
	return o
}
