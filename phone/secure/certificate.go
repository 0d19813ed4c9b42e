package secure

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"time"
)

// validity is how long a certificate that we make is valid. It begins a day
// early, because clocks differ. It is less than the 398 days that Apple's
// systems accept at most (support.apple.com/102028).
const validity = 365 * 24 * time.Hour

// SelfMade returns a self-signed certificate for a server on this machine, with
// a kind of key that all clients support. It is valid for the machine's own
// names and for the hosts; the unspecified address and the machine's own add
// nothing.
func SelfMade(now time.Time, hosts ...string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	hosts = slices.DeleteFunc(slices.Clone(hosts), func(h string) bool {
		at, err := netip.ParseAddr(h)
		return err == nil && (at.IsUnspecified() || at.IsLoopback())
	})
	return SelfSigned(key, now, append(hosts, "localhost", "127.0.0.1", "::1")...)
}

// SelfSigned makes a self-signed certificate for some hosts and IP addresses, as a
// server and as a client.
// The first one is its name.
func SelfSigned(key crypto.Signer, now time.Time, hosts ...string) (*tls.Certificate, error) {
	if len(hosts) == 0 {
		return nil, errors.New("a certificate needs at least one name")
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(validity),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// PEM returns a certificate and its chain in PEM, without the key.
func PEM(c *tls.Certificate) (all []byte) {
	for _, der := range c.Certificate {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return all
}

// Trusting returns a pool of the given certificates as authorities.
func Trusting(certs ...*tls.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c.Leaf)
	}
	return pool
}
