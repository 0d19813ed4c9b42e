package cli

import "strconv"

// A Fact is a name and what it means, for those who read about the program: the man
// pages and the manual have the same.
type Fact struct{ Name, Means string }

// ExitCodes say what each exit code means.
func ExitCodes() []Fact {
	code := func(n int) string { return strconv.Itoa(n) }
	return []Fact{
		{"0", "everything was as expected"},
		{code(ExitFailed), "an expectation failed: the product's fault"},
		{code(ExitUsage), "bad command line"},
		{code(ExitInvalid), "config or input invalid or not trusted, or a file is in the way that is not ours"},
		{code(ExitCannot), "could not run: refused, no such host, port taken, no credentials, sound device absent; or nobody can tell, because sleeptalk itself did not run for a while"},
		{code(ExitLimit), "the limit of the run passed, or nothing was tested"},
		{code(ExitPanic), "a bug of ours; the crash report is named"},
		{"130, 143, 129, 141", "interrupted, terminated, the terminal has gone, nobody reads the output any more; the phone has signed off, and its files are whole. A second signal ends it at once"},
		{"131, 134", "SIGQUIT or SIGABRT, with the stacks of all goroutines"},
	}
}

// Environment are the variables that the program reads, beside those of the settings.
func Environment() []Fact {
	return []Fact{
		{"SLEEPTALK_ACCOUNT", "the account, or accounts, of the config file"},
		{"SLEEPTALK_SERVER, SLEEPTALK_USER, …", "any setting of a phone: its key in capitals, with _ for -"},
		{"SLEEPTALK_TRUST", "folders whose files are trusted, or 1 for all"},
		{"SSLKEYLOGFILE", "where the secrets of TLS and DTLS are written, for Wireshark"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME, HOME", "where the files are; see below"},
		{"NO_COLOR", "no colours"},
		{"ACCESSIBLE", "lines instead of a screen"},
		{"CI", "no notices on the desktop"},
		{"GITHUB_ACTIONS, GITHUB_STEP_SUMMARY", "annotations and a summary of failed scenarios"},
	}
}

// Locations are the files that the program reads and keeps.
func Locations() []Fact {
	return []Fact{
		{"./.sleeptalk.yaml", "settings of a project; a stranger's, until its folder is trusted"},
		{"~/.config/sleeptalk/config.yaml", "settings of the user"},
		{"~/.local/state/sleeptalk/runs/", "the evidence of runs and calls that were kept"},
		{"~/.local/state/sleeptalk/trusted", "the folders that are trusted"},
		{"~/.local/state/sleeptalk/crash-*.txt", "crash reports"},
	}
}
