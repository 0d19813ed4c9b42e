package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

const (
	// keyPresses is how often each key is pressed.
	keyPresses = 100
	// keyLimit is within which a key shows its effect: what a person takes for at once is
	// twice that (Nielsen, Usability Engineering, 1993, chapter 5).
	keyLimit = 50 * time.Millisecond
	// messagesPerSecond is the signalling that the screen shows meanwhile: one half OPTIONS, one
	// half answers.
	messagesPerSecond = 1000
	// betweenKeys is how long a person takes at least from one key to the next.
	betweenKeys = 20 * time.Millisecond
	// idleScreenFor is over how long the processor time of an idle screen is taken.
	idleScreenFor = 20 * time.Second
	// idleLimit is the share of a processor that an idle screen may take (our own number).
	idleLimit = 0.005
)

var sngrepPeer = peer{"sngrep", "sngrep"}

// An overlay is what a key opens, and esc closes, in a program on a terminal.
type overlay struct {
	who, key string
	ready    string // the terminal shows it when the program is up
	shows    string // the overlay has it, and nothing else
}

var (
	ourHelp     = overlay{"sleeptalk", "?", "? help", "send the app to the background"}
	sngrepsHelp = overlay{"sngrep", "f", "Current Mode", "Filter options"}
)

// A shownPhone is this program on a terminal, in a call, and sngrep beside it, which sees the
// same packets.
type shownPhone struct {
	phone, sngrep *glass // sngrep: nil where it is not
	traffic       *traffic
	echo          *echo
	call          *dialog
}

// show starts them. sngrep is there first: it wants to see a connection from its beginning.
func (b *bench) show(ctx context.Context, call bool) (s *shownPhone, missing []string, err error) {
	s = &shownPhone{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.echo, err = newEcho(false); err != nil {
		return s, nil, err
	}
	if missing, err = s.watch(ctx, b.server.addr()); err != nil {
		return s, missing, err
	}
	p, err := newPhone(ctx, b.Program, b.phoneArgs(ourUser, "--auto", "answer", "--mic", "tone:440"))
	if err != nil {
		return s, missing, err
	}
	if s.phone, err = newGlass(p.subject, ourHelp); err != nil {
		return s, missing, err
	}
	if _, err = s.phone.shows(ctx, ourHelp.ready); err != nil {
		return s, missing, err
	}
	f, err := b.server.registered(ctx, ourUser)
	if err != nil || !call {
		return s, missing, err
	}
	if s.call, _, err = f.invite(1, offer(s.echo.port, codec.PCMU)); err != nil {
		return s, missing, err
	}
	if _, err = s.call.accepted(ctx); err == nil {
		s.traffic = newTraffic(f)
	}
	return s, missing, err
}

// watch starts sngrep on the traffic of a server and of the echo.
func (s *shownPhone) watch(ctx context.Context, server string) (missing []string, err error) {
	if m := sngrepPeer.missing(); m != "" {
		return []string{m}, nil
	}
	_, port, err := net.SplitHostPort(server)
	if err != nil {
		return nil, err
	}
	sub, err := newSubject(ctx, sngrepPeer.program, "-d", "lo", "port", port, "or", "port", strconv.Itoa(s.echo.port))
	if err != nil {
		return nil, err
	}
	sub.cmd.Env = append(ownEnvironment(), "HOME="+sub.dir)
	if s.sngrep, err = newGlass(sub, sngrepsHelp); err != nil {
		sub.kill()
		return nil, err
	}
	if _, err := s.sngrep.shows(ctx, sngrepsHelp.ready); err != nil {
		s.sngrep.close()
		s.sngrep = nil
		why, _, _ := strings.Cut(err.Error(), "\n")
		return []string{"sngrep, which may not capture here: " + why}, nil
	}
	return nil, nil
}

func (s *shownPhone) close() {
	for _, g := range s.glasses() {
		g.close()
	}
	if s.echo != nil {
		s.echo.close()
	}
}

// glasses are the programs that are there.
func (s *shownPhone) glasses() []*glass {
	return slices.DeleteFunc([]*glass{s.phone, s.sngrep}, func(g *glass) bool { return g == nil })
}

// onScreen fills a result with this program on a terminal, and sngrep beside it.
func (b *bench) onScreen(ctx context.Context, call bool, r Result, measure func(*shownPhone, *Result) error) (Result, error) {
	if !seesProcesses {
		r.Missing = []string{errors.ErrUnsupported.Error()}
		return r, nil
	}
	s, missing, err := b.show(ctx, call)
	r.Missing = missing
	if err != nil {
		return r, err
	}
	defer s.close()
	err = measure(s, &r)
	return r, err
}

// keys measures from a key to its effect on the terminal, while much is shown.
func (b *bench) keys(ctx context.Context) (Result, error) {
	r := Result{Unit: seconds, Aim: &Aim{Figure: "key p99", Limit: keyLimit.Seconds()}}
	return b.onScreen(ctx, true, r, func(s *shownPhone, r *Result) error { return s.keys(ctx, r) })
}

func (s *shownPhone) keys(ctx context.Context, r *Result) error {
	flowing, stop := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() { sent <- s.traffic.run(flowing, messagesPerSecond/2) }()
	began, answered, packets := time.Now(), s.traffic.answered.Load(), s.echo.packets.Load()
	for _, g := range s.glasses() {
		row, err := g.pressAll(ctx)
		if err != nil {
			stop()
			return errors.Join(err, <-sent)
		}
		r.Rows = append(r.Rows, row)
	}
	took := time.Since(began)
	stop()
	if err := <-sent; err != nil {
		return err
	}
	rate := 2 * float64(s.traffic.answered.Load()-answered) / took.Seconds()
	rtp := float64(s.echo.packets.Load()-packets) / took.Seconds()
	r.Notes = []string{fmt.Sprintf("meanwhile %.0f messages a second, and %.0f RTP packets a second each way; both in a terminal of %dx%d, one after the other, on the same packets", rate, rtp, glassCols, glassRows)}
	if rate < messagesPerSecond*9/10 {
		return fmt.Errorf("%.0f messages a second, want %d: the figures are of another load", rate, messagesPerSecond)
	}
	return nil
}

// pressAll opens an overlay by its key, and closes it by esc, many times.
func (g *glass) pressAll(ctx context.Context) (Row, error) {
	row := Row{Who: g.overlay.who, N: keyPresses}
	var opened, closed []time.Duration
	cpu, err := cpuTime(g.pid())
	if err != nil {
		return row, err
	}
	began := time.Now()
	for range keyPresses {
		d, err := g.effect(ctx, g.overlay.key, func(ctx context.Context) (time.Time, error) { return g.shows(ctx, g.overlay.shows) })
		if err != nil {
			return row, err
		}
		opened = append(opened, d)
		if d, err = g.effect(ctx, "\x1b", func(ctx context.Context) (time.Time, error) { return g.hides(ctx, g.overlay.shows) }); err != nil {
			return row, err
		}
		closed = append(closed, d)
	}
	after, err := cpuTime(g.pid())
	for i, f := range append(percentiles(opened), percentiles(closed)...) {
		f.Name = []string{"key ", "key ", "esc ", "esc "}[i] + f.Name
		row.Figures = append(row.Figures, f)
	}
	row.Figures = append(row.Figures, Figure{Name: "processor", Value: float64(after-cpu) / float64(time.Since(began)), Unit: share})
	return row, err
}

// effect presses a key, and says how long its effect took; then it lets a moment pass.
func (g *glass) effect(ctx context.Context, key string, seen func(context.Context) (time.Time, error)) (time.Duration, error) {
	pressed, err := g.press(key)
	if err != nil {
		return 0, err
	}
	at, err := seen(ctx)
	if err != nil {
		return 0, err
	}
	return at.Sub(pressed), pass(ctx, betweenKeys)
}

// idleScreen measures the processor time of a screen on which nothing happens.
func (b *bench) idleScreen(ctx context.Context) (Result, error) {
	r := Result{Unit: share, Aim: &Aim{Figure: "processor", Limit: idleLimit}}
	return b.onScreen(ctx, false, r, func(s *shownPhone, r *Result) error { return s.idle(ctx, r) })
}

func (s *shownPhone) idle(ctx context.Context, r *Result) error {
	if err := pass(ctx, idleFor); err != nil {
		return err
	}
	var before []time.Duration
	for _, g := range s.glasses() {
		cpu, err := cpuTime(g.pid())
		if err != nil {
			return err
		}
		before = append(before, cpu)
	}
	if err := pass(ctx, idleScreenFor); err != nil {
		return err
	}
	for i, g := range s.glasses() {
		cpu, err := cpuTime(g.pid())
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, Row{Who: g.overlay.who, N: 1, Figures: []Figure{{Name: "processor", Value: float64(cpu-before[i]) / float64(idleScreenFor)}}})
	}
	r.Notes = []string{fmt.Sprintf("share of one processor over %s; sleeptalk is registered and in the foreground, sngrep captures", idleScreenFor)}
	return nil
}

// manyMessages measures the memory of a screen before, and after many messages.
func (b *bench) manyMessages(ctx context.Context) (Result, error) {
	r := Result{Unit: octets, Aim: &Aim{Figure: "growth", Limit: 1.1}}
	return b.onScreen(ctx, true, r, func(s *shownPhone, r *Result) error { return s.many(ctx, b.Messages, r) })
}

func (s *shownPhone) many(ctx context.Context, messages int, r *Result) error {
	var held [][]float64
	for part := 1; part <= 2; part++ {
		for s.traffic.sent < part*messages/4 {
			if err := s.traffic.request(ctx); err != nil {
				return err
			}
		}
		if err := pass(ctx, time.Second); err != nil { // what is late is read
			return err
		}
		row, err := s.memory()
		if err != nil {
			return err
		}
		held = append(held, row)
	}
	for i, g := range s.glasses() {
		r.Rows = append(r.Rows, Row{Who: g.overlay.who, N: messages, Figures: []Figure{
			{Name: "after half", Value: held[0][i]}, {Name: "after all", Value: held[1][i]}, {Name: "growth", Value: held[1][i] / held[0][i], Unit: factor},
		}})
	}
	r.Notes = []string{fmt.Sprintf("resident memory after %d and %d messages, sent as fast as they are answered; sngrep keeps what it saw of 20000 calls at most", messages/2, messages)}
	return nil
}

// memory is what the programs hold.
func (s *shownPhone) memory() (held []float64, err error) {
	for _, g := range s.glasses() {
		m, err := residentMemory(g.pid())
		if err != nil {
			return nil, err
		}
		held = append(held, m)
	}
	return held, nil
}
