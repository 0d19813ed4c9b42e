package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sleeptalk/sleeptalk/phone/raw"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// maxCA bounds a file of authorities: Mozilla's have 220 KB.
const maxCA = 4 << 20

// Authorities reads the file of the setting ca.
func Authorities(name string) (*x509.CertPool, error) { return ReadAuthorities("ca", name) }

// ReadAuthorities reads the PEM file that a setting names.
func ReadAuthorities(setting, name string) (*x509.CertPool, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, Cannot(fmt.Errorf("%s: %w", setting, err), "")
	}
	if info.Size() > maxCA {
		return nil, Invalid(fmt.Errorf("%s: %s has more than %d MB: it is no file of authorities", setting, name, maxCA>>20), "")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, Cannot(fmt.Errorf("%s: %w", setting, err), "")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, Invalid(fmt.Errorf("%s: there is no certificate in %s", setting, name), "a PEM file: it begins with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}

// WriteCAHelp is the help of the flag that names the file of [WriteCA].
const WriteCAHelp = "write the certificate that is shown over TLS to this file, for --ca of a phone"

// WriteCA writes the certificate of a lab to a file, if one is named.
func WriteCA(name string, c *tls.Certificate) error {
	if name == "" {
		return nil
	}
	if err := os.WriteFile(name, secure.PEM(c), 0o666); err != nil {
		return Cannot(fmt.Errorf("--write-ca: %w", err), "")
	}
	return nil
}

// maxProfile bounds a file with a profile.
const maxProfile = 1 << 20

// ReadProfile reads a profile of a user's own: of a device, or of a raw
// protocol. Where there is none it names the nearest.
func ReadProfile(name, of string) ([]byte, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w%s", err, words.DidYouMean(name, profilesIn(filepath.Dir(name))))
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxProfile {
		return nil, fmt.Errorf("%s is no %s profile: a file of at most %d bytes", name, of, maxProfile)
	}
	return os.ReadFile(name)
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
