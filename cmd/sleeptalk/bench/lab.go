package bench

import (
	"context"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// lab starts this program as a lab, and connects to it. The flow calls one of its robots.
func (b *bench) lab(ctx context.Context, robot string) (*phone, error) {
	p, err := newPhone(ctx, b.Program, []string{"lab", "--json", "--listen", "127.0.0.1:0"})
	if err != nil {
		return nil, err
	}
	if err := p.start(); err != nil {
		p.kill()
		return nil, err
	}
	var addr string
	err = p.until(ctx, "the lab", func(e event.Event) bool {
		s, ok := e.(event.Server)
		addr = s.Peer
		return ok && s.What == "listening"
	})
	if err == nil {
		p.flow, err = b.server.connect(ctx, robot, addr)
	}
	if err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}
