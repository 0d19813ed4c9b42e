package cli

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// Hide masks words in all that is written for people from now on: the passwords
// of this run.
func (p *Program) Hide(words ...string) {
	known := p.secrets().With(words...)
	p.hidden.Store(&known)
}

func (p *Program) secrets() event.Secrets {
	if known := p.hidden.Load(); known != nil {
		return *known
	}
	return event.Secrets{}
}

// Masked is a text without secrets: those of this run, and what has the shape of
// one.
func (p *Program) Masked(text string) string { return p.secrets().Mask(text) }

// typed is an address with a password that somebody typed without its scheme, as
// in u:pw@host.
var typed = regexp.MustCompile(`([^\s:@/,'"<>]+):([^\s@,'"<>]+)@`)

// drive is how a path of Windows begins, which looks like a user with a password.
var drive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// ErrorText is the text of an error, which may repeat what was typed, without
// secrets.
func (p *Program) ErrorText(text string) string {
	text = p.Masked(text)
	var b strings.Builder
	end := 0
	for _, at := range typed.FindAllStringSubmatchIndex(text, -1) {
		if drive.MatchString(text[at[2]:]) || drive.MatchString(text[at[4]:]) {
			continue
		}
		switch strings.ToLower(text[at[2]:at[3]]) {
		case "sip", "sips", "xmpp", "mailto": // a scheme, and a user
			continue
		}
		b.WriteString(text[end:at[4]])
		b.WriteString(strings.Repeat(".", at[5]-at[4]))
		end = at[5]
	}
	return b.String() + text[end:]
}

// SecretFlags declares flags that say where a secret is kept: before is the
// beginning of their names, what the help calls it.
func SecretFlags(cmd *cobra.Command, s *config.Source, before, what string) {
	f := cmd.Flags()
	f.StringVar(&s.Env, before+"-env", "", "environment variable with "+what)
	f.StringVar(&s.Command, before+"-command", "", "command that prints "+what)
	f.StringVar(&s.File, before+"-file", "", "file with "+what+", which nobody else should be able to read")
	cmd.MarkFlagsMutuallyExclusive(before, before+"-env", before+"-command", before+"-file")
}

// Fetch looks a secret up where it is kept, and says if others can read it there.
func (p *Program) Fetch(ctx context.Context, s config.Source) (string, error) {
	text, err := s.Fetch(ctx, p.Env)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(s.File); s.File != "" && err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		p.Warn(fmt.Sprintf("others can read %s, and it holds a secret", s.File), "chmod 600 "+s.File)
	}
	return text, nil
}
