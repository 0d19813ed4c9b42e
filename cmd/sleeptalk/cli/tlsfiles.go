package cli

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/secure"
	"github.com/sleeptalk/sleeptalk/phone/setup"
)

// KeyLogVariable is the environment variable with the file that takes the secrets
// of TLS, as browsers and curl have it.
const KeyLogVariable = "SSLKEYLOGFILE"

// Files opens the files that settings of TLS name.
func Files(env config.Env) setup.Files {
	return setup.Files{
		Authorities: func(name string) (*x509.CertPool, error) { return ReadAuthorities("ca", name) },
		Certificate: ReadCertificate,
		KeyLog: func(name string) (*secure.KeyLog, error) {
			setting := "tls-keylog"
			if name == "" {
				setting = KeyLogVariable
			}
			return OpenKeyLog(setting, cmp.Or(name, env(KeyLogVariable)))
		},
	}
}

// maxPEM bounds the file of a certificate with its chain, or of a key: the
// largest chains in use have some 20 KB.
const maxPEM = 1 << 20

// ReadCertificate reads the files of the settings tls-cert and tls-key.
func ReadCertificate(cert, key string) (*tls.Certificate, error) {
	chain, err := files.Read(cert, maxPEM)
	if err != nil {
		return nil, Unread(fmt.Errorf("tls-cert: %w", err))
	}
	secret, err := files.Read(key, maxPEM)
	if err != nil {
		return nil, Unread(fmt.Errorf("tls-key: %w", err))
	}
	c, err := tls.X509KeyPair(chain, secret)
	if err == nil {
		c.Leaf, err = x509.ParseCertificate(c.Certificate[0])
	}
	if err != nil {
		return nil, Invalid(fmt.Errorf("tls-cert %s, tls-key %s: %w", cert, key, err), "PEM files: a certificate with its chain, and its key without a passphrase")
	}
	return &c, nil
}

// OpenKeyLog opens the file that a setting names for the secrets of TLS, to add to
// it; without a name there is none. It is closed to others, and a file of any
// other kind is left alone.
func OpenKeyLog(setting, name string) (*secure.KeyLog, error) {
	if name == "" {
		return nil, nil
	}
	f, err := keep.File{Kind: keep.KeyLog, Name: name, By: setting, Private: true}.Append()
	if err != nil {
		return nil, NotWritten(err, "")
	}
	return &secure.KeyLog{Name: name, W: f}, nil
}
