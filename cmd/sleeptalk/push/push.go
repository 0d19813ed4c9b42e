// Package push is the command of that name, and the push service of a phone or a
// lab: one of their own, or that of another process.
package push

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/phone/push"
)

// Command is a push service, or pushes through one.
func Command(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "push", Short: "Be a push service with the provider APIs of APNs and FCM and with Web Push, or push through one", Args: cobra.NoArgs,
		Long: `A stand-in for the push services of Apple and Google, and for one of Web Push, for
servers that wake phones: "serve" answers their provider APIs and brings what they
accept to emulated phones; "send" fires one push at a provider API or a
subscription, this or any other.`,
	}
	cmd.AddCommand(serveCommand(p), sendCommand(p))
	return cmd
}

// ruleHelp lists the rules of a push service.
func ruleHelp() string {
	var b strings.Builder
	for _, r := range push.Settings {
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
			return cfg, cli.Usage("--%s %s: write it as KEY=VALUE, such as drop=0.2", flag, rule)
		}
		if err := cfg.Set(key, value); err != nil {
			return cfg, cli.Usage("--%s %v", flag, err)
		}
	}
	return cfg, nil
}
