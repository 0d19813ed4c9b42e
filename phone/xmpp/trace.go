package xmpp

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// what names an element, for the log.
func what(e *Element) string {
	name := event.Printable(e.Name)
	switch e.Space {
	case nsStream:
		return map[string]string{"features": "features", "error": "stream error"}[name]
	case nsTLS, nsSASL:
		return name
	case nsCSI:
		return "csi " + name
	case nsSM:
		return managed(name)
	}
	switch call := e.childIn(nsInvite); {
	case name == "message" && call != nil:
		return "jingle " + event.Printable(call.Name)
	case name == "iq", e.attr("type") == "error", name == "presence" && e.attr("type") != "":
		return name + " " + event.Printable(e.attr("type"))
	}
	return name
}

// managed names an element of stream management.
func managed(name string) string {
	switch name {
	case "r":
		return "ack request"
	case "a":
		return "ack"
	}
	return "sm " + name
}

// trace is the event of an element that was sent or received.
func trace(out bool, e *Element, raw []byte) event.Data {
	d := event.Data{Out: out, What: what(e), Bytes: len(raw), Raw: event.Mask(string(raw))}
	if out {
		d.To = e.attr("to")
	} else {
		d.From = e.attr("from")
	}
	if call := e.childIn(nsInvite); call != nil {
		d.CallID = call.attr("id")
	}
	return d
}
