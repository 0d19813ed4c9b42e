package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/sound"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// demoInstance names the phone at the demo's own server (RFC 5626 §4.1).
const demoInstance = "urn:uuid:64656d6f-0000-8000-8000-000000000001"

// demoUser is whose phone the demo shows.
const demoUser = "alice"

// DemoScript is the demo: the same lines that anybody can give to
// "sleeptalk phone --plain". Durations are device time: at x60, 5 s are a twelfth of one,
// so the clock is slow again before anything depends on how fast this machine is.
const DemoScript = `wait for registered within 5s
background
wait for suspended within 20s
clock x60
wait for wake by keepalive within 600s
wait for pong within 5s
wait for suspended within 15s
clock x1
wait 2s
bob: call alice
wait for wake by INVITE within 5s
wait for notification from bob within 3s
wait 2s
answer from notification
wait for call up within 5s
wait for heard sample en-hello within 10s
bob: wait for heard tone 440 within 5s
hang up
wait for call ended by us within 5s`

// DemoCommand shows a phone that sleeps.
func DemoCommand(p *cli.Program) *cobra.Command {
	var screen Screen
	cmd := &cobra.Command{
		Use: "demo", Short: "See it: a phone that sleeps, a call that wakes it (needs nothing)", Args: cobra.NoArgs,
		Long: `A SIP server and a phone on loopback sockets: the phone registers, is put to
sleep, is woken by its keepalive and by a call, is answered from the banner, and
both sides hear each other. It needs no account, no network and no sound card.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return Demo(cmd.Context(), p, screen) },
	}
	screen.Flags(cmd)
	return cmd
}

// Demo shows a phone that sleeps, and a call that wakes it.
func Demo(ctx context.Context, p *cli.Program, o Screen) error {
	began := time.Now()
	if err := cli.Writable(o.scenario()); err != nil {
		return err
	}
	log := p.NewLog()
	log.FindLosses()
	l, err := stage.NewLabHost(lab.Config{
		Config:   server.Config{Addr: "127.0.0.1:0", Accounts: []lab.Account{{User: demoUser, Password: "demo"}}},
		WakeAddr: "127.0.0.1:0", Robots: lab.Robots()[:1], // bob
	}, log, nil)
	if err != nil {
		return err
	}
	labCtx, stopLab := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLab()
	labOff := make(chan error, 1)
	p.Go(func() { labOff <- l.Run(labCtx) })

	o.tapes = new(sound.Tapes)
	ph, err := demoPhone(ctx, p, l, o)
	if err != nil {
		return err
	}
	err = playDemo(ctx, p, ph, l, o)
	stopLab()
	err = cli.First(<-labOff, err)
	return endDemo(p, err, log, time.Since(began), o)
}

// demoPhone switches the lab on and makes alice's phone.
func demoPhone(ctx context.Context, p *cli.Program, l *stage.LabHost, o Screen) (*live.Phone, error) {
	at, err := l.Start(ctx)
	if err != nil {
		return nil, err
	}
	if o.Headless(p) && !o.JSON || !p.Terminal() {
		fmt.Fprintf(p.Out, "demo: SIP server on %s (tcp, tls, udp, ws, wss), bob is a robot, sound is a tone: no audio device needed\n", at.SIP)
	}
	opened, err := sound.Open(p, "tone:440", "none", o.force)
	if err != nil {
		return nil, err
	}
	o.tapes.Keep(opened)
	who := config.Phone{
		Values: setup.Values{"server": at.SIP, "user": demoUser, "display": "Alice", "domain": "lab.test", "password": "demo", "wake-server": at.Wake},
		Device: config.Device{Base: setup.DefaultDevice},
	}
	cfg, err := build(who, opened, setup.Kit{Name: demoUser, Seed: stage.Chance(), Instance: demoInstance})
	if err != nil {
		return nil, err
	}
	return live.NewPhone(demoUser, l.Log(), cfg, opened.Card, nil)
}

// playDemo gives the phone the script, on the screen or with lines.
func playDemo(ctx context.Context, p *cli.Program, ph *live.Phone, l *stage.LabHost, o Screen) error {
	running := stage.NewRunning(ph.Log(), "input", files.Named)
	running.Phone(demoUser, ph)
	running.Lab(l)
	complain := p.Complain
	if !o.lines(p) {
		complain = func(string, ...any) {} // the screen shows the log, which has it
	}
	d := lines.NewDriver(running, verb.Cast{Default: demoUser, Phones: []string{demoUser}, Robots: []string{"bob"}, Lab: true}, complain)
	if o.lines(p) {
		o.Tell = inDemo
		return cli.First(runLines(ctx, p, ph, d, demoLines(ctx), o), o.recorded(ph.Log(), demoUser))
	}
	played := make(chan error, 1)
	o.caption, o.lab = demoCaption, l
	err := showScreen(ctx, p, ph, demoUser, o.with(config.UI{}), func(ctx context.Context) { played <- d.Run(ctx, demoLines(ctx)) })
	if playErr := <-played; err == nil && !errors.Is(playErr, context.Canceled) {
		return playErr
	}
	return err
}

// demoLines gives the lines of the demo, one after the other.
func demoLines(ctx context.Context) <-chan cli.Line {
	lines := make(chan cli.Line)
	go func() {
		defer close(lines)
		for line := range strings.Lines(DemoScript) {
			select {
			case lines <- cli.Line{Text: line}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// endDemo gives the verdict and saves what happened.
func endDemo(p *cli.Program, err error, log *event.Log, took time.Duration, o Screen) error {
	saved := save(p, log, "demo")
	if o.JSON {
		return err
	}
	checks := 0
	for r := range log.From(0) {
		if c, ok := r.Event.(event.Check); ok && c.OK {
			checks++
		}
	}
	if err != nil || checks < strings.Count(DemoScript, "wait for") {
		if err == nil || errors.Is(err, context.Canceled) {
			fmt.Fprintf(p.Out, "left after %d checks, %d s.%s\n", checks, int(took.Seconds()), saved)
		}
		return err
	}
	_, err = fmt.Fprintf(p.Out, "PASS  %d checks, %d s.%s\nNext: sleeptalk init (your server)   sleeptalk lab (a server of your own)   sleeptalk phone --help\n",
		checks, int(took.Seconds()), saved)
	return err
}

// RecordingFile is what the log of a run is called in its folder.
const RecordingFile = "events.jsonl"

// save writes a log where the runs are kept, and says where. What cannot be
// saved is no failure of the run: without a writable home there is no place.
func save(p *cli.Program, log *event.Log, what string) string {
	dir, err := p.RunFolder(what)
	if err == nil {
		err = dir.File(keep.Events, RecordingFile).Write(func(w io.Writer) error { return report.Events(w, log) })
	}
	if err != nil {
		return fmt.Sprintf("   Not saved: %v", err)
	}
	return fmt.Sprintf("   Saved: %s   Look again: sleeptalk replay %s", dir.Path, filepath.Base(dir.Path))
}

// inDemo picks the events that tell the demo's story.
func inDemo(r event.Record) bool {
	switch e := r.Event.(type) {
	case event.Check:
		return !e.OK
	case event.Heard:
		return true
	case event.Call:
		return e.Phase == event.CallCalling || r.Phone == demoUser && (e.Phase == event.CallUp || e.Phase == event.CallEnded)
	case event.Registration:
		return r.Phone == demoUser && e.Phase == event.RegistrationActive
	case event.State:
		return e.To == event.Suspended
	case event.Verb:
		return r.Phone == demoUser
	case event.Notification:
		return e.Phase == event.NotificationPosted
	case event.Wake, event.Frame, event.ClockRate, event.Pong, event.TickDone, event.Killed, event.Error, event.Warning:
		return r.Phone == demoUser
	}
	return false
}

// demoCaption says in words what happens, and which panel shows it.
func demoCaption(r event.Record) (words string, panel int) {
	if r.Phone != demoUser {
		return "", 0
	}
	switch e := r.Event.(type) {
	case event.Registration:
		if e.Phase == event.RegistrationActive {
			return "The phone has registered over TCP. Now it goes to the background.", 6
		}
	case event.State:
		return stateCaption(e.To), 1
	case event.ClockRate:
		if e.Rate > 1 {
			return "The device clock runs x60 while the app sleeps: the next keepalive is 10 minutes away.", 2
		}
	case event.Tick:
		return "The system calls the keepalive handler: the app pings the server and sleeps on.", 2
	case event.Frame:
		if e.What == "INVITE" {
			return "Bob calls. Bytes on the socket have woken the app: it has 10 seconds.", 4
		}
	case event.Notification:
		if e.Phase == event.NotificationPosted {
			return "The banner is up. In two seconds somebody answers from it.", 1
		}
	case event.Call:
		switch e.Phase {
		case event.CallUp:
			return "The call is up: voice goes over UDP, in both directions.", 5
		case event.CallEnded:
			return "That was it. The phone is yours now: press ? for the keys, q to leave.", 0
		}
	}
	return "", 0
}

func stateCaption(to event.Lifecycle) string {
	switch to {
	case event.Entering:
		return "In the background, the app may run for a moment longer."
	case event.Suspended:
		return "Suspended: no code of the app runs. The system watches its socket."
	}
	return ""
}
