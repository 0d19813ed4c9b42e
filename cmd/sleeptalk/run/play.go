package run

import (
	"context"
	"fmt"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// An audience is told how a run goes. One that plays files at the same time
// tells it from several goroutines.
type audience interface {
	// tell lets the run of a file report to it.
	tell(s *piece, o *play.Options)
	// watch is the stage, for whoever wants to see everything on it.
	watch(s play.Stage) play.Stage
	// again is told that a file failed, and is played once more.
	again(s *piece, try int)
	// over is told that everything was played.
	over()
}

// playAll plays the files: those in virtual time so many at a time, the
// others one after the other, for they share one machine's clock and sockets.
// What is found is in the order of the files.
func playAll(ctx context.Context, p *cli.Program, o *options, files []*piece, show audience) []played {
	all := make([]played, len(files))
	defer show.over()
	parts := 0
	if _, lines := show.(*progress); lines { // a screen shows it by itself
		parts = len(files)
	}
	gauge := p.Gauge(parts)
	defer gauge.Close()
	one := func(i int) {
		all[i] = playGuarded(ctx, p, o, files[i], show)
		gauge.Step(1, all[i].err == nil && all[i].result != nil && all[i].result.Verdict() == play.Passed)
	}
	var virtual, live []int
	for i, s := range files {
		if s.live {
			live = append(live, i)
		} else {
			virtual = append(virtual, i)
		}
	}
	stage.SideBySide(len(virtual), o.jobs, func(i int) { one(virtual[i]) })
	for _, i := range live {
		one(i)
	}
	return all
}

// playGuarded plays a file. A bug of ours ends that file alone, and is
// reported at the end.
func playGuarded(ctx context.Context, p *cli.Program, o *options, s *piece, show audience) (one played) {
	bug := live.Guard("run of "+s.Name, func() error {
		one = playFile(ctx, p, o, s, show)
		one.result = report.Edited(one.result, p.Masked)
		return nil
	})
	if bug != nil {
		opts := play.Options{World: !s.live, Seed: o.seed}
		one = played{file: s, log: new(event.Log), result: untold(s, opts, play.Errored, bug), err: bug}
	}
	return one
}

// playFile plays a file, again if it failed and may be played again.
func playFile(ctx context.Context, p *cli.Program, o *options, s *piece, show audience) played {
	unwell := map[string]int{} // by case: the last try that it did not pass in
	for try := 1; ; try++ {
		one := playOnce(ctx, p, o, s, o.seed+uint64(try-1), show)
		for i := range one.result.Cases {
			c := &one.result.Cases[i]
			switch c.Verdict {
			case play.Failed, play.Errored:
				unwell[c.Name] = try
			case play.Passed:
				if unwell[c.Name] > 0 {
					c.Tries = try
				}
			}
		}
		bad := one.result.Verdict() != play.Passed
		if !bad || try > o.retry || ctx.Err() != nil || one.err != nil {
			return one
		}
		show.again(s, try)
	}
}

// playOnce plays a file once. Each try in virtual time has a seed of its own:
// with the same one it would be the same try.
func playOnce(ctx context.Context, p *cli.Program, o *options, s *piece, seed uint64, show audience) played {
	one := played{file: s}
	opts := play.Options{To: o.to, Tags: o.tags, World: !s.live, Seed: seed, Now: time.Now}
	if ctx.Err() != nil {
		one.log, one.result = new(event.Log), untold(s, opts, play.Skipped, context.Cause(ctx))
		return one
	}
	show.tell(s, &opts)
	if o.mayKeep() {
		one.tapes = &sound.Tapes{Clear: o.clear}
	}
	if !s.live {
		cfg := worldOf(p, o, s, seed)
		if one.tapes != nil {
			cfg.Heard, cfg.Sent, cfg.Tap, cfg.Opened = &one.tapes.Heard, &one.tapes.Sent, one.tapes.Packet, one.tapes.Opened()
		}
		w, err := stage.New(cfg)
		if err != nil { // checkScripts has made one
			one.log, one.result = new(event.Log), untold(s, opts, play.Errored, err)
			return one
		}
		one.log, one.result = w.Log(), play.Run(ctx, s.file, show.watch(w), opts)
		one.erase(o)
		return one
	}
	opts.Seed = 0
	l, err := stage.NewLive(ctx, liveConfig(ctx, p, o, s, one.tapes))
	if err != nil {
		one.log, one.result = new(event.Log), untold(s, opts, play.Errored, err)
		return one
	}
	one.log, one.result = l.Log(), play.Run(l.Context(), s.file, show.watch(l), opts)
	one.err = l.Close()
	one.erase(o)
	return one
}

// erase drops the tapes of which no evidence is kept.
func (one *played) erase(o *options) {
	switch {
	case one.tapes == nil || o.keeps(one.result):
	case o.pcap != "":
		one.tapes.Heard, one.tapes.Sent = sound.Tape{}, sound.Tape{}
	default:
		one.tapes = nil
	}
}

// untold is the result of a scenario that was not played.
func untold(s *piece, o play.Options, v play.Verdict, why error) *play.Result {
	r := &play.Result{File: s.Name, World: o.World, Seed: o.Seed, Started: time.Now()}
	for i, c := range s.file.Cases {
		if i == 0 && v == play.Errored {
			r.Cases = append(r.Cases, play.CaseResult{
				Name: c.Name, Line: c.Line, Verdict: v, Tries: 1,
				Failure: &play.Failure{File: s.Name, Line: max(c.Line, 1), Kind: "stage", Message: fmt.Sprint(why)},
			})
			continue
		}
		if c.Name != scenario.SetupCase || len(c.Steps) > 0 {
			r.Cases = append(r.Cases, play.CaseResult{Name: c.Name, Line: c.Line, Verdict: play.Skipped})
		}
	}
	return r
}
