package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// roads are those over which echoes are measured.
func roads() (list []road) {
	for _, jitter := range []time.Duration{0, 30 * time.Millisecond, 60 * time.Millisecond} {
		for _, loss := range []float64{0, 0.01, 0.05} {
			list = append(list, road{jitter, loss})
		}
	}
	return list
}

// echoes measures the way through a phone that sends back what it hears: the chirps reach it
// over each of the roads, in calls at the same time, and come back over none.
func (b *bench) echoes(ctx context.Context) ([]Result, error) { return b.echoesOf(ctx, codec.PCMU) }

// echoesOpus is the same in Opus.
func (b *bench) echoesOpus(ctx context.Context) ([]Result, error) {
	if err := codec.Opus.Missing(); err != nil {
		return []Result{{Unit: seconds, Missing: []string{err.Error()}}}, nil
	}
	return b.echoesOf(ctx, codec.Opus)
}

func (b *bench) echoesOf(ctx context.Context, c codec.Codec) (list []Result, err error) {
	ours, err := b.throughLab(ctx, c)
	if err != nil {
		return nil, err
	}
	theirs, missing := make([]Row, len(ours)), baresipPeer.missing()
	if missing == "" {
		if theirs, err = b.throughBaresip(ctx, c); err != nil {
			return nil, err
		}
	}
	for i, r := range roads() {
		one := Result{Unit: seconds, Title: fmt.Sprintf("echo of %d chirps in %s, %s", chirps, c.Name, r), Rows: []Row{ours[i]}}
		if missing != "" {
			one.Missing = []string{missing}
		} else {
			one.Rows = append(one.Rows, theirs[i])
		}
		list = append(list, one)
	}
	return list, nil
}

// throughLab has the echo of a lab for each road send the chirps back.
func (b *bench) throughLab(ctx context.Context, c codec.Codec) (rows []Row, err error) {
	var labs []*phone
	defer func() {
		for _, lab := range labs {
			err = errors.Join(err, lab.quit())
		}
	}()
	return echoRows(ctx, "sleeptalk", c, func(int) (*flow, error) {
		lab, err := b.lab(ctx, "echo")
		if err != nil {
			return nil, err
		}
		labs = append(labs, lab)
		return lab.flow, nil
	})
}

// throughBaresip has a baresip for each road send the chirps back: its microphone hears its
// speaker, over a bridge of its own.
func (b *bench) throughBaresip(ctx context.Context, c codec.Codec) ([]Row, error) {
	var phones []*peerPhone
	defer func() {
		for _, p := range phones {
			p.kill()
		}
	}()
	return echoRows(ctx, "baresip", c, func(n int) (*flow, error) {
		p, err := b.baresipWith(ctx, baresipOptions{
			user: users(n), answer: "auto", codec: c, source: "aubridge,loop", player: "aubridge,loop", modules: []string{"aubridge"},
		})
		if err != nil {
			return nil, err
		}
		phones = append(phones, p)
		return p.flow, nil
	})
}

// echoRows calls a phone for each road, and measures all of them at once.
func echoRows(ctx context.Context, who string, c codec.Codec, phone func(n int) (*flow, error)) (rows []Row, err error) {
	var calls []*dialog
	var talkers []*talker
	defer func() {
		for _, t := range talkers {
			t.close()
		}
		for _, d := range calls {
			err = errors.Join(err, d.hangUp(ctx))
		}
	}()
	rows = make([]Row, len(roads()))
	err = atOnce(ctx, len(rows), func(n int) (func(context.Context) error, error) {
		f, err := phone(n)
		if err != nil {
			return nil, err
		}
		t, d, err := newTalker(ctx, f, n+1, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
		calls, talkers = append(calls, d), append(talkers, t)
		return func(ctx context.Context) (err error) {
			rows[n], err = t.measure(ctx, who, roads()[n])
			return err
		}, nil
	})
	return rows, err
}

// atOnce begins n things, one after the other, and runs all of them at the same time. If one
// cannot begin, those that run are stopped. Nothing runs any more when it returns.
func atOnce(ctx context.Context, n int, begin func(i int) (run func(context.Context) error, err error)) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before the wait
	failed := make([]error, n)
	for i := range n {
		run, err := begin(i)
		if err != nil {
			return err
		}
		running.Go(func() { failed[i] = run(ctx) })
	}
	running.Wait()
	return errors.Join(failed...)
}

// echoSettles is for how long there is silence before the chirps, so that jitter buffers know
// the road.
const echoSettles = 4 * time.Second

// echoSaid is when the chirps were said.
func echoSaid(from time.Duration) (said []time.Duration) {
	for n := range time.Duration(chirps) {
		said = append(said, from+echoSettles+n*chirpEvery)
	}
	return said
}

// measure says the chirps over a road, and finds them in what comes back.
func (t *talker) measure(ctx context.Context, who string, r road) (Row, error) {
	from, err := t.say(ctx, chirpSamples(t.codec.SampleRate, echoSettles), r)
	if err == nil {
		err = pass(ctx, time.Second)
	}
	if err != nil {
		return Row{}, err
	}
	p := t.heard().pass(echoSaid(from))
	return Row{Who: who, N: chirps, Figures: p.figures()}, nil
}
