package push

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/live"
	"github.com/sleeptalk/sleeptalk/phone/live/pushapi"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// Options say which push service a phone or a lab has.
type Options struct {
	listen, service string
	rules           []string
	as              providerOptions
}

// Flags declares the flags of who is pushed to, or with pushes also those of who
// pushes.
func (o *Options) Flags(cmd *cobra.Command, pushes bool) {
	f := cmd.Flags()
	f.StringVar(&o.listen, "push-listen", "", "address and port to answer the provider APIs of APNs and FCM on, and Web Push; none by default")
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

// Reachable reports whether somebody else can push to the service that the
// options name.
func (o *Options) Reachable() bool { return o.service != "" || o.listen != "" }

// Open is the push service of a phone or a lab: that of another process,
// or one of its own, which answers on the network until ctx is done if it is to.
func (o *Options) Open(ctx context.Context, p *cli.Program, seed uint64, log *event.Log) (live.Pushes, error) {
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
	if o.listen == "" {
		return live.NewPushService(cfg), nil
	}
	l, err := listen("push-listen", o.listen)
	if err != nil {
		return nil, err
	}
	cfg.Origin = "https://" + reachableAt(l.Addr())
	service := live.NewPushService(cfg)
	server := pushapi.New(pushapi.Config{Pushes: service, Happened: func(r event.Record) { log.Append(r) }})
	fmt.Fprintf(p.Err, "push: APNs and FCM on https://%s, for any provider; subscriptions of Web Push are at %s%s\n", l.Addr(), cfg.Origin, push.WebPath)
	p.Go(func() {
		if err := server.Serve(ctx, l); err != nil {
			log.Append(event.Record{Phone: "push", Event: event.Error{Op: "push service", Err: err.Error(), Rule: event.RuleHostFailed}})
		}
	})
	return service, nil
}

// reachableAt is where the subscriptions of those who listen at an address are: who
// listens on every network is named by this machine.
func reachableAt(addr net.Addr) string {
	at, ok := addr.(*net.TCPAddr)
	if !ok || !at.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(at.Port))
}

// listen takes an address. One without a host would be reached from every network,
// which is to be said.
func listen(flag, addr string) (net.Listener, error) {
	switch host, port, err := net.SplitHostPort(addr); {
	case err != nil:
		return nil, cli.Usage("--%s %s: it is an address and a port, such as 127.0.0.1:8443", flag, addr)
	case host == "":
		return nil, cli.Usage("--%s %s: it lacks the address: 127.0.0.1:%s is for this machine alone, 0.0.0.0:%[3]s for every network", flag, addr, port)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, cli.Cannot(err, listenHint(flag, err))
	}
	return l, nil
}

// listenHint is what to do about an address that could not be listened on.
func listenHint(flag string, err error) string {
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "an address of this machine: --" + flag + " 127.0.0.1:8443 is for this machine alone, 0.0.0.0:8443 for every network"
	case errors.Is(err, os.ErrPermission):
		return "a port from 1024 on: those below are for root"
	}
	return "another address or port: --" + flag + " 127.0.0.1:0 takes one that is free"
}
