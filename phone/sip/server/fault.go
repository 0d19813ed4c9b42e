package server

import (
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/misbehave"
)

// lateness is how much too late a CANCEL or a push comes: later than anybody
// lets a phone ring on for nothing, and earlier than timer C.
const lateness = 20 * time.Second

// Break has the server do these things wrong from now on, and no others.
func (o *Orders) Break(f misbehave.SIP) {
	o.conns.faults = f.Conn
	o.registrar.faults = f.Registrar
	o.proxy.faults, o.legs.faults = f.Proxy, f.Proxy
	o.pushes.faults = f.Push
}

// breaks reports whether a fault is done to whoever is at the other end of c.
func (c *conn) breaks(fault bool) bool { return fault && !c.own() }
