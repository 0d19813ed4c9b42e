package event

// Location is what the registrar of the lab believes of where a user can be reached, whenever
// that changes: bound, asleep, gone. Robots are not told of: they are part of the lab.
type Location struct {
	Phase   LocationPhase `json:"phase"`
	User    string        `json:"user"`
	Contact string        `json:"contact"` // its host and port
	Flow    string        `json:"flow"`    // the far end of the connection that it registered over
	// Expires is how long it holds, from now; 0: it does not.
	Expires Seconds `json:"expires_s,omitempty"`
	Push    bool    `json:"push,omitempty"` // it can be woken by a push
	Why     string  `json:"why,omitempty"`
}

// A LocationPhase is a step in the life of a binding, as the registrar sees it.
type LocationPhase string

// The steps of a binding.
const (
	LocationBound  LocationPhase = "bound"
	LocationAsleep LocationPhase = "asleep" // its connection is gone: a push may bring it back
	LocationGone   LocationPhase = "gone"
)

// LocationPhases are all of them.
func LocationPhases() []LocationPhase {
	return []LocationPhase{LocationBound, LocationAsleep, LocationGone}
}

// Text is who can be reached where.
func (e Location) Text() (string, string) {
	return "location " + string(e.Phase), join(", ", e.User+" at "+e.Contact, unless(e.Flow == e.Contact, "by %s", e.Flow),
		unless(e.Expires == 0, "for %s", Clock(e.Expires.D())), unless(!e.Push, "can be pushed to"), e.Why)
}
