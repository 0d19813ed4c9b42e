package push

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/live/pushapi"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
	"github.com/sleeptalk/sleeptalk/phone/push/fcm"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// serveOptions are the flags of a push service.
type serveOptions struct {
	listen              string
	cert, key, saveCert string
	providerKey         string
	keyID, team         string
	providerCA          string
	topic               string
	topics              []string
	sandbox             bool
	bearerEnv, project  string
	rules               []string
	seed                uint64
	json, force         bool
}

func serveCommand(p *cli.Program) *cobra.Command {
	o := new(serveOptions)
	cmd := &cobra.Command{
		Use: "serve", Short: "Be a push service: servers push to it, phones of other processes wait at it", Args: cobra.NoArgs,
		Long: `A stand-in for the provider APIs of APNs (POST /3/device/<token>, HTTP/2) and of
FCM (POST /v1/projects/<id>/messages:send), and for a push service of Web Push (POST
/push/<subscription>, RFC 8030, with VAPID), over TLS. A phone is reached while it
holds a stream: "sleeptalk phone --push-service URL", or

  GET /sleeptalk/device/<token>?id=<device>&name=<name>

which is answered with a JSON line for each push; with &web=on&key=<public key> it
has a subscription of Web Push instead of a token. Each push that arrives is
printed, and what became of it.

Any provider is let in, unless --provider-key, --provider-ca or --bearer-env say
who. The certificate is self-made, unless --cert and --key give one.

Rules (--rule, repeated), by which it does worse than it should:
` + ruleHelp(),
		Example: `  sleeptalk push serve --listen 127.0.0.1:8443 --rule refuse=TooManyRequests:0.2
  sleeptalk phone --push-service https://127.0.0.1:8443 --strategy push --device ios-pushkit --profile alice
  sleeptalk push send --to https://127.0.0.1:8443 --token TOKEN --topic org.example.sleeptalk.voip name=Bob`,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), p, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8443", "address and port to listen on")
	f.StringVar(&o.cert, "cert", "", "a PEM file with the server's certificate")
	f.StringVar(&o.key, "key", "", "a PEM file with its key")
	f.StringVar(&o.saveCert, "save-cert", "", "write the server's certificate to this file, for clients to trust")
	f.StringVar(&o.providerKey, "provider-key", "", "let in who signs with this key: a .p8 file, or a PEM file with the public key")
	f.StringVar(&o.keyID, "provider-key-id", "", "the key's ID (kid); any by default")
	f.StringVar(&o.team, "provider-team", "", "the key's team (iss); any by default")
	f.StringVar(&o.providerCA, "provider-ca", "", "let in whose client certificate one of this PEM file has signed")
	f.StringVar(&o.topic, "topic", "", "the app whose the device tokens are, such as org.example.sleeptalk.voip; any by default")
	f.StringArrayVar(&o.topics, "provider-topic", nil, "a topic that the provider may push to; any by default")
	f.BoolVar(&o.sandbox, "sandbox", false, "be the development environment, for its certificates")
	f.StringVar(&o.bearerEnv, "bearer-env", "", "the environment variable with the access token that FCM lets in; any by default")
	f.StringVar(&o.project, "project", "", "the project whose the device tokens are, for FCM; any by default")
	f.StringArrayVar(&o.rules, "rule", nil, "KEY=VALUE: see above")
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random; 0 takes one by chance")
	f.BoolVar(&o.json, "json", false, "a JSON line for each event")
	cli.ForceFlag(cmd, &o.force)
	cmd.MarkFlagsRequiredTogether("cert", "key")
	return cmd
}

func serve(ctx context.Context, p *cli.Program, o *serveOptions) error {
	cfg, err := o.config(p)
	if err != nil {
		return err
	}
	l, err := listen("listen", o.listen)
	if err != nil {
		return err
	}
	if err := o.certify(&cfg, l); err != nil {
		l.Close()
		return err
	}
	var printing sync.Mutex
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out := cli.Output{JSON: o.json}
	line := out.Printer(p.Out)
	cfg.Happened = func(r event.Record) {
		printing.Lock()
		defer printing.Unlock()
		r.Event = event.Masked(r.Event)
		if err := line(r); err != nil {
			stop(err) // nobody reads what happens
		}
	}
	fmt.Fprintf(p.Err, "push: APNs on https://%s%s, for %s\n", l.Addr(), apns.Path, o.whoAPNs())
	fmt.Fprintf(p.Err, "push: Web Push on https://%s%s, for whoever a subscription is for\n", l.Addr(), push.WebPath)
	fmt.Fprintf(p.Err, "push: FCM on https://%s%s, for %s\n", l.Addr(), fcm.Prefix, o.whoFCM())
	if err := pushapi.New(cfg).Serve(serving, l); err != nil || ctx.Err() != nil {
		return cli.First(err, ctx.Err())
	}
	return context.Cause(serving)
}

// whoAPNs says who may push to APNs.
func (o *serveOptions) whoAPNs() string {
	var who []string
	if o.providerKey != "" {
		who = append(who, "who signs with the key of "+o.providerKey)
	}
	if o.providerCA != "" {
		who = append(who, "who has a certificate by "+o.providerCA)
	}
	if len(who) == 0 {
		return "any provider: there is neither --provider-key nor --provider-ca"
	}
	return strings.Join(who, ", or ")
}

// whoFCM says who may push to FCM.
func (o *serveOptions) whoFCM() string {
	if o.bearerEnv == "" {
		return "any provider: there is no --bearer-env"
	}
	return "who has the access token of " + o.bearerEnv
}

// config reads the flags and the files that they name.
func (o *serveOptions) config(p *cli.Program) (cfg pushapi.Config, err error) {
	rules, err := rulesOf("rule", o.rules, o.seed)
	if err != nil {
		return cfg, err
	}
	cfg.APNs = apns.Config{Topic: o.topic, Topics: o.topics, Sandbox: o.sandbox}
	cfg.FCM = fcm.Config{Project: o.project}
	if o.providerKey != "" {
		pem, err := files.Read(o.providerKey, maxKey)
		if err != nil {
			return cfg, cli.Unread(err)
		}
		public, err := apns.ParseKey(pem)
		if err != nil {
			return cfg, cli.Invalid(fmt.Errorf("%s: %w", o.providerKey, err), "")
		}
		cfg.APNs.Key = &apns.Key{ID: o.keyID, Team: o.team, Public: public}
	}
	if o.providerCA != "" {
		if cfg.APNs.Roots, err = cli.ReadAuthorities("provider-ca", o.providerCA); err != nil {
			return cfg, err
		}
	}
	if o.bearerEnv != "" {
		if cfg.FCM.Bearer = p.Env(o.bearerEnv); cfg.FCM.Bearer == "" {
			return cfg, cli.Cannot(fmt.Errorf("the environment variable %s is empty", o.bearerEnv), "")
		}
	}
	cfg.Pushes = live.NewPushService(rules)
	return cfg, nil
}

// certify gives the server its certificate, and saves that if it is to.
func (o *serveOptions) certify(cfg *pushapi.Config, l net.Listener) (err error) {
	if o.cert != "" {
		cfg.Certificate, err = readCertificate(o.cert, o.key)
	} else {
		host, _, splitErr := net.SplitHostPort(l.Addr().String())
		cfg.Certificate, err = secure.SelfMade(time.Now(), host)
		err = errors.Join(splitErr, err)
	}
	if err != nil {
		return err
	}
	return cli.WriteCA(cli.CAFile("--save-cert", o.saveCert, o.force), cfg.Certificate)
}
