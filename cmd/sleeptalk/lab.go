package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/lines"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/protocol"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/push"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/lab"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/scenario"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// labOptions are the flags of a lab.
type labOptions struct {
	listen         string
	wakeListen     string
	writeCA        string
	clientCA       string
	keylog         string
	force          bool
	values         setup.Values // of its table of settings
	raw, rawListen string
	listens        map[string]*string // where to speak the other protocols that have a server
	accounts       accountFlags
	push           push.Options
	screen         cli.Output
	look           cli.Look
}

func labCommand(p *cli.Program) *cobra.Command {
	o := new(labOptions)
	cmd := &cobra.Command{
		Use: "lab", Short: "Be a SIP server with somebody to call, for emulated and real phones", Args: cobra.NoArgs,
		Long: "A registrar and a small exchange over TCP, TLS, UDP and WebSocket, with robots to call. In a terminal a\nscreen shows what it believes, what its robots do and what happens, and keys have them do it; with\n--plain or --json, and without a terminal, it reads lines of the language of scenarios from standard\ninput, until a signal or \"quit\":\n\n" + labHelp(),
		Example: `  sleeptalk lab --listen 127.0.0.1:5070 --account alice:secret
  sleeptalk phone --server 127.0.0.1:5070 --domain lab.test --user alice --password-env PW
  sleeptalk lab --raw lines`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLab(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "", "address and port to listen on; 127.0.0.1:5070 by default, [::1]:5070 with --ip 6")
	f.StringVar(&o.wakeListen, "wake-listen", "", "address and port for wake sockets (strategy wake-socket); none by default")
	f.StringVar(&o.writeCA, "write-ca", "", cli.WriteCAHelp)
	f.StringVar(&o.clientCA, "client-ca", "", "PEM file with authorities: whoever comes over TLS must show a certificate that one of them has signed; none is asked for by default")
	f.StringVar(&o.keylog, "tls-keylog", "", "file to which the secrets of TLS, and of the handshakes of the robots for audio keys (DTLS), are added, for Wireshark; "+cli.KeyLogVariable+" by default")
	o.values = setup.Values{}
	for _, s := range setup.LabSettings() {
		if !s.Rule { // which are --push-rule
			f.Var(labFlag{s, o.values}, s.Key, s.Help)
		}
	}
	f.StringVar(&o.raw, "raw", "", "speak a raw protocol too, and join it to SIP: "+raw.List()+", or FILE.yaml")
	f.StringVar(&o.rawListen, "raw-listen", "127.0.0.1:7000", "address and port for it")
	o.listens = map[string]*string{}
	for _, spoken := range setup.Protocols() {
		if spoken.Serve != nil {
			o.listens[spoken.Name] = f.String(listenFlag(spoken), "", "address and port to speak "+spoken.Title+" on, without TLS, and join it to SIP; none by default")
		}
	}
	o.accounts.flags(cmd)
	cli.ForceFlag(cmd, &o.force)
	o.push.Flags(cmd, true)
	o.screen.Flags(cmd)
	o.look.Flags(cmd)
	return cmd
}

// A labFlag is the flag of a setting of the lab.
type labFlag struct {
	setting setup.LabSetting
	values  setup.Values
}

func (l labFlag) Set(v string) error { l.values[l.setting.Key] = v; return nil }
func (l labFlag) Type() string       { return "string" }
func (l labFlag) String() string     { return "" }

// maxWakeWait is how long a caller may be held: then it gives up by itself
// (RFC 3261 §17.1.1.2, timer B).
const maxWakeWait = 32 * time.Second

func labHelp() string {
	var b strings.Builder
	for _, v := range verb.Specs(verb.Lab) {
		fmt.Fprintf(&b, "  %-24s %s\n", v.Usage(), v.Help)
	}
	fmt.Fprintf(&b, "\nThe robots %s can do more, as in \"bob: call alice\" or \"bob calls alice\":\n", strings.Join(verb.Robots(), ", "))
	for _, v := range verb.Specs(verb.Robot) {
		fmt.Fprintf(&b, "  %-24s %s\n", v.Usage(), v.Help)
	}
	b.WriteString("\nWhat they hear and do can be expected, as in \"bob: expect call up within 5s\", and\n\"wait 20s\" lets time pass.\n\nMisbehaviours:\n")
	for _, m := range lab.Misbehaviours() {
		fmt.Fprintf(&b, "  %-24s %s\n", m.Name, m.Help)
	}
	return b.String()
}

func (o *labOptions) config(ctx context.Context, p *cli.Program) (lab.Config, error) {
	cfg, _, err := setup.Lab(o.values)
	if err != nil {
		return cfg, cli.Usage("--%v", err)
	}
	o.listen = cmp.Or(o.listen, defaultListen(cfg.IPv6))
	cfg.Addr, cfg.WakeAddr, cfg.Robots = o.listen, o.wakeListen, lab.Robots()
	if _, err := netip.ParseAddrPort(o.listen); err != nil {
		return cfg, cli.Usage("--listen %s: it is an address and a port, such as 127.0.0.1:5070", o.listen)
	}
	if _, err := netip.ParseAddrPort(o.wakeListen); o.wakeListen != "" && err != nil {
		return cfg, cli.Usage("--wake-listen %s: it is an address and a port, such as 127.0.0.1:5071", o.wakeListen)
	}
	if cfg.WakeWait > maxWakeWait {
		return cfg, cli.Usage("--wake-wait %s: 0 to %s", cfg.WakeWait, maxWakeWait)
	}
	if err := o.secure(p, &cfg); err != nil {
		return cfg, err
	}
	if err := o.addRaw(&cfg); err != nil {
		return cfg, err
	}
	if err := o.addDoors(&cfg); err != nil {
		return cfg, err
	}
	cfg.Accounts, err = o.accounts.accounts(ctx, p)
	return cfg, err
}

// defaultListen is where a lab listens that is told nothing else: on this machine.
func defaultListen(ipv6 bool) string {
	if ipv6 {
		return "[::1]:5070"
	}
	return "127.0.0.1:5070"
}

// secure reads the files of TLS.
func (o *labOptions) secure(p *cli.Program, cfg *lab.Config) (err error) {
	if o.clientCA != "" {
		if cfg.TLS.ClientCA, err = cli.ReadAuthorities("client-ca", o.clientCA); err != nil {
			return err
		}
	}
	cfg.TLS.KeyLog, err = cli.Files(p.Env).KeyLog(o.keylog)
	return err
}

// addRaw opens a door to a raw protocol.
func (o *labOptions) addRaw(cfg *lab.Config) error {
	if o.raw == "" {
		return nil
	}
	if _, err := netip.ParseAddrPort(o.rawListen); err != nil {
		return cli.Usage("--raw-listen %s: it is an address and a port, such as 127.0.0.1:7000", o.rawListen)
	}
	p, err := protocol.Load(o.raw)
	if err != nil {
		return err
	}
	door := stage.RawDoor(p)
	door.Addr = o.rawListen
	cfg.Doors = append(cfg.Doors, door)
	return nil
}

// listenFlag is the flag that says where to speak a protocol.
func listenFlag(p setup.Protocol) string { return p.Name + "-listen" }

// addDoors opens doors to the other protocols that have a server.
func (o *labOptions) addDoors(cfg *lab.Config) error {
	for _, spoken := range setup.Protocols() {
		at := o.listens[spoken.Name]
		if at == nil || *at == "" {
			continue
		}
		if _, err := netip.ParseAddrPort(*at); err != nil {
			return cli.Usage("--%s %s: it is an address and a port, such as 127.0.0.1:%d", listenFlag(spoken), *at, spoken.Port)
		}
		door := stage.Door(spoken)
		door.Addr = *at
		cfg.Doors = append(cfg.Doors, door)
	}
	return nil
}

func runLab(ctx context.Context, p *cli.Program, o *labOptions) error {
	cfg, err := o.config(ctx, p)
	if err != nil {
		return err
	}
	if err := cli.Writable(o.ca()); err != nil {
		return err
	}
	p.Lasting()
	log := p.NewLog()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	pushes, err := o.push.Open(ctx, p, 0, log)
	if err != nil {
		return err
	}
	l, err := stage.NewLabHost(cfg, log, pushes)
	if err != nil {
		return cli.Usage("%v", err)
	}
	with, off := p.Beside(ctx, func() error { return l.Run(ctx) })
	if o.screen.OnScreen(p) {
		screenErr := labOnScreen(with, p, l, o)
		stop()
		return cli.First(<-off, screenErr)
	}
	printing := o.screen.Start(p, log)

	serveErr := serveLab(with, p, l, o)
	stop()
	return cli.First(<-off, serveErr, printing.End(ctx))
}

// ca is the file for the certificate of the lab.
func (o *labOptions) ca() keep.File { return cli.CAFile("--write-ca", o.writeCA, o.force) }

// open starts the lab, and writes its certificate where that is wanted.
func (o *labOptions) open(ctx context.Context, l *stage.LabHost) (stage.Addresses, error) {
	at, err := l.Start(ctx)
	if err != nil {
		return at, err
	}
	return at, cli.WriteCA(o.ca(), l.Certificate())
}

// serveLab starts the lab, says where it listens, and gives it the lines of the
// input.
func serveLab(ctx context.Context, p *cli.Program, l *stage.LabHost, o *labOptions) error {
	at, err := o.open(ctx, l)
	if err != nil {
		return err
	}
	for _, door := range o.doors(at) {
		fmt.Fprintf(p.Err, "lab: %s\n", door)
	}
	running := stage.NewRunning(l.Log(), "input", files.Named)
	running.Lab(l)
	return lines.NewDriver(running, labCast(), p.Complain).Serve(ctx, p.Lines(ctx))
}

// labCast is who can be told something.
func labCast() verb.Cast {
	return verb.Cast{
		Default: scenario.LabActor, Robots: verb.Robots(), Lab: true,
		Missing: "a phone is told where it runs: on the input of \"sleeptalk phone\"",
	}
}

// doors are where the lab listens, for what.
func (o *labOptions) doors(at stage.Addresses) []string {
	list := []string{fmt.Sprintf("listening on %s (tcp, tls, udp, ws, wss)", at.SIP)}
	if at.Wake != "" {
		list = append(list, fmt.Sprintf("wake sockets on %s (tcp)", at.Wake))
	}
	if addr, ok := at.Doors[control.Raw]; ok {
		list = append(list, fmt.Sprintf("%s on %s (tcp)", o.raw, addr))
	}
	for _, spoken := range setup.Protocols() {
		if addr, ok := at.Doors[spoken.Name]; ok && spoken.Serve != nil {
			list = append(list, fmt.Sprintf("%s on %s (tcp)", spoken.Title, addr))
		}
	}
	return list
}
