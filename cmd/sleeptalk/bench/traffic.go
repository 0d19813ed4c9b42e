package bench

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	grammar "github.com/emiago/sipgo/sip"
)

// traffic is a flow of OPTIONS to a phone, which answers each: as much signalling as a busy
// trunk has.
type traffic struct {
	flow     *flow
	sent     int
	answered atomic.Int64
	due      chan struct{} // one for each answer
}

// inFlight is how many requests may wait for their answers.
const inFlight = 64

// newTraffic takes a flow over: nobody else may read what comes on it.
func newTraffic(f *flow) *traffic {
	t := &traffic{flow: f, due: make(chan struct{}, inFlight)}
	go t.drain()
	return t
}

// drain counts the answers until the connection ends.
func (t *traffic) drain() {
	for a := range t.flow.came {
		if res, ok := a.msg.(*grammar.Response); ok && res.CSeq().MethodName == grammar.OPTIONS {
			t.answered.Add(1)
			select {
			case <-t.due:
			default: // of another traffic, before this one
			}
		}
	}
}

// request sends one OPTIONS, as soon as there is room for it.
func (t *traffic) request(ctx context.Context) error {
	select {
	case t.due <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return fmt.Errorf("no answer to %d of %d OPTIONS in %s", inFlight, t.sent, patience)
	}
	t.sent++
	_, err := io.WriteString(t.flow.conn, fmt.Sprintf("OPTIONS %s SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bK-options-%d;rport\r\nMax-Forwards: 70\r\n"+
		"From: \"Bench\" <sip:bench@127.0.0.1>;tag=options%[3]d\r\nTo: <%[1]s>\r\nCall-ID: options-%[3]d@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		t.flow.contact, t.flow.conn.LocalAddr(), t.sent))
	return err
}

// flow sends at a rate until the context ends, and reports what stopped it before.
func (t *traffic) run(ctx context.Context, perSecond int) error {
	const beat = 10 * time.Millisecond
	tick := time.NewTicker(beat)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		for due := int(time.Since(began).Seconds() * float64(perSecond)); t.sent < due; {
			if err := t.request(ctx); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
		}
	}
}
