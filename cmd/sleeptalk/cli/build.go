package cli

import (
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker in a release.
var version, commit string

// A BuildInfo says what this binary is.
type BuildInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Audio   string `json:"audio"`
	Opus    string `json:"opus"`
}

// Build is what this binary is: from the linker, or what the go command wrote
// into it.
func Build() BuildInfo {
	b := BuildInfo{Version: version, Commit: commit, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" {
		b.Version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	return b
}

// UserAgent is how the program calls itself on the wire.
func UserAgent() string { return "sleeptalk/" + Build().Version }
