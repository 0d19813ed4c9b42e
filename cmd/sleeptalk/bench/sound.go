package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
	"github.com/sleeptalk/sleeptalk/audio/pulse"
)

// The sound cards: somebody speaks into a microphone of the one phone, and listens at the
// speaker of the other.
//
//	Play ▶ Mouth ▶ Lips ▶ phone ▶ RTP ▶ relay ▶ RTP ▶ phone ▶ Ear
//	         ▼ Record                                          ▼ Record
var (
	mouth = pulse.Sink{Name: "mouth", Description: "Mouth"}
	lips  = pulse.Microphone{Name: "lips", Description: "Lips", Of: mouth}
	ears  = pulse.Sink{Name: "ear", Description: "Ear"}
)

// soundAim is what the way from mouth to ear should take at most: with 60 ms of a network and
// of the other sound card's buffers, it is still within the 150 ms of ITU-T G.114.
const soundAim = 90 * time.Millisecond

// soundPrograms are what the sound cards are made of, with the packages of Debian.
var soundPrograms = []peer{{"pulseaudio", "pulseaudio"}, {"pacat", "pulseaudio-utils"}}

const (
	// soundSettles is how long a call has been up when the chirps begin: sound servers and
	// phones have found the size of their buffers.
	soundSettles = 3 * time.Second
	// soundStarts bounds how late the first chirp is heard in the microphone.
	soundStarts = 3 * time.Second
	// saidFrom is the similarity of what is played undistorted.
	saidFrom = 0.98
)

// How the bench plays and records: quick where it is in a figure, and safe where it is in
// none.
var (
	quick = pulse.Form{Rate: pcm.Rate, Latency: 20 * time.Millisecond}
	safe  = pulse.Form{Rate: pcm.Rate, Latency: 500 * time.Millisecond}
)

// A wire is a way from the microphone to the speaker.
type wire struct {
	who  string
	open func(ctx context.Context) (stop func() error, err error)
}

// mouthToEar measures the way through two phones with a sound card each, of this program and
// of baresip.
func (b *bench) mouthToEar(ctx context.Context) (r Result, err error) {
	r.Unit, r.Aim = seconds, &Aim{Figure: "latency", Limit: soundAim.Seconds()}
	for _, p := range soundPrograms {
		if m := p.missing(); m != "" {
			r.Missing = []string{m}
			return r, nil
		}
	}
	dir, err := os.MkdirTemp("", "sleeptalk-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	cards := pulse.New(ctx, dir)
	if err := cards.Start(mouth, lips, ears); err != nil {
		cancel()
		return r, err
	}
	defer cards.Kill()
	defer cancel()
	through := func(phones speakers) func(context.Context) (func() error, error) {
		return func(ctx context.Context) (func() error, error) { return b.soundCall(ctx, phones) }
	}
	wires := []wire{{"sleeptalk", through(b.soundPhone(cards, b.Program))}}
	if b.Before != "" {
		wires = append(wires, wire{"before", through(b.soundPhone(cards, b.Before))})
	}
	if m := baresipPeer.missing(); m != "" {
		r.Missing = []string{m}
	} else {
		wires = append(wires, wire{"baresip", through(b.soundBaresip(cards))})
	}
	wires = append(wires, wire{"the sound server alone", func(context.Context) (func() error, error) { return bareWire(cards) }})
	for _, w := range wires {
		row, err := throughWire(ctx, cards, w)
		if err != nil {
			return r, fmt.Errorf("%s: %w", w.who, err)
		}
		r.Rows = append(r.Rows, row)
	}
	r.Notes = []string{
		fmt.Sprintf("%d chirps in PCMU, from what the monitor of the microphone's null sink hears to what that of the speaker's hears; one counts that was whole before the microphone", chirps),
		fmt.Sprintf("similarity is the mean of all; one below %g is distorted, and one of %d that is torn in two takes about 0.02 from the mean", saidFrom, chirps),
		"the sound server alone: a program that plays what it records, 20 ms at a time",
	}
	return r, nil
}

// throughWire sends the chirps through a wire.
func throughWire(ctx context.Context, cards *pulse.Server, w wire) (row Row, err error) {
	awake, err := keepAwake(cards)
	defer awake.end()
	if err != nil {
		return row, err
	}
	stop, err := w.open(ctx)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := pass(ctx, soundSettles); err != nil {
		return row, err
	}
	said, heard, err := chirpThrough(ctx, cards)
	if err != nil {
		return row, err
	}
	p := heard.pass(said)
	return Row{Who: w.who, N: len(p.alike), Figures: p.figures()}, nil
}

// figures are the latency and the distortion.
func (p passage) figures() []Figure {
	return []Figure{
		{Name: "latency", Value: p.latency().Seconds()},
		{Name: "similarity", Value: p.similarity(), Unit: share},
		{Name: "distorted", Value: float64(p.distorted()), Unit: count},
		{Name: "lost", Value: float64(p.lost()), Unit: count},
	}
}

// A programs are processes of the sound server.
type programs []*exec.Cmd

func (list programs) end() {
	for _, c := range list {
		c.Process.Kill() // fails only on one that has ended
		c.Wait()
	}
}

// keepAwake keeps both sinks from being idle.
func keepAwake(cards *pulse.Server) (list programs, err error) {
	for _, sink := range []pulse.Sink{mouth, ears} {
		started, err := cards.Awake(sink)
		list = append(list, started...)
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

// bareWire is what the sound server takes by itself: what the microphone hears is played.
func bareWire(cards *pulse.Server) (func() error, error) {
	listen, say := cards.Record(mouth, quick), cards.Play(ears, quick)
	var err error
	if say.Stdin, err = listen.StdoutPipe(); err != nil {
		return nil, err
	}
	list := programs{}
	for _, c := range []*exec.Cmd{listen, say} {
		if err := c.Start(); err != nil {
			list.end()
			return nil, err
		}
		list = append(list, c)
	}
	return func() error { list.end(); return nil }, nil
}

// chirpThrough plays the chirps, and returns when they were said into the microphone, and
// what was heard.
func chirpThrough(ctx context.Context, cards *pulse.Server) (said []time.Duration, heard track, err error) {
	began := time.Now()
	in, err := record(cards, mouth, began)
	if err != nil {
		return nil, heard, err
	}
	defer in.end()
	out, err := record(cards, ears, began)
	if err != nil {
		return nil, heard, err
	}
	defer out.end()
	if err := pass(ctx, time.Second); err != nil { // both record
		return nil, heard, err
	}
	play := cards.Play(mouth, safe)
	pipe, err := play.StdinPipe()
	if err != nil {
		return nil, heard, err
	}
	if err := play.Start(); err != nil {
		return nil, heard, err
	}
	defer programs{play}.end()
	from := time.Since(began)
	go func() {
		// The program has ended if this fails, and then no chirp is found.
		_ = binary.Write(pipe, binary.LittleEndian, chirpSamples(pcm.Rate, time.Second))
	}()
	if err := pass(ctx, soundStarts+chirps*chirpEvery+time.Second); err != nil {
		return nil, heard, err
	}
	said, err = in.track().said(from)
	return said, out.track(), err
}

// said are the times at which the chirps are in a recording, from the first sound on. One that
// the sound server has spoilt before the microphone is left out.
func (t track) said(from time.Duration) (said []time.Duration, err error) {
	const around = 50 * time.Millisecond
	at := from
	for t.quiet(at) {
		at += around
	}
	for range chirps {
		found := findChirp(t.samples, t.index(at-around), int(pcm.Samples(3*around, pcm.Rate)))
		if found.alike >= saidFrom {
			at = t.time(found.at)
			said = append(said, at)
		}
		at += chirpEvery
	}
	if len(said) < chirps/2 {
		return nil, fmt.Errorf("the sound server has spoilt %d of %d chirps before the microphone: the machine is too busy", chirps-len(said), chirps)
	}
	return said, nil
}

// quiet reports whether there is a recording, and nothing to be heard, for 50 ms from at on, or
// the recording has not begun by then.
func (t track) quiet(at time.Duration) bool {
	from := t.index(at)
	if from < 0 {
		return true
	}
	to := from + int(pcm.Samples(50*time.Millisecond, pcm.Rate))
	return to <= len(t.samples) && pcm.Level(t.samples[from:to]) < -40
}

// A recorder records a sink.
type recorder struct {
	program *exec.Cmd

	mu sync.Mutex
	of track
}

// record records what a sink plays. Its track counts time from began.
func record(cards *pulse.Server, sink pulse.Sink, began time.Time) (*recorder, error) {
	r := &recorder{program: cards.Record(sink, quick)}
	out, err := r.program.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.program.Start(); err != nil {
		return nil, err
	}
	go r.read(out, began)
	return r, nil
}

// read adds what comes. The piece that came fastest says when the recording began.
func (r *recorder) read(out io.Reader, began time.Time) {
	buf := make([]byte, 8192)
	for have := 0; ; {
		n, err := out.Read(buf[have:])
		if err != nil {
			return
		}
		now := time.Since(began)
		have += n
		r.mu.Lock()
		t := &r.of
		for i := 0; i+1 < have; i += 2 {
			t.samples = append(t.samples, int16(binary.LittleEndian.Uint16(buf[i:])))
		}
		at := now - time.Duration(len(t.samples))*time.Second/pcm.Rate
		if t.began == 0 || at < t.began {
			t.began = at
		}
		r.mu.Unlock()
		have = copy(buf, buf[have&^1:have])
	}
}

// track is what was recorded until now.
func (r *recorder) track() track {
	r.mu.Lock()
	defer r.mu.Unlock()
	return track{r.of.began, slices.Clone(r.of.samples)}
}

func (r *recorder) end() { programs{r.program}.end() }

// speakers start the phone of the microphone, or of the speaker.
type speakers func(ctx context.Context, speaks bool) (*flow, func() error, error)

// soundPhone is a build of this program with the sound cards.
func (b *bench) soundPhone(cards *pulse.Server, program string) speakers {
	return func(ctx context.Context, speaks bool) (*flow, func() error, error) {
		user, flags := ourUser, []string{"--mic", "device:" + lips.Description, "--speaker", "none"}
		if !speaks {
			user, flags = awakeUser, []string{"--mic", "silence", "--speaker", "device:" + ears.Description}
		}
		p, err := b.phoneIn(ctx, program, user, cards.Env(), append(flags, "--auto", "answer", "--codecs", codec.PCMU.Short())...)
		if err != nil {
			return nil, nil, err
		}
		return p.flow, p.quit, nil
	}
}

// soundCall is a call from one phone with a sound card to another.
func (b *bench) soundCall(ctx context.Context, phones speakers) (stop func() error, err error) {
	between, err := newRelay()
	if err != nil {
		return nil, err
	}
	var ends []func() error
	stop = func() (err error) {
		for _, end := range ends {
			err = errors.Join(err, end())
		}
		between.close()
		return err
	}
	for i, l := range []*leg{between.near, between.far} {
		flow, end, err := phones(ctx, i == 0)
		if err != nil {
			return nil, errors.Join(err, stop())
		}
		ends = append(ends, end)
		call, _, err := flow.invite(i+1, offer(l.port, codec.PCMU))
		if err == nil {
			_, err = call.accepted(ctx)
		}
		if err != nil {
			return nil, errors.Join(err, stop())
		}
		ends = slices.Insert(ends, 0, func() error { return call.hangUp(ctx) })
	}
	return stop, nil
}

// asoundrc has the sound cards for programs that know ALSA alone.
const asoundrc = `pcm.lips { type pulse device lips }
pcm.ear { type pulse device ear }
ctl.lips { type pulse }
ctl.ear { type pulse }
`

// soundBaresip is baresip with the sound cards, through ALSA.
func (b *bench) soundBaresip(cards *pulse.Server) speakers {
	return func(ctx context.Context, speaks bool) (*flow, func() error, error) {
		o := baresipOptions{user: baresipUser, answer: "auto", codec: codec.PCMU, source: "alsa,lips", player: "aubridge,nobody", modules: []string{"alsa", "aubridge"}, env: cards.Env(), files: map[string]string{".asoundrc": asoundrc}}
		if !speaks {
			o.user, o.source, o.player = beforeUser, "", "alsa,ear"
		}
		p, err := b.baresipWith(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		return p.flow, p.stop, nil
	}
}
