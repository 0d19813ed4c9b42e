package bench

import (
	"context"
	"runtime"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// idleFor is how long a phone has been idle when its memory is looked at.
const idleFor = 2 * time.Second

// memory measures what an idle phone holds: this one suspended, baresip
// registered.
func (b *bench) memory(ctx context.Context) (r Result, err error) {
	r.Unit = octets
	if !seesProcesses {
		r.Missing = []string{"the memory of another process is not asked for on " + runtime.GOOS}
		return r, nil
	}
	p, err := b.hurried(ctx, b.Program, ourUser, hurriedDevice)
	if err != nil {
		return r, err
	}
	defer p.kill()
	idle := []Row{{Who: "sleeptalk, suspended"}}
	pids := []int{p.pid()}
	if m := baresipPeer.missing(); m != "" {
		r.Missing = []string{m}
	} else {
		peer, err := b.baresip(ctx, "manual", codec.PCMU)
		if err != nil {
			return r, err
		}
		defer peer.kill()
		idle, pids = append(idle, Row{Who: "baresip, registered"}), append(pids, peer.pid())
	}
	if err := pass(ctx, idleFor); err != nil {
		return r, err
	}
	for i, pid := range pids {
		held, err := residentMemory(pid)
		if err != nil {
			return r, err
		}
		idle[i].N, idle[i].Figures = 1, []Figure{{Name: "resident", Value: held}}
	}
	r.Rows = idle
	return r, nil
}
