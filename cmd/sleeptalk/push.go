package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/live/pushapi"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
)

func (p *program) pushCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "push", Short: "Be a push service with the provider APIs of APNs and FCM, or push through one", Args: cobra.NoArgs,
		Long: `A stand-in for the push services of Apple and Google, for servers that wake
phones: "serve" answers their provider APIs and brings what they accept to
emulated phones; "send" fires one push at a provider API, this or any other.`,
	}
	cmd.AddCommand(p.pushServeCommand(), p.pushSendCommand())
	return cmd
}

// ruleHelp lists the rules of a push service.
func ruleHelp() string {
	var b strings.Builder
	for _, r := range push.Rules {
		fmt.Fprintf(&b, "  %-26s %s\n", r.Key+"="+r.Value, r.Help)
	}
	return strings.TrimRight(b.String(), "\n")
}

// rulesOf is a push service with rules, each KEY=VALUE, of a flag.
func rulesOf(flag string, rules []string, seed uint64) (push.Config, error) {
	cfg := push.Config{Rand: rand.New(rand.NewPCG(cmp.Or(seed, rand.Uint64()), 1))}
	for _, rule := range rules {
		key, value, ok := strings.Cut(rule, "=")
		if !ok {
			return cfg, usage("--%s %s: write it as KEY=VALUE, such as drop=0.2", flag, rule)
		}
		if err := cfg.Set(key, value); err != nil {
			return cfg, usage("--%s %v", flag, err)
		}
	}
	return cfg, nil
}

// providerOptions say as whom a server pushes.
type providerOptions struct {
	key, keyID, team string
	cert, certKey    string
	bearerEnv        string
	ca               string
}

// flags declares the flags, each with something before its name.
func (o *providerOptions) flags(cmd *cobra.Command, before string) {
	f := cmd.Flags()
	f.StringVar(&o.key, before+"key", "", "a .p8 file with the signing key for APNs")
	f.StringVar(&o.keyID, before+"key-id", "", "the key's ID (kid)")
	f.StringVar(&o.team, before+"team", "", "the key's team (iss)")
	f.StringVar(&o.cert, before+"cert", "", "a PEM file with a client certificate for APNs")
	f.StringVar(&o.certKey, before+"cert-key", "", "a PEM file with its key; the same file unless said")
	f.StringVar(&o.bearerEnv, before+"bearer-env", "", "the environment variable with the access token for FCM")
	o.caFlag(cmd, before)
}

func (o *providerOptions) caFlag(cmd *cobra.Command, before string) {
	cmd.Flags().StringVar(&o.ca, before+"ca", "", "a PEM file with what has signed the push service's certificate; not needed on this machine")
}

// client is a client of a push service.
func (o *providerOptions) client(p *program, url string) (_ *pushapi.Client, err error) {
	cfg := pushapi.ClientConfig{URL: url}
	if o.ca != "" {
		if cfg.Roots, err = readAuthorities("ca", o.ca); err != nil {
			return nil, err
		}
	}
	if o.bearerEnv != "" {
		if cfg.Bearer = p.env(o.bearerEnv); cfg.Bearer == "" {
			return nil, cannot(fmt.Errorf("the environment variable %s is empty", o.bearerEnv), "")
		}
	}
	if o.cert != "" {
		if cfg.Certificate, err = readCertificate(o.cert, cmp.Or(o.certKey, o.cert)); err != nil {
			return nil, err
		}
	}
	if cfg.Signer, err = o.signer(); err != nil {
		return nil, err
	}
	c, err := pushapi.NewClient(cfg)
	if err != nil {
		return nil, usage("%v", err)
	}
	return c, nil
}

// signer makes provider tokens, if there is a key.
func (o *providerOptions) signer() (*apns.Signer, error) {
	if o.key == "" {
		return nil, nil
	}
	if o.keyID == "" || o.team == "" {
		return nil, usage("a key needs its ID and its team")
	}
	pem, err := os.ReadFile(o.key)
	if err != nil {
		return nil, cannot(err, "")
	}
	key, err := apns.ParsePrivateKey(pem)
	if err != nil {
		return nil, invalid(fmt.Errorf("%s: %w", o.key, err), "")
	}
	return &apns.Signer{Key: key, ID: o.keyID, Team: o.team}, nil
}

func readCertificate(cert, key string) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(cert, key)
	if _, unreadable := errors.AsType[*os.PathError](err); unreadable {
		return nil, cannot(err, "")
	}
	if err != nil {
		return nil, invalid(fmt.Errorf("%s, %s: %w", cert, key, err), "")
	}
	return &c, nil
}

// pushOptions say which push service a phone or a lab has.
type pushOptions struct {
	listen, service string
	rules           []string
	as              providerOptions
}

// flags declares the flags of who is pushed to, or with pushes also those of who
// pushes.
func (o *pushOptions) flags(cmd *cobra.Command, pushes bool) {
	f := cmd.Flags()
	f.StringVar(&o.listen, "push-listen", "", "address and port to answer the provider APIs of APNs and FCM on; none unless said")
	f.StringVar(&o.service, "push-service", "", "a push service of another process instead, https://HOST:PORT: see sleeptalk push serve")
	f.StringArrayVar(&o.rules, "push-rule", nil, "have the push service do worse: KEY=VALUE, such as drop=0.2: see sleeptalk push serve --help")
	if pushes {
		o.as.flags(cmd, "push-")
	} else {
		o.as.caFlag(cmd, "push-")
	}
	cmd.MarkFlagsMutuallyExclusive("push-listen", "push-service")
	cmd.MarkFlagsMutuallyExclusive("push-rule", "push-service")
}

// openPushes is the push service of a phone or a lab: that of another process,
// or one of its own, which answers on the network until ctx is done if it is to.
func (p *program) openPushes(ctx context.Context, o pushOptions, seed uint64, log *event.Log) (live.Pushes, error) {
	if o.service != "" {
		client, err := o.as.client(p, o.service)
		if err != nil {
			return nil, err
		}
		return pushapi.NewRemote(client, fmt.Sprintf("%08x", rand.Uint32())), nil
	}
	cfg, err := rulesOf("push-rule", o.rules, seed)
	if err != nil {
		return nil, err
	}
	service := live.NewPushService(cfg)
	if o.listen == "" {
		return service, nil
	}
	l, err := listenPush("push-listen", o.listen)
	if err != nil {
		return nil, err
	}
	server := pushapi.New(pushapi.Config{Pushes: service, Happened: func(r event.Record) { log.Append(r) }})
	fmt.Fprintf(p.err, "push: APNs and FCM on https://%s, for any provider\n", l.Addr())
	go func() {
		if err := server.Serve(ctx, l); err != nil {
			log.Append(event.Record{Phone: "push", Event: event.Error{Op: "push service", Err: err.Error(), Rule: event.RuleHostFailed}})
		}
	}()
	return service, nil
}

// listenPush takes an address.
func listenPush(flag, addr string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, usage("--%s %s: it is an address and a port, such as 127.0.0.1:8443", flag, addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, cannot(err, "another address or port: --"+flag+" 127.0.0.1:0 takes one that is free")
	}
	return l, nil
}
