package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

const (
	// callSettles is how long a call has been up when its measuring begins: the
	// jitter buffers have found their depth.
	callSettles = 2 * time.Second
	// callLength is over how much of a call the processor time is taken.
	callLength = 10 * time.Second
	// packetTime is the audio in one packet: RFC 3551 §4.2.
	packetTime = 20 * time.Millisecond
)

// A talk is a call with an echo, to be measured.
type talk struct {
	who  string
	pid  int
	echo *echo
	call *dialog
	stop func() error

	cpu     time.Duration
	packets int64
}

// cpu measures the processor time of this phone and of baresip in calls that
// run at the same time.
func (b *bench) cpu(ctx context.Context) (Result, error) {
	return b.cpuOf(ctx, terms{codec: codec.PCMU})
}

// cpuWide is the same of wideband.
func (b *bench) cpuWide(ctx context.Context) (Result, error) {
	return b.cpuOf(ctx, terms{codec: codec.G722})
}

// cpuOpus is the same of Opus.
func (b *bench) cpuOpus(ctx context.Context) (Result, error) {
	if err := codec.Opus.Missing(); err != nil {
		return Result{Unit: seconds, Missing: []string{err.Error()}}, nil
	}
	return b.cpuOf(ctx, terms{codec: codec.Opus})
}

// cpuSealed is the same of PCMU with SRTP.
func (b *bench) cpuSealed(ctx context.Context) (Result, error) {
	return b.cpuOf(ctx, terms{codec: codec.PCMU, sealed: true})
}

// terms are what a call is to agree on.
type terms struct {
	codec  codec.Codec
	sealed bool // SRTP, with keys in the SDP
}

func (b *bench) cpuOf(ctx context.Context, c terms) (r Result, err error) {
	r.Unit = seconds
	if !seesProcesses {
		r.Missing = []string{"the processor time of another process is not asked for on " + runtime.GOOS}
		return r, nil
	}
	if c == (terms{codec: codec.PCMU}) {
		r.Aim = &Aim{Figure: perMinute, Peer: "baresip", Limit: 0.5}
	}
	r.Notes = []string{fmt.Sprintf("over %s, at the same time; each sends a tone of 440 Hz and hears it back. sleeptalk makes the tone, has no speaker, and listens for what it knows; baresip reads a file, decodes what comes, and plays it nowhere", callLength)}
	talks, missing, err := b.talks(ctx, c)
	r.Missing = missing
	defer func() {
		for _, t := range talks {
			err = errors.Join(err, t.end(ctx))
		}
	}()
	if err == nil {
		err = b.measureTalks(ctx, talks)
	}
	if err != nil {
		return r, err
	}
	for _, t := range talks {
		value := t.cpu.Seconds() * float64(time.Minute) / float64(callLength)
		r.Rows = append(r.Rows, Row{Who: t.who, N: 1, Figures: []Figure{{Name: perMinute, Value: value}}})
	}
	return r, nil
}

const perMinute = "per minute"

// talks calls whoever is to be measured: this phone first.
func (b *bench) talks(ctx context.Context, c terms) (list []*talk, missing []string, err error) {
	flags, account, modules := []string{"--auto", "answer", "--mic", "tone:440", "--codecs", c.codec.Short()}, "", []string(nil)
	if c.sealed {
		flags, account, modules = append(flags, "--srtp", "required"), ";mediaenc=srtp-mand", []string{"srtp"}
	}
	p, err := b.phone(ctx, flags...)
	if err != nil {
		return nil, nil, err
	}
	list = append(list, &talk{who: "sleeptalk", pid: p.pid(), stop: p.quit})
	if err := list[0].begin(ctx, p.flow, c); err != nil {
		return list, nil, p.fault(err)
	}
	if m := baresipPeer.missing(); m != "" {
		return list, []string{m}, nil
	}
	peer, err := b.baresipWith(ctx, baresipOptions{user: baresipUser, answer: "auto", codec: c.codec, account: account, modules: modules})
	if err != nil {
		return list, nil, err
	}
	list = append(list, &talk{who: "baresip", pid: peer.pid(), stop: peer.stop})
	return list, nil, list[1].begin(ctx, peer.flow, c)
}

// begin calls a phone, which answers.
func (t *talk) begin(ctx context.Context, f *flow, c terms) (err error) {
	if t.echo, err = newEcho(c.sealed); err != nil {
		return err
	}
	description := offer(t.echo.port, c.codec)
	if c.sealed {
		description = sealedOffer(description)
	}
	if t.call, _, err = f.invite(1, description); err != nil {
		return err
	}
	up, err := t.call.accepted(ctx)
	if err == nil && c.sealed {
		err = t.echo.seal(up.msg.Body())
	}
	return err
}

func (t *talk) end(ctx context.Context) (err error) {
	if t.call != nil && t.echo != nil {
		err = t.call.hangUp(ctx)
		t.echo.close()
	}
	return errors.Join(err, t.stop())
}

// measureTalks lets the calls go on, and reads the clocks of the processes
// before and after.
func (b *bench) measureTalks(ctx context.Context, talks []*talk) error {
	if err := pass(ctx, callSettles); err != nil {
		return err
	}
	for _, t := range talks {
		cpu, err := cpuTime(t.pid)
		if err != nil {
			return err
		}
		t.cpu, t.packets = -cpu, -t.echo.packets.Load()
	}
	if err := pass(ctx, callLength); err != nil {
		return err
	}
	for _, t := range talks {
		cpu, err := cpuTime(t.pid)
		if err != nil {
			return err
		}
		t.cpu += cpu
		t.packets += t.echo.packets.Load()
		if err := t.whole(); err != nil {
			return err
		}
	}
	return nil
}

// whole refuses the figure of a phone that did not talk all the time.
func (t *talk) whole() error {
	const want = int64(callLength / packetTime)
	if t.packets < want*9/10 || t.packets > want*11/10 {
		return fmt.Errorf("%s sent %d packets in %s, want about %d", t.who, t.packets, callLength, want)
	}
	return nil
}

// pass lets time pass.
func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
