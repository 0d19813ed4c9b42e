package lab

import "github.com/sleeptalk/sleeptalk/phone/control"

// A party is a user who is online at a door, as the SIP server sees one.
type party struct {
	gateway *gateway
	door    *door
	user    string
}

func (p *party) User() string { return p.user }

// Call has the user's phone ring.
func (p *party) Call(in control.Incoming) {
	g := p.gateway
	g.loop.Note("calls", p.user, p.door.cfg.Protocol+", from "+in.From)
	if g.faults.NoCall {
		return
	}
	g.carryOut(p.door.server.Call(g.loop.Now(), p.user, in))
	if g.faults.DoubleCall {
		g.carryOut(p.door.server.Call(g.loop.Now(), p.user, in))
	}
	p.closeFor(g.faults.CloseAtCall, "close-at-invite")
}

func (p *party) Passed(status int) {
	switch faults := p.gateway.faults; status {
	case 180:
		p.closeFor(faults.CloseAtRinging, "close-at-ringing")
	case 200:
		p.closeFor(faults.CloseAtAnswer, "close-at-answer")
	}
}

// closeFor closes the user's connections, if that is what the lab does wrong.
func (p *party) closeFor(fault bool, why string) {
	if !fault {
		return
	}
	for _, t := range p.gateway.guestsOf(p.user) {
		t.Close(false, why)
	}
}

// End tells the user that the call is over.
func (p *party) End(call string) {
	p.gateway.carryOut(p.door.server.End(p.gateway.loop.Now(), call))
}

// Text sends the user a text, unless texts are lost.
func (p *party) Text(t control.Texted) {
	g := p.gateway
	g.loop.Note("text", p.user, "from "+t.From)
	if !g.faults.NoText {
		g.carryOut(p.door.server.Text(g.loop.Now(), p.user, t))
	}
}
