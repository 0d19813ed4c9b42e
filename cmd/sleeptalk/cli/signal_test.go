package cli

import (
	"context"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestClosedPipeIsNoSignal: who presses ctrl+c after the pipe has closed has
// pressed it once, and the phone may sign off.
func TestClosedPipeIsNoSignal(t *testing.T) {
	var s Streams
	s.Out, s.Err = new(Outlet), new(Outlet)
	ctx, cancel := context.WithCancelCause(t.Context())
	s.leave(cancel)
	s.Out.unread()
	signals, over, ended := make(chan os.Signal), make(chan struct{}), make(chan struct{})
	var codes []int
	go func() {
		defer close(ended)
		s.obey(signals, over, cancel, func(code int) { codes = append(codes, code) })
	}()
	signals <- syscall.SIGINT
	signals <- syscall.SIGTERM
	close(over)
	<-ended
	if want := []int{143}; !slices.Equal(codes, want) {
		t.Errorf("it ended with %v, want %v", codes, want)
	}
	if code, _ := Interrupted(ctx); code != 141 {
		t.Errorf("it leaves with %d", code)
	}
}

// TestGiveUp: a program that is told to leave, if only by a closed pipe, ends
// although its reader takes a little now and then and stands still after that.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Streams{Out: new(Outlet), Err: new(Outlet)}
		ctx, cancel := context.WithCancelCause(t.Context())
		s.leave(cancel)
		codes, over := make(chan int), make(chan struct{})
		defer close(over)
		go s.giveUp(ctx, over, func(code int) { codes <- code })
		s.Err.began.Store(time.Now().UnixNano())
		time.Sleep(time.Hour)
		s.Out.unread()
		s.Err.began.Store(0)
		time.Sleep(goodbye + time.Second)
		s.Err.began.Store(time.Now().UnixNano())
		began := time.Now()
		if code, took := <-codes, time.Since(began); code != 141 || took > 3*patience {
			t.Errorf("it ended with %d after %s", code, took)
		}
	})
}
