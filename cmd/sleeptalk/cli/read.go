package cli

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/place"
	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxCA bounds a file of authorities: Mozilla's have 220 KB.
const maxCA = 4 << 20

// ReadAuthorities reads the PEM file that a setting names.
func ReadAuthorities(setting, name string) (*x509.CertPool, error) {
	text, err := files.Read(name, maxCA)
	if err != nil {
		return nil, Unread(fmt.Errorf("%s: %w", setting, err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, Invalid(fmt.Errorf("%s: there is no certificate in %s", setting, name), "a PEM file: it begins with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// Unread is the error of a file that could not be read, or that is none of the
// kind: too long, or no file at all.
func Unread(err error) error {
	if _, unreadable := errors.AsType[*os.PathError](err); unreadable {
		return Cannot(err, "")
	}
	return Invalid(err, "")
}

// ReadProfile reads a profile of a user's own: of a device, or of a raw
// protocol. Where there is none it names the nearest, and gives a hint.
func ReadProfile(name, of, hint string) ([]byte, error) {
	text, err := files.Read(name, place.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w%s", err, words.DidYouMean(name, profilesIn(filepath.Dir(name))))
	}
	_, unreadable := errors.AsType[*os.PathError](err)
	switch {
	case err == nil:
		return text, nil
	case unreadable:
		return nil, Cannot(err, hint)
	}
	return nil, Invalid(fmt.Errorf("%w: it is no %s profile", err, of), hint)
}

// profilesIn are the files of a directory that may be profiles.
func profilesIn(dir string) (files []string) {
	entries, err := os.ReadDir(dir)
	if err != nil { // then there is none to be meant
		return nil
	}
	for _, e := range entries {
		if name := filepath.Join(dir, e.Name()); raw.IsFile(e.Name()) {
			files = append(files, name)
		}
	}
	return files
}
