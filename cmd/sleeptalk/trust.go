package main

import (
	"crypto/x509"
	"fmt"
	"os"

	"sleeptalk/cmd/sleeptalk/config"
	"sleeptalk/phone/secure"
)

// maxCA bounds a file of authorities: Mozilla's have 220 KB.
const maxCA = 4 << 20

// trustOf is whom a phone trusts over TLS.
func trustOf(who config.Phone) (secure.Config, error) {
	cfg := secure.Config{Insecure: who.TLSInsecure}
	if who.CA == "" {
		return cfg, nil
	}
	info, err := os.Stat(who.CA)
	if err != nil {
		return cfg, cannot(fmt.Errorf("ca: %w", err), "")
	}
	if info.Size() > maxCA {
		return cfg, invalid(fmt.Errorf("ca: %s has more than %d MB: it is no file of authorities", who.CA, maxCA>>20), "")
	}
	text, err := os.ReadFile(who.CA)
	if err != nil {
		return cfg, cannot(fmt.Errorf("ca: %w", err), "")
	}
	cfg.CA = x509.NewCertPool()
	if !cfg.CA.AppendCertsFromPEM(text) {
		return cfg, invalid(fmt.Errorf("ca: there is no certificate in %s", who.CA), "a PEM file: it begins with -----BEGIN CERTIFICATE-----")
	}
	return cfg, nil
}
