//go:build unix

package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// caseOpener is work whose case is a recording, opened above the table.
type caseOpener struct {
	examiner
	x    *terminal
	ctx  context.Context // of the case; nil: that of the table
	left chan error
	said Phone
}

func (o *caseOpener) Next(ctx context.Context, seq uint64) (Survey, error) {
	if seq == 0 {
		return over(compared(), "ALL 5 PLAYED"), nil
	}
	return o.examiner.Next(ctx, seq)
}

func (o *caseOpener) Open(ctx context.Context, _ int, above *Screens) error {
	if o.ctx != nil {
		ctx = o.ctx
	}
	opt := o.x.options()
	opt.Above, opt.Replay = above, "a case"
	err := Run(ctx, o.said, opt)
	o.left <- err
	return err
}

// TestACaseOpensAboveTheTable: it has the keys until it is left, and the table is as it was.
func TestACaseOpensAboveTheTable(t *testing.T) {
	x := newTerminal(t)
	o := &caseOpener{x: x, left: make(chan error, 1), said: &puppet{log: load(t, "woken")}}
	go func() { x.finished <- WatchSurvey(t.Context(), o, x.options()) }()
	for range 2 {
		x.expect("ALL 5 PLAYED")
		x.typed("\r")
		x.expect("REPLAY")
		x.typed("q") // a call rings in it, which is over
		x.expect("yes")
		x.typed("y")
		if err := <-o.left; err != nil {
			t.Error(err)
		}
		x.forget()
	}
	x.typed("O")
	x.expect("by device")
	if strings.Contains(x.text(), leftAltScreen) {
		t.Error("the terminal was given back meanwhile")
	}
	x.typed("q")
	if err := <-x.finished; err != nil {
		t.Error(err)
	}
	x.expect(leftAltScreen)
}

// TestTheTableEndsWithItsCases: what is above a screen is gone with it.
func TestTheTableEndsWithItsCases(t *testing.T) {
	x := newTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := &caseOpener{x: x, ctx: t.Context(), left: make(chan error, 1), said: &puppet{log: load(t, "woken")}}
	go func() { x.finished <- WatchSurvey(ctx, o, x.options()) }()
	x.expect("ALL 5 PLAYED")
	x.typed("\r")
	x.expect("REPLAY")
	cancel()
	if err := <-x.finished; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	<-o.left
	x.expect(leftAltScreen)
}

// TestAPanicAboveTheTable: it leaves the program in order, and is known.
func TestAPanicAboveTheTable(t *testing.T) {
	x := newTerminal(t)
	o := &caseOpener{x: x, left: make(chan error, 1), said: &clumsy{puppet{log: load(t, "registered")}}}
	go func() { x.finished <- WatchSurvey(t.Context(), o, x.options()) }()
	x.expect("ALL 5 PLAYED")
	x.typed("\r")
	x.expect("REPLAY")
	x.typed("b")
	var broken *PanicError
	if err := <-x.finished; !errors.As(err, &broken) || broken.Value != "clumsy" {
		t.Errorf("error %v", err)
	}
	x.expect(leftAltScreen)
}
