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

// validity is how long a certificate of our own making is good for, from a day
// before it is made, as clocks differ: less than the 398 days after which
// Apple's systems trust none (support.apple.com/102028).
const validity = 365 * 24 * time.Hour

// SelfMade is a certificate of a server on this machine, with a key of the kind
// that all clients know. Besides the machine's own names it is for the hosts;
// an address that is any, or the machine's own, adds nothing to those.
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

// SelfSigned makes a certificate for some hosts and IP addresses, which is its
// own authority. The first one is its name.
func SelfSigned(key crypto.Signer, now time.Time, hosts ...string) (*tls.Certificate, error) {
	if len(hosts) == 0 {
		return nil, errors.New("a certificate for nobody")
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: hosts[0]},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(validity),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
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

// PEM is a certificate as a file has it, with those that have signed it and
// without its key.
func PEM(c *tls.Certificate) (all []byte) {
	for _, der := range c.Certificate {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return all
}

// Trusting is a pool of the given certificates as authorities.
func Trusting(certs ...*tls.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c.Leaf)
	}
	return pool
}
