package survive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A server that forgets is one with a path that bears silence for a time.
type server struct {
	bears time.Duration
	drops bool // the path loses what comes later, silently; else it closes
	sip   bool // it answers OPTIONS and no ping
	deaf  bool
	pings bool // it pings by itself, every minute
}

// serve answers on one connection until it is left alone for too long.
func (s server) serve(conn net.Conn) {
	defer conn.Close()
	if s.pings {
		beat := time.AfterFunc(time.Minute, func() { fmt.Fprint(conn, "\r\n\r\n") })
		defer beat.Stop()
	}
	gone := false
	for chunk := make([]byte, 4096); ; {
		_ = conn.SetReadDeadline(time.Now().Add(s.bears))
		n, err := conn.Read(chunk)
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout() && !s.drops:
			return
		case errors.As(err, &late) && late.Timeout():
			gone = true
			continue
		case err != nil:
			return
		case gone || s.deaf:
		case s.sip && bytes.HasPrefix(chunk[:n], []byte("OPTIONS ")):
			fmt.Fprint(conn, "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
		case !s.sip:
			fmt.Fprint(conn, "\r\n")
		}
	}
}

// run tries intervals against a server, on fake time.
func (s server) run(t *testing.T, intervals ...time.Duration) (results []Result, told []time.Duration, err error) {
	synctest.Test(t, func(t *testing.T) {
		dial := func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go s.serve(theirs)
			return ours, nil
		}
		results, err = Run(t.Context(), Options{
			Dial: dial, Host: "pbx.example.com", Intervals: intervals,
			Told: func(r Result) { told = append(told, r.Interval) },
		})
	})
	return results, told, err
}

func TestRun(t *testing.T) {
	const minute = time.Minute
	for name, c := range map[string]struct {
		server
		fates []string
		probe string
	}{
		"bears all":           {server{bears: time.Hour}, []string{Survived, Survived, Survived}, "ping"},
		"is dropped silently": {server{bears: 3 * minute, drops: true}, []string{Survived, Silent, Silent}, "ping"},
		"is closed":           {server{bears: 3 * minute}, []string{Survived, Closed, Closed}, "ping"},
		"answers OPTIONS":     {server{bears: 3 * minute, sip: true}, []string{Survived, Closed, Closed}, "OPTIONS"},
	} {
		t.Run(name, func(t *testing.T) {
			results, told, err := c.run(t, 2*minute, 4*minute, 30*minute)
			if err != nil {
				t.Fatal(err)
			}
			var fates []string
			for _, r := range results {
				fates = append(fates, r.Fate)
				if r.Probe != c.probe {
					t.Errorf("probe %s, want %s", r.Probe, c.probe)
				}
				if r.Fate == Closed && (r.After < 3*minute || r.After > 3*minute+time.Second) {
					t.Errorf("closed after %s, want 3 min", r.After)
				}
			}
			if !slices.Equal(fates, c.fates) {
				t.Errorf("%v, want %v", fates, c.fates)
			}
			if len(told) != len(results) {
				t.Errorf("told of %v", told)
			}
		})
	}
}

func TestServerSaysNothing(t *testing.T) {
	if _, _, err := (server{bears: time.Hour, deaf: true}).run(t, time.Minute); err == nil {
		t.Error("no error")
	}
}

func TestServerSpeaksByItself(t *testing.T) {
	results, _, err := server{bears: time.Hour, pings: true}.run(t, 30*time.Second, 2*time.Minute)
	if err != nil || results[0].Spoke || !results[1].Spoke {
		t.Errorf("%+v, %v: want the second interval to be none of silence", results, err)
	}
}

func TestInterrupted(t *testing.T) {
	left := errors.New("somebody left")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		dial := func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go server{bears: time.Hour}.serve(theirs)
			return ours, nil
		}
		time.AfterFunc(time.Minute, func() { cancel(left) })
		if _, err := Run(ctx, Options{Dial: dial, Intervals: []time.Duration{time.Hour}}); !errors.Is(err, left) {
			t.Errorf("got %v", err)
		}
	})
}

func TestLongest(t *testing.T) {
	for _, c := range []struct {
		fates          string // of 1 m, 2 m, 3 m: s for survived, x for lost
		survived, lost time.Duration
	}{
		{"sss", 3 * time.Minute, 0},
		{"ssx", 2 * time.Minute, 3 * time.Minute},
		{"sxs", time.Minute, 2 * time.Minute}, // what survives beyond a loss was luck
		{"xxx", 0, time.Minute},
	} {
		var results []Result
		for i, f := range c.fates {
			fate := map[rune]string{'s': Survived, 'x': Silent}[f]
			results = append(results, Result{Interval: time.Duration(i+1) * time.Minute, Fate: fate})
		}
		slices.Reverse(results)
		if survived, lost := Longest(results); survived != c.survived || lost != c.lost {
			t.Errorf("%s: %s, %s", c.fates, survived, lost)
		}
	}
}

func TestLadder(t *testing.T) {
	got := Ladder(30*time.Second, time.Minute)
	want := []time.Duration{30 * time.Second, 38 * time.Second, 47 * time.Second, 59 * time.Second, time.Minute}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestAskOptions: what is lost is sent again, and a server that says nothing
// is given up in time.
func TestAskOptions(t *testing.T) {
	for lost, want := range map[int]struct {
		took time.Duration
		err  string
	}{
		0:  {},
		2:  {took: 1500 * time.Millisecond},
		99: {err: "no answer to OPTIONS within 3s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			go func() {
				defer theirs.Close()
				chunk := make([]byte, 4096)
				for n := 0; ; n++ {
					if _, err := theirs.Read(chunk); err != nil {
						return
					}
					if n >= lost {
						fmt.Fprint(theirs, "SIP/2.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
					}
				}
			}()
			took, err := AskOptions(ours, "lab.test", 3*time.Second)
			if took != want.took || fmt.Sprint(err) != cmp.Or(want.err, "<nil>") {
				t.Errorf("%d lost: %s, %v", lost, took, err)
			}
		})
	}
}

// TestAskOptionsOfABabbler: a server that says much, and not what was asked, has the
// request as often as one that says nothing, and no longer.
func TestAskOptionsOfABabbler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		requests := 0
		var server sync.WaitGroup
		server.Go(func() {
			for chunk := make([]byte, 4096); ; requests++ {
				if _, err := theirs.Read(chunk); err != nil {
					return
				}
			}
		})
		server.Go(func() {
			for {
				if _, err := fmt.Fprint(theirs, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
		began := time.Now()
		_, err := AskOptions(ours, "pbx.example.com", 3*time.Second)
		ours.Close()
		theirs.Close()
		took := time.Since(began)
		server.Wait()
		if err == nil || took != 3*time.Second || requests != 3 {
			t.Errorf("%d requests in %s: %v", requests, took, err)
		}
	})
}
