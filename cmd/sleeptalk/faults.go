package main

import (
	"github.com/spf13/cobra"

	"sleeptalk/phone/link"
)

// faultsTopic is "sleeptalk help faults".
func (p *program) faultsTopic() *cobra.Command {
	return &cobra.Command{Use: "faults", Short: "What can be broken on the way to the server, and the truth about it", Long: link.Reference()}
}
