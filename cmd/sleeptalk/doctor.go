package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/audio"
	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/account"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/survive"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
	"github.com/sleeptalk/sleeptalk/phone/sip"
	"github.com/sleeptalk/sleeptalk/phone/stage"
	"github.com/sleeptalk/sleeptalk/phone/websocket"
)

// dialTimeout is how long doctor waits for a server: as long as TCP takes to
// send three SYNs (RFC 6298), rounded up.
const dialTimeout = 8 * time.Second

// answerTimeout is how long it waits for an answer over UDP, in which a request
// is sent three times (our own number).
const answerTimeout = 3 * time.Second

// A finding is the result of one check. Credentials are never in it.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"` // ok, note, bad
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
}

func doctorCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	var choice config.Choice
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check this machine, the configuration and the server", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDoctor(cmd.Context(), p, choice, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, for a bug report; without credentials")
	account.Flags(p, cmd, &choice)
	account.SettingFlags(cmd, &choice, "server", "outbound-proxy", "resolver", "transport", "ca", "tls-insecure", "tls-cert", "tls-key")
	return cmd
}

func runDoctor(ctx context.Context, p *cli.Program, choice config.Choice, asJSON bool) error {
	findings := []finding{checkVersion(p), checkTerminal(p), checkAudio(p), checkOpus(), checkState(p)}
	findings = append(findings, checkConfig(ctx, p, choice)...)
	bad := 0
	for _, f := range findings {
		if f.Result == "bad" {
			bad++
		}
	}
	if err := printFindings(p, findings, asJSON); err != nil {
		return err
	}
	if bad > 0 {
		return cli.Cannot(fmt.Errorf("%d of %d checks failed", bad, len(findings)), "")
	}
	return nil
}

// furtherLine begins each line of a detail but its first, such as the lines of a
// file that an error shows: below the first, where no check begins.
const furtherLine = "\n                "

func printFindings(p *cli.Program, findings []finding, asJSON bool) error {
	for i := range findings {
		findings[i].Detail, findings[i].Fix = p.ErrorText(findings[i].Detail), p.ErrorText(findings[i].Fix)
	}
	if asJSON {
		return printJSON(p.Out, findings)
	}
	for _, f := range findings {
		line := fmt.Sprintf("%-5s %-9s %s", f.Result, f.Check, strings.ReplaceAll(f.Detail, "\n", furtherLine))
		if f.Fix != "" {
			line += "\n      fix: " + f.Fix
		}
		if _, err := fmt.Fprintln(p.Out, line); err != nil {
			return err
		}
	}
	return nil
}

func checkVersion(p *cli.Program) finding {
	b := cli.Build()
	return finding{Check: "version", Result: "ok", Detail: fmt.Sprintf("%s, %s, %s/%s", b.Version, b.Go, b.OS, b.Arch)}
}

func checkTerminal(p *cli.Program) finding {
	f := finding{Check: "terminal", Result: "note"}
	out, ok := p.Out.(interface{ Fd() uintptr })
	switch {
	case p.Env("TERM") == "dumb":
		f.Detail, f.Fix = "TERM is dumb", "TERM=xterm-256color, or work with --plain"
	case !ok || !term.IsTerminal(out.Fd()):
		f.Detail = "standard output is no terminal: lines of text, never a screen"
	default:
		w, h, err := term.GetSize(out.Fd())
		f.Result, f.Detail = "ok", fmt.Sprintf("%dx%d, TERM %s", w, h, p.Env("TERM"))
		if err != nil || w < 40 || h < 10 {
			f.Result, f.Fix = "bad", "at least 40x10, or --plain"
		}
	}
	return f
}

// checkAudio looks for a sound card, in each sound system that can be used.
func checkAudio(*cli.Program) finding {
	systems, err := audio.Systems()
	if err != nil {
		return finding{"audio", "note", err.Error(), "none needed for --mic tone:440 or file:PATH"}
	}
	f := finding{Check: "audio", Result: "note", Fix: "none needed for --mic tone:440 or file:PATH"}
	var said []string
	for _, s := range systems {
		if s.Why != "" {
			said = append(said, s.Why)
			continue
		}
		f.Result, f.Fix = "ok", ""
		said = append(said, fmt.Sprintf("%s: microphones %s; speakers %s", s.Name, deviceNames(s.Microphones), deviceNames(s.Speakers)))
	}
	f.Detail = madeWith(systems) + "\n" + strings.Join(said, "\n")
	return f
}

// checkOpus looks for the library of the codec.
func checkOpus() finding {
	if missing, ok := errors.AsType[*opus.MissingError](opus.Missing()); ok {
		return finding{"opus", "note", missing.Why, missing.Hint + "; none needed without codecs=opus"}
	}
	return finding{Check: "opus", Result: "ok", Detail: opus.Version()}
}

// checkState tries to write where recordings and crash reports go.
func checkState(p *cli.Program) finding {
	dir := p.Paths().State
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = keep.Private(dir)
	}
	if err == nil {
		err = keep.Probe(dir)
	}
	if err != nil {
		return finding{"state", "note", err.Error(), "XDG_STATE_HOME=/a/writable/directory"}
	}
	return finding{Check: "state", Result: "ok", Detail: dir + " is writable"}
}

// checkConfig reads the files, and asks the server that they name.
func checkConfig(ctx context.Context, p *cli.Program, choice config.Choice) []finding {
	file, warnings, err := p.Config()
	if err != nil {
		return []finding{{"config", "bad", err.Error(), "correct the file; sleeptalk locate says where it is"}}
	}
	detail := fmt.Sprintf("%d accounts", len(file.Accounts))
	if read := readFiles(p.Paths()); read != "" {
		detail += ", from " + read
	}
	findings := []finding{{Check: "config", Result: "ok", Detail: detail}}
	for _, w := range warnings {
		findings = append(findings, finding{"config", "note", w.Text, w.Hint})
	}
	name, values, err := file.Layer(p.Paths(), choice, p.Env)
	findings = append(findings, checkTrust(p, file, err)...)
	if _, untrusted := errors.AsType[*config.UntrustedError](err); untrusted {
		return findings
	}
	if err != nil {
		return append(findings, finding{"account", "bad", err.Error(), "sleeptalk init"})
	}
	if values["server"] == "" {
		return append(findings, finding{"account", "note", "none: there is no server to check", "sleeptalk init, or --server HOST"})
	}
	hop, err := values.Hop()
	if err != nil {
		return append(findings, finding{"server", "bad", err.Error(), ""})
	}
	hop.Transport = transportOf(hop, values)
	account := orNone(name)
	if values["outbound-proxy"] != "" {
		account += ", whose server is reached by way of " + hop.Address()
		if flows := setup.Flows("", values["outbound-proxy"]); flows != nil {
			account += "; this is about " + flows[0] + " alone: for another flow name its --outbound-proxy"
		}
	}
	findings = append(findings, finding{Check: "account", Result: "ok", Detail: account})
	resolver := live.NewResolver(values["resolver"])
	if found, looked := lookFor(ctx, values, resolver); looked {
		return append(append(findings, found.finding()), found.check(ctx, values, resolver)...)
	}
	return append(findings, checkHop(ctx, probe{Server: hop, resolver: resolver}, values)...)
}

// checkHop asks whom the phone connects to, its server or a proxy, over what it does.
func checkHop(ctx context.Context, hop probe, values setup.Values) []finding {
	switch hop.Transport {
	case "udp":
		return []finding{checkDatagrams(ctx, hop, "bad")}
	case "tls", "wss", "ws":
		trust, err := trustOf(values)
		if err != nil {
			return []finding{{"tls", "bad", err.Error(), ""}}
		}
		hop.sipDomain = hop.Transport == "tls" && values.Control() == control.SIP
		return []finding{checkServer(ctx, hop, trust)}
	}
	return []finding{checkServer(ctx, hop, secure.Config{}), checkDatagrams(ctx, hop, "note")}
}

// trustOf is what an account has for TLS.
func trustOf(values setup.Values) (trust secure.Config, err error) {
	trust.Insecure = values.Insecure()
	if name := values["ca"]; name != "" {
		if trust.CA, err = cli.ReadAuthorities("ca", name); err != nil {
			return trust, err
		}
	}
	if name := values["tls-cert"]; name != "" {
		trust.Certificate, err = cli.ReadCertificate(name, cmp.Or(values["tls-key"], name))
	}
	return trust, err
}

// checkTrust says what of the files does not count, as it is not trusted; and
// that it keeps the phone from starting. Then no server is asked.
func checkTrust(p *cli.Program, file config.File, err error) (findings []finding) {
	if untrusted, ok := errors.AsType[*config.UntrustedError](err); ok {
		for _, b := range untrusted.Breaches {
			findings = append(findings, finding{"trust", "bad", b.String(), config.TrustHint(b.File)})
		}
		return findings
	}
	strange, why := file.Strange()
	if strange == "" {
		return nil
	}
	for _, b := range file.Breaches(p.Paths(), p.Env) {
		findings = append(findings, finding{"trust", "note", b.String(), ""})
	}
	return append(findings, finding{"trust", "note", strange + " is not trusted: " + why, config.TrustHint(strange)})
}

// readFiles names the config files that there are.
func readFiles(paths config.Paths) string {
	var names []string
	for _, name := range []string{paths.User, paths.Project} {
		if absent(name) == "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// transportOf is what carries SIP to where an account connects to.
func transportOf(hop setup.Server, values setup.Values) string {
	usual := "tcp"
	if app.Strategy(values["strategy"]).Traits().Datagrams {
		usual = "udp"
	}
	return cmp.Or(hop.Transport, usual)
}

// checkServer connects once, and says nothing to the server but what TLS and
// WebSocket do.
func checkServer(ctx context.Context, server probe, trust secure.Config) finding {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	began := time.Now()
	conn, err := server.dial(ctx, "tcp")
	took := time.Since(began)
	if e, failed := errors.AsType[*live.ConnectError](err); failed {
		return finding{"server", "bad", e.Error(), cli.ConnectHint(e)}
	}
	defer conn.Close()
	switch server.Transport {
	case "tls", "wss":
		return checkTLS(ctx, conn, server, trust)
	case "ws":
		return checkWebSocket(conn, server, finding{Check: "server", Result: "ok", Detail: fmt.Sprintf("%s answers over ws in %s", conn.RemoteAddr(), event.Round(took))})
	}
	return finding{Check: "server", Result: "ok", Detail: fmt.Sprintf("%s answers over tcp in %s", conn.RemoteAddr(), event.Round(took))}
}

// checkDatagrams asks the server over UDP, where nothing but an answer says
// that it is there. If there is none, the result is as given: a phone over TCP
// can do without.
func checkDatagrams(ctx context.Context, server probe, silent string) finding {
	conn, err := server.dial(ctx, "udp")
	if err != nil {
		return finding{"udp", silent, err.Error(), ""}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	took, err := survive.AskOptions(conn, server.Host, answerTimeout)
	if err != nil {
		fix := "transport=tcp, or a server that listens at this port over udp and lets OPTIONS through"
		if silent == "note" {
			fix = "none needed over tcp"
		}
		return finding{"udp", silent, fmt.Sprintf("%s: %v", server.Target(), err), fix}
	}
	return finding{Check: "udp", Result: "ok", Detail: fmt.Sprintf("%s answers OPTIONS over udp in %s", conn.RemoteAddr(), event.Round(took))}
}

// refusalTime is how long a server may take to refuse our certificate, which in
// TLS 1.3 comes after the handshake: a round trip, and the check (our own number).
const refusalTime = time.Second

// refusal waits for what a server has against our certificate. One that says
// nothing takes it.
func refusal(t *tls.Conn) error {
	if err := t.SetReadDeadline(time.Now().Add(refusalTime)); err != nil {
		return err
	}
	_, err := t.Read(make([]byte, 1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// checkTLS shakes hands, and looks at the certificate as a phone does.
func checkTLS(ctx context.Context, conn net.Conn, server probe, trust secure.Config) finding {
	began := time.Now()
	cfg, asked := trust.TLS(server.certificate()), false
	if server.sipDomain {
		cfg = trust.Domain(server.certificate())
	}
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return cmp.Or(trust.Certificate, new(tls.Certificate)), nil
	}
	t := tls.Client(conn, cfg)
	err := t.HandshakeContext(ctx)
	if err == nil && asked {
		err = refusal(t)
	}
	if err != nil {
		why := secure.NewError(server.certificate(), time.Now(), err)
		if asked {
			why.Asked(trust.Certificate)
		}
		return finding{Check: "server", Result: "bad", Detail: why.Error()}
	}
	state := t.ConnectionState()
	found := finding{Check: "server", Result: "ok", Detail: fmt.Sprintf("%s answers over %s, %s, in %s, with a certificate that is good until %s",
		conn.RemoteAddr(), tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), event.Round(time.Since(began)),
		state.PeerCertificates[0].NotAfter.Format(time.DateOnly))}
	if server.Transport == "wss" {
		return checkWebSocket(t, server, found)
	}
	if w := secure.Wildcard(state.PeerCertificates[0], server.certificate()); w != "" && server.sipDomain {
		found.Result = "note"
		found.Detail += ", which names it by the wildcard " + event.Printable(w) + " alone (RFC 5922 section 7.2: no match)"
	}
	return found
}

// checkWebSocket shakes hands for SIP, on a connection of which so much was found.
func checkWebSocket(conn net.Conn, server probe, found finding) finding {
	if err := conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return finding{Check: "server", Result: "bad", Detail: err.Error()}
	}
	rng := mathrand.New(mathrand.NewPCG(stage.Chance(), stage.Chance()))
	if err := websocket.Ask(conn, rng, server.Target(), cmp.Or(server.Path, "/"), sip.Subprotocol); err != nil {
		return finding{Check: "server", Result: "bad", Detail: err.Error()}
	}
	found.Detail += ", and speaks SIP over WebSocket"
	return found
}
