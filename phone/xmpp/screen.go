package xmpp

// screen is whether the app is on the screen, which the server learns if it
// offers that (XEP-0352): it may then hold back what can wait.
type screen struct {
	*stream
	left    bool // the app is off the screen
	offered bool // the server wants to know, on this stream
}

// leave notes that the app has left the screen, or is back on it.
func (c *screen) leave(s *step, left bool) {
	changed := c.left != left
	c.left = left
	if changed && c.isUp() && c.offered {
		c.writeState(s)
	}
}

// begin tells a new stream. Each begins active, a resumed one too (XEP-0352
// §5).
func (c *screen) begin(s *step, offered bool) {
	c.offered = offered
	if c.left && offered {
		c.writeState(s)
	}
}

func (c *screen) writeState(s *step) {
	state := "active"
	if c.left {
		state = "inactive"
	}
	c.write(s, element(nsCSI, state))
}
