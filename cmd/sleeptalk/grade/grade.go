// Package grade examines a real app or SIP client, and writes its report card. The
// examination itself is phone/grade, which this brings together with a lab on real
// sockets.
package grade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/push"
	"github.com/sleeptalk/sleeptalk/phone/clean"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/grade"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/report"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
	"github.com/sleeptalk/sleeptalk/phone/sip/server"
	"github.com/sleeptalk/sleeptalk/phone/stage"
)

// options are the flags of an examination.
type options struct {
	listen, domain     string
	user, password     string
	kept               config.Source // where the password is
	only, skip         []string
	limit, patience    time.Duration
	expires, flowTimer time.Duration
	json               bool
	card, junit, html  string
	writeCA            string
	force, plain       bool
	look               cli.Look
	push               push.Options
}

// knownPassword is the password where nobody says another: everybody may know it.
const knownPassword = "secret"

const long = `Examine a phone: a real app, or any other SIP client. It registers with a lab that
is started here, over TCP, TLS, UDP or WebSocket, and is then asked, called, cut off and left alone;
what it does is judged by the rules, each with its source and the messages that show
it. Harmless checks come first, those that break the connection last.

Where a person is needed (to answer a call, to put the app to sleep), a line says so
and for how long; a phone that answers by itself needs nobody. What a phone gave no
occasion to see is "could not tell", not passed. What a push does can be told where
the phone and --push-service, or --push-listen, share a push service.

What the phone does by itself cannot be hurried: with the registration that it is
granted (--expires) and the time within which it must ping (--flow-timer), short as
they are, a whole examination takes two to four minutes.

In a terminal, a screen shows the checks, what is asked of you and how long there is for
it; enter opens what happened in a check, O sorts, y copies. The card is written when
the screen is left. With --plain, and without a terminal, all of it is lines.

Exit codes: 0 no check failed, 1 one failed, 2 bad command line, 3 a file would be
overwritten that is not ours, 4 it could not be run, 5 nothing was tested (nobody
registered), 130 and 143 interrupted; the card is written then, too.

Checks:
`

// Command examines a phone.
func Command(p *cli.Program) *cobra.Command {
	o := new(options)
	cmd := &cobra.Command{
		Use: "grade", Short: "Examine a real app or SIP client, and write its report card", Args: cobra.NoArgs,
		Long: long + checksHelp(),
		Example: `  sleeptalk grade --listen 192.0.2.7:5060                # then register the app as alice, password secret
  sleeptalk grade --only keepalive,refresh --flow-timer 1m
  sleeptalk grade --skip stall --junit junit.xml --html card`,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:5070", "address and port to listen on, as the phone reaches it")
	f.StringVar(&o.domain, "domain", "lab.test", "domain of the address; the phone may also name the address of --listen")
	f.StringVar(&o.user, "user", "alice", "the account with which the phone registers")
	f.StringVar(&o.password, "password", knownPassword, "its password; everybody on this machine can read it there")
	cli.SecretFlags(cmd, &o.kept, "password", "it")
	f.StringSliceVar(&o.only, "only", nil, "only these checks, beside register")
	f.StringSliceVar(&o.skip, "skip", nil, "all but these checks")
	f.DurationVar(&o.limit, "for", 10*time.Minute, "stop after this time")
	f.DurationVar(&o.patience, "patience", 30*time.Second, "how long a person has to do what a line says")
	f.DurationVar(&o.expires, "expires", 30*time.Second, "the longest registration that is granted")
	f.DurationVar(&o.flowTimer, "flow-timer", 20*time.Second, "the time within which a phone with outbound must ping (RFC 5626)")
	f.BoolVar(&o.json, "json", false, "the card as JSON; no screen, and what people read goes to standard error")
	f.StringVar(&o.card, "card", "", "write the card as JSON to this file")
	f.StringVar(&o.junit, "junit", "", "write JUnit XML to this file")
	f.StringVar(&o.html, "html", "", "write the card and all evidence into this folder, to open in a browser")
	f.StringVar(&o.writeCA, "write-ca", "", cli.WriteCAHelp)
	f.BoolVar(&o.plain, "plain", false, "no screen: a line for each check")
	cli.ForceFlag(cmd, &o.force)
	o.look.Flags(cmd)
	o.push.Flags(cmd, true)
	return cmd
}

func checksHelp() string {
	var b strings.Builder
	for _, c := range grade.Checks() {
		fmt.Fprintf(&b, "  %-16s %s (%s)\n", c.ID, c.Title, c.Source)
	}
	return b.String()
}

// The bounds of what a phone is granted: our own numbers. Shorter, and a phone
// does nothing else but register.
const (
	minExpires   = 10 * time.Second
	minFlowTimer = 5 * time.Second
)

// config is the examination, and the lab that it takes place in.
func (o *options) config() (grade.Config, lab.Config, error) {
	exam := grade.Config{
		User: o.user, Domain: o.domain, Only: o.only, Skip: o.skip,
		Expires: o.expires, FlowTimer: o.flowTimer, Patience: o.patience,
		Pushes: o.push.Reachable(),
	}
	own := lab.Config{Robots: lab.Examiners(grade.Strict), Config: server.Config{
		Addr: o.listen, Domain: o.domain, Accounts: []lab.Account{{User: o.user, Password: o.password}},
		MinExpires: minExpires, MaxExpires: o.expires, FlowTimer: o.flowTimer, Watch: o.user,
		PushRefresh: lab.Exactly(0), // never: registrations are shorter than the default
	}}
	_, err := netip.ParseAddrPort(o.listen)
	switch {
	case err != nil:
		return exam, own, cli.Usage("--listen %s: it is an address and a port, such as 127.0.0.1:5070", o.listen)
	case o.user == "" || o.password == "":
		return exam, own, cli.Usage("--user and --password are not empty")
	case o.expires < minExpires:
		return exam, own, cli.Usage("--expires %s: at least %s", o.expires, minExpires)
	case o.flowTimer < minFlowTimer:
		return exam, own, cli.Usage("--flow-timer %s: at least %s", o.flowTimer, minFlowTimer)
	case o.limit <= 0 || o.patience <= 0:
		return exam, own, cli.Usage("--for and --patience are longer than nothing")
	}
	return exam, own, nil
}

// fetch looks the password up where it is kept.
func (o *options) fetch(ctx context.Context, p *cli.Program) error {
	if o.kept != (config.Source{}) {
		text, err := p.Fetch(ctx, o.kept)
		if err != nil {
			return err
		}
		o.password, _, _ = strings.Cut(text, "\n")
		o.password = strings.TrimRight(o.password, "\r")
	}
	p.Hide(o.password)
	return nil
}

func run(ctx context.Context, p *cli.Program, o *options) error {
	if err := o.fetch(ctx, p); err != nil {
		return err
	}
	answer := p.Out
	if o.json {
		p = p.Writing(p.Err, p.Err)
	}
	exam, own, err := o.config()
	if err != nil {
		return err
	}
	if err := o.writable(); err != nil {
		return err
	}
	examiner, err := grade.New(exam)
	if err != nil {
		return cli.Usage("%v", err)
	}
	log := p.NewLog()
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	pushes, err := o.push.Open(running, p, 0, log)
	if err != nil {
		return err
	}
	host, err := stage.NewLabHost(own, log, pushes)
	if err != nil {
		return cli.Usage("%v", err)
	}
	x := &examination{examiner: examiner, host: host, log: log, options: o}
	started := time.Now()
	with, off := p.Beside(ctx, func() error { return host.Run(running) })
	if out := (cli.Output{Plain: o.plain, JSON: o.json}); out.OnScreen(p) {
		err = examineOnScreen(with, p, x)
	} else {
		lines := &linesView{p, o, p.Gauge(examiner.Left()), examiner.Left()}
		defer lines.gauge.Close()
		x.view = lines
		err = examine(with, x)
	}
	stop()
	if err = cli.First(<-off, err); err != nil {
		return err
	}
	return conclude(ctx, p, answer, o, examiner.Report(), log, started)
}

// conclude writes the card, and says what came of it.
func conclude(ctx context.Context, p *cli.Program, answer io.Writer, o *options, card grade.Report, log *event.Log, started time.Time) error {
	code, interrupted := cli.Interrupted(ctx)
	switch {
	case interrupted:
	case card.Count(grade.Fail) > 0:
		code = cli.ExitFailed
	case card.Count(grade.Pass) == 0:
		code = cli.ExitLimit
	}
	fmt.Fprintln(p.Out)
	err := errors.Join(grade.Text(p.Out, card), o.writeCard(answer, card, log, started, code))
	switch {
	case err != nil && (code == 0 || code == cli.ExitLimit):
		return cli.Cannot(err, "")
	case err != nil:
		return cli.Fail(code, err, "")
	case code == cli.ExitLimit:
		return cli.Fail(code, errors.New("nothing was tested: nobody registered as "+o.user), "let the phone register at "+o.listen+", over tcp or udp")
	case code != 0:
		return cli.Fail(code, errors.New(""), "") // the card has said it
	}
	return nil
}

// writable reports what may not be written, before anybody is examined.
func (o *options) writable() error {
	err := cli.Writable(o.cardFile(), o.junitFile(), cli.CAFile("--write-ca", o.writeCA, o.force))
	if err != nil || o.html == "" {
		return err
	}
	if err := o.page().Check(); err != nil {
		return cli.NotWritten(err, "")
	}
	return nil
}

func (o *options) cardFile() keep.File {
	return keep.File{Kind: keep.Card, Name: o.card, By: "--card", Force: o.force}
}

func (o *options) junitFile() keep.File {
	return keep.File{Kind: keep.JUnit, Name: o.junit, By: "--junit", Force: o.force}
}

func (o *options) page() report.Dir { return report.Dir{Path: o.html, By: "--html", Force: o.force} }

// writeCard writes the card in the forms that were asked for; answer is standard output.
func (o *options) writeCard(answer io.Writer, card grade.Report, log *event.Log, started time.Time, code int) error {
	var errs []error
	asJSON := func(w io.Writer) error { return clean.WriteJSON(w, card, "  ") }
	if o.json {
		errs = append(errs, asJSON(answer))
	}
	if o.card != "" {
		errs = append(errs, o.cardFile().Write(asJSON))
	}
	result := card.Result(started)
	if o.html != "" {
		errs = append(errs, report.Folder(o.page(), result, log, report.FolderOptions{Exit: code}))
	}
	if o.junit != "" {
		folder := ""
		if o.html != "" {
			folder = filepath.ToSlash(o.html)
		}
		errs = append(errs, o.junitFile().Write(func(w io.Writer) error {
			return report.JUnit(w, []*play.Result{result}, func(*play.Result) string { return folder })
		}))
	}
	return errors.Join(errs...)
}
