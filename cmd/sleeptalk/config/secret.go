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
	switch name, command := v["password-env"], v["password-command"]; {
	case name != "":
		password := env(name)
		if password == "" {
			return "", fmt.Errorf("%w: the environment variable %s is empty", ErrCredentials, name)
		}
		return password, nil
	case command != "":
		return runPassword(ctx, command, dir)
	}
	return v["password"], nil
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
	password, _, _ := strings.Cut(string(out), "\n")
	password = strings.TrimRight(password, "\r")
	if password == "" {
		return "", fmt.Errorf("%w: the password command printed nothing", ErrCredentials)
	}
	return password, nil
}
