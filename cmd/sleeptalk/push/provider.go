package push

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/tls"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/cli"
	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/files"
	"github.com/sleeptalk/sleeptalk/phone/live/pushapi"
	"github.com/sleeptalk/sleeptalk/phone/push/apns"
)

// providerOptions say as whom a server pushes.
type providerOptions struct {
	key, keyID, team string
	cert, certKey    string
	bearerEnv        string
	ca               string
	web              bool // the key signs each push by itself (VAPID)
}

// flags declares the flags, each with something before its name.
func (o *providerOptions) flags(cmd *cobra.Command, before string) {
	f := cmd.Flags()
	f.StringVar(&o.key, before+"key", "", "a .p8 file with the signing key for APNs, or for Web Push (VAPID)")
	f.StringVar(&o.keyID, before+"key-id", "", "the key's ID (kid)")
	f.StringVar(&o.team, before+"team", "", "the key's team (iss)")
	f.StringVar(&o.cert, before+"cert", "", "a PEM file with a client certificate for APNs")
	f.StringVar(&o.certKey, before+"cert-key", "", "a PEM file with its key; the same file by default")
	f.StringVar(&o.bearerEnv, before+"bearer-env", "", "the environment variable with the access token for FCM")
	o.caFlag(cmd, before)
}

func (o *providerOptions) caFlag(cmd *cobra.Command, before string) {
	cmd.Flags().StringVar(&o.ca, before+"ca", "", "a PEM file with what has signed the push service's certificate; not needed on this machine")
}

// client is a client of a push service.
func (o *providerOptions) client(p *cli.Program, url string) (_ *pushapi.Client, err error) {
	cfg := pushapi.ClientConfig{URL: url}
	if o.ca != "" {
		if cfg.Roots, err = cli.ReadAuthorities("ca", o.ca); err != nil {
			return nil, err
		}
	}
	if o.bearerEnv != "" {
		if cfg.Bearer = p.Env(o.bearerEnv); cfg.Bearer == "" {
			return nil, cli.Cannot(fmt.Errorf("the environment variable %s is empty", o.bearerEnv), "")
		}
	}
	if o.cert != "" {
		if cfg.Certificate, err = readCertificate(o.cert, cmp.Or(o.certKey, o.cert)); err != nil {
			return nil, err
		}
	}
	if cfg.Signer, err = o.signer(); err != nil {
		return nil, err
	}
	c, err := pushapi.NewClient(cfg)
	if err != nil {
		return nil, cli.Usage("%v", err)
	}
	return c, nil
}

// maxKey bounds a file with a key or a certificate.
const maxKey = 64 << 10

// signer makes provider tokens, if there is a key.
func (o *providerOptions) signer() (*apns.Signer, error) {
	if o.key == "" || o.web {
		return nil, nil
	}
	if o.keyID == "" || o.team == "" {
		return nil, cli.Usage("a key needs its ID and its team")
	}
	key, err := readKey(o.key)
	if err != nil {
		return nil, err
	}
	return &apns.Signer{Key: key, ID: o.keyID, Team: o.team}, nil
}

// readKey reads a file with a key for ES256.
func readKey(file string) (*ecdsa.PrivateKey, error) {
	pem, err := files.Read(file, maxKey)
	if err != nil {
		return nil, cli.Unread(err)
	}
	key, err := apns.ParsePrivateKey(pem)
	if err != nil {
		return nil, cli.Invalid(fmt.Errorf("%s: %w", file, err), "")
	}
	return key, nil
}

func readCertificate(cert, key string) (*tls.Certificate, error) {
	chain, err := files.Read(cert, maxKey)
	secret, keyErr := files.Read(key, maxKey)
	if err = cli.First(err, keyErr); err != nil {
		return nil, cli.Unread(err)
	}
	c, err := tls.X509KeyPair(chain, secret)
	if err != nil {
		return nil, cli.Invalid(fmt.Errorf("%s, %s: %w", cert, key, err), "")
	}
	return &c, nil
}
