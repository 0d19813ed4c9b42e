package cli

import "runtime/debug"

// gcPercent is how much may be garbage of what a lasting program holds, in
// percent. The usual 100 is twice the memory for a tenth less work.
const gcPercent = 50

// Lasting is for a command that may run for weeks beside others: its memory
// counts for more than its speed. The environment variable GOGC counts for more
// still.
func (p *Program) Lasting() {
	if p.Env("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
