package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/keep"
)

// maxTrusted bounds the list of trusted folders.
const maxTrusted = 1 << 20

// ReadTrusted reads the list of trusted folders, a line each. A list that others
// can write says nothing.
func ReadTrusted(p Paths) ([]string, error) {
	if p.Trusted == "" {
		return nil, nil
	}
	text, err := files.Read(p.Trusted, maxTrusted)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if ok, why := sole([]string{p.Trusted, filepath.Dir(p.Trusted)}, true); !ok {
		return nil, fmt.Errorf("the list of trusted folders does not count: %s", why)
	}
	var folders []string
	for line := range strings.Lines(string(text)) {
		if folder := strings.TrimRight(line, "\r\n"); filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

// WriteTrusted writes the list anew, whole or not at all, for the user's eyes
// only.
func WriteTrusted(p Paths, folders []string) error {
	if p.Trusted == "" {
		return errors.New("there is no HOME to keep a list of trusted folders in")
	}
	if err := os.MkdirAll(filepath.Dir(p.Trusted), 0o700); err != nil {
		return err
	}
	list := keep.File{Kind: keep.Plain, Name: p.Trusted, Force: true, Private: true}
	return list.WriteBytes([]byte(strings.Join(append(folders, ""), "\n")))
}

// Trustable is the path of a folder as the list has it, or why the folder cannot
// be trusted: with it would be everything that the user has, or what others
// write.
func Trustable(dir string, env Env) (string, error) {
	folder, err := files.Whole(dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", folder)
	}
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(folder, "\r\n") {
		return "", fmt.Errorf("%q has a line break in it", folder)
	}
	if home := base(env, nil, ""); home != "" {
		if home, err = files.Whole(home); err == nil && files.Below(folder, home) {
			return "", fmt.Errorf("%s has everything below it that is yours, downloads too: trust a folder of your work", folder)
		}
	}
	if filepath.Dir(folder) == folder {
		return "", fmt.Errorf("%s has everything below it: trust a folder of your work", folder)
	}
	if ok, why := sole([]string{folder}, true); !ok {
		return "", errors.New(why)
	}
	return folder, replaceable(folder)
}
