package picture

import (
	"slices"
	"time"
)

// A Choice is which rungs of a ladder are drawn: the messages of some calls, or of all that
// are the phone's, and what happened to the phone meanwhile.
type Choice struct {
	Dialogs  *Dialogs
	Filter   Filter
	Calls    map[string]bool // the Call-IDs; nil: all
	From, To time.Duration   // of what happens beside
}

// Shows reports whether a rung is shown.
func (c *Choice) Shows(g *Rung) bool {
	switch g.Kind {
	case RungMessage, RungFar:
		return c.showsMessage(g)
	case RungCut:
		if g.Lost() {
			return c.showsMessage(g)
		}
	case RungHeld:
		if c.Calls != nil && g.Message.CallID != "" {
			return c.Calls[g.Message.CallID]
		}
	case RungMedia:
		if c.Calls != nil {
			d := c.callOf(g)
			return d != nil && c.Calls[d.ID]
		}
		return true
	case RungProblem:
		if !c.Filter.Everything() {
			return c.Filter.Plain() && c.Filter.Lets(Subject{Text: g.Problem.What + " " + g.Problem.Detail})
		}
	case RungNote:
		if g.Ink != Fault {
			return false
		}
	case RungOther, RungLoss: // that is beside what was lost
		return false
	}
	return g.At >= c.From && g.At <= c.To
}

// showsMessage reports whether one is of a call that is shown. Of others it is the phone's
// calls that count.
func (c *Choice) showsMessage(g *Rung) bool {
	if c.Calls != nil {
		return c.Calls[g.Message.CallID]
	}
	return g.Kind != RungFar || c.Dialogs.Of(g.Message.CallID) != nil
}

// callOf is the dialog whose audio a rung is; nil: it is not known.
func (c *Choice) callOf(g *Rung) *Dialog {
	for _, d := range slices.Backward(c.Dialogs.List) {
		if d.Call.ID == g.RTP.Call && d.At <= g.At {
			return d
		}
	}
	return nil
}
