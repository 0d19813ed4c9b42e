package config

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// passwordTimeout is how long the password command may take: long enough to
// touch a key, short enough for CI.
const passwordTimeout = 30 * time.Second

// ErrCredentials says that a password was promised and is not there.
var ErrCredentials = errors.New("no password")

// fetch gives settings with their secrets in plain text: a password from where
// it is kept, an account without any has none, and what a server that pushes
// wants to hear. A command runs in dir; "" is the working directory.
func fetch(ctx context.Context, v setup.Values, env Env, dir string) (setup.Values, error) {
	password, err := password(ctx, v, env, dir)
	if err != nil {
		return nil, err
	}
	secret := v["push-secret"]
	if name := v["push-secret-env"]; name != "" {
		secret = env(name)
	}
	fetched := setup.Values{}.Over(v)
	for _, key := range []string{"password-env", "password-command", "push-secret-env"} {
		delete(fetched, key)
	}
	fetched["password"], fetched["push-secret"] = password, secret
	return fetched, nil
}

// password fetches the password from where it is kept.
func password(ctx context.Context, v setup.Values, env Env, dir string) (string, error) {
	kept := Source{Env: v["password-env"], Command: v["password-command"], dir: dir}
	if kept == (Source{dir: dir}) {
		return v["password"], nil
	}
	text, err := kept.Fetch(ctx, env)
	return firstLine(text), err
}

// A Source is where a secret is kept: the first of these that is said.
type Source struct {
	Env     string // an environment variable
	Command string // what prints it
	File    string
	dir     string // where the command runs; "" is the working directory
}

// maxSecret bounds a secret, or several in one file, in bytes.
const maxSecret = 1 << 20

// Fetch returns the text there, without the end of its last line. There must be
// one; with no source it is "".
func (s Source) Fetch(ctx context.Context, env Env) (text string, err error) {
	switch {
	case s.Env != "":
		if text = env(s.Env); text == "" {
			err = fmt.Errorf("%w: the environment variable %s is empty", ErrCredentials, s.Env)
		}
	case s.Command != "":
		if text, err = runPassword(ctx, s.Command, s.dir); err == nil && firstLine(text) == "" {
			err = fmt.Errorf("%w: the password command printed nothing", ErrCredentials)
		}
	case s.File != "":
		var content []byte
		if content, err = files.Read(s.File, maxSecret); err != nil {
			err = fmt.Errorf("%w: %w", ErrCredentials, err)
		} else if text = string(content); firstLine(text) == "" {
			err = fmt.Errorf("%w: the first line of %s is empty", ErrCredentials, s.File)
		}
	}
	return strings.TrimRight(text, "\r\n"), err
}

// firstLine is what a command prints that prints a password, or a file has.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, "\r")
}

// commandDir is where the password command runs: one of the user's file runs in
// that one's folder, for the working directory may be anybody's, with programs
// in it that have names as the user's have.
func (f File) commandDir(name string, paths Paths, c Choice, env Env) string {
	const key = "password-command"
	if c.Flags[key] != "" || fromEnv(env)[key] != "" || paths.User == "" {
		return ""
	}
	for _, part := range slices.Backward(f.parts) {
		if part.Accounts[name][key] != "" {
			if part.name == paths.User {
				return filepath.Dir(paths.User)
			}
			return ""
		}
	}
	return ""
}

func runPassword(ctx context.Context, command, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, passwordTimeout)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
	cmd.Dir = dir
	if runtime.GOOS == "windows" { // where a program of the working directory comes first
		cmd.Env = append(cmd.Environ(), "NoDefaultCurrentDirectoryInExePath=1")
	}
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%w: the password command took more than %s", ErrCredentials, passwordTimeout)
	}
	if err != nil {
		return "", fmt.Errorf("%w: the password command failed: %w", ErrCredentials, err)
	}
	return string(out), nil
}
