package main

import (
	"crypto/x509"
	"fmt"
	"os"
)

// maxCA bounds a file of authorities: Mozilla's have 220 KB.
const maxCA = 4 << 20

// authorities reads the file of the setting ca.
func authorities(name string) (*x509.CertPool, error) { return readAuthorities("ca", name) }

// readAuthorities reads the PEM file that a setting names.
func readAuthorities(setting, name string) (*x509.CertPool, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, cannot(fmt.Errorf("%s: %w", setting, err), "")
	}
	if info.Size() > maxCA {
		return nil, invalid(fmt.Errorf("%s: %s has more than %d MB: it is no file of authorities", setting, name, maxCA>>20), "")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, cannot(fmt.Errorf("%s: %w", setting, err), "")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, invalid(fmt.Errorf("%s: there is no certificate in %s", setting, name), "a PEM file: it begins with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}
