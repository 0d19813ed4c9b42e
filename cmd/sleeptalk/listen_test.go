package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
)

// TestListenDefaults: nobody is reached from another machine unless that is asked
// for: each flag that says where to listen is empty, or names this machine.
func TestListenDefaults(t *testing.T) {
	seen := 0
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.HasSuffix(f.Name, "listen") {
				return
			}
			seen++
			if at, err := netip.ParseAddrPort(f.DefValue); f.DefValue != "" && (err != nil || !at.Addr().IsLoopback()) {
				t.Errorf("%s --%s is %q by default", c.CommandPath(), f.Name, f.DefValue)
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(commands(&cli.Program{Env: func(string) string { return "" }}))
	if seen < 8 {
		t.Errorf("%d flags say where to listen: does this test still look for the right thing?", seen)
	}
}
