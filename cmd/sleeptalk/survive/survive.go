// Package survive finds the longest time for which a path to a server bears
// silence: how long an idle TCP connection lives through the NATs, firewalls
// and servers on it.
//
//	t=0        dial, probe           the server answers
//	…          nothing at all        (one connection for each interval)
//	t=interval probe                 still answered: survived
//
// A probe is a CRLF ping (RFC 5626 §3.5.1); where the server answers none, an
// OPTIONS. All intervals are tried at the same time, on a connection of their
// own, so the whole takes as long as the longest. A path that drops a mapping
// silently shows as a probe without an answer; one that resets, and a server
// that closes, show as such, with the time at which they did.
//
// It measures a real path in real time: nothing here is emulated.
package survive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Options say what is tried.
type Options struct {
	// Dial opens a connection to the server.
	Dial func(ctx context.Context) (net.Conn, error)
	// Host is the server's name, for the OPTIONS.
	Host string
	// Intervals to try, as [Ladder] makes them.
	Intervals []time.Duration
	// Told is called for each interval as it is decided, one at a time.
	Told func(Result)
}

// How an idle connection ended.
const (
	Survived = "survived"
	Silent   = "silent" // no answer: a mapping was dropped, or the server is gone
	Closed   = "closed" // by the server, or something in between
	Reset    = "reset"
)

// A Result is what became of one interval.
type Result struct {
	Interval time.Duration
	Fate     string
	Probe    string        // what was sent: "ping" or "OPTIONS"
	After    time.Duration // of Closed and Reset: when; of Survived: how long the answer took
	// Spoke says that the server sent something by itself in the interval:
	// then it was not silence that the path has borne.
	Spoke bool
}

// Ladder is intervals from the least to the most, each a quarter longer than
// the one before, but a second at least, and the most itself.
func Ladder(least, most time.Duration) []time.Duration {
	var all []time.Duration
	for d := least; d < most; d += max(d/4, time.Second) {
		all = append(all, d.Round(time.Second))
	}
	return append(all, most)
}

// Run tries all intervals and gives what became of them, in their order. Its
// error is that the server cannot be reached, or does not answer at all.
func Run(ctx context.Context, o Options) ([]Result, error) {
	how, err := choose(ctx, o)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(o.Intervals))
	errs := make([]error, len(o.Intervals))
	var crew sync.WaitGroup
	var one sync.Mutex
	for i, interval := range o.Intervals {
		crew.Go(func() {
			results[i], errs[i] = try(ctx, o, how, interval)
			if errs[i] == nil && o.Told != nil {
				one.Lock()
				defer one.Unlock()
				o.Told(results[i])
			}
		})
	}
	crew.Wait()
	return results, errors.Join(append(errs, context.Cause(ctx))...)
}

// Longest is the longest interval that survived before the first that did not,
// and that one; zero where there is none.
func Longest(results []Result) (survived, lost time.Duration) {
	results = slices.Clone(results)
	slices.SortFunc(results, func(a, b Result) int { return int(a.Interval - b.Interval) })
	for _, r := range results {
		if r.Fate != Survived {
			return survived, r.Interval
		}
		survived = r.Interval
	}
	return survived, 0
}

// choose finds a probe that the server answers.
func choose(ctx context.Context, o Options) (probe, error) {
	for _, how := range []probe{ping{}, options{o.Host}} {
		conn, err := o.Dial(ctx)
		if err != nil {
			return nil, err
		}
		_, err = ask(conn, how)
		conn.Close()
		if err == nil {
			return how, nil
		}
		if context.Cause(ctx) != nil {
			return nil, context.Cause(ctx)
		}
	}
	return nil, fmt.Errorf("the server answers neither a CRLF ping nor an OPTIONS within %g s: is it SIP over TCP?", patience.Seconds())
}

// try leaves one connection alone for a time.
func try(ctx context.Context, o Options, how probe, interval time.Duration) (Result, error) {
	r := Result{Interval: interval, Probe: how.name()}
	conn, err := o.Dial(ctx)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := ask(conn, how); err != nil {
		return r, fmt.Errorf("a new connection: %w", err)
	}
	began := time.Now()
	if r.Spoke, err = idle(conn, interval); err != nil {
		r.Fate, r.After = fateOf(err), time.Since(began)
		return r, nil
	}
	r.After, err = ask(conn, how)
	if r.Fate = fateOf(err); err != nil && r.Fate != Silent {
		r.After = time.Since(began)
	}
	return r, nil
}
