package dtls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"time"
)

// An Identity is the certificate that a phone shows, with its key.
type Identity struct {
	der []byte
	key *ecdsa.PrivateKey
}

// NewIdentity makes a certificate that is signed by itself, with a key on P-256, which
// every peer supports (RFC 8122 §5, RFC 8827 §6.5 ask for one that is new and says nothing
// of its owner). The same random octets make the same.
//
// Whoever checks its fingerprint need not look at its dates; who does finds it valid,
// whatever the time is at a phone whose clock is warped, until UTCTime ends (RFC 5280
// §4.1.2.5).
func NewIdentity(random func([]byte)) *Identity {
	key := drawKey(random)
	serial := make([]byte, 8)
	random(serial)
	serial[0] = serial[0]&0x7f | 1<<6
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), Subject: pkix.Name{CommonName: "sleeptalk"},
		KeyUsage:  x509.KeyUsageDigitalSignature,
		NotBefore: time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, time.December, 31, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(nil, t, t, key.Public(), signer{key})
	if err != nil {
		panic("dtls: a certificate of our own cannot be made: " + err.Error())
	}
	return &Identity{der: der, key: key}
}

// Fingerprint is what the SDP has of the certificate.
func (i *Identity) Fingerprint() Fingerprint { return fingerprintOf(crypto.SHA256, i.der) }

// drawKey makes a key of random octets. One in 2³² draws is no number of the group.
func drawKey(random func([]byte)) *ecdsa.PrivateKey {
	b := make([]byte, 32)
	for {
		random(b)
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), b); err == nil {
			return key
		}
	}
}

// A signer signs by RFC 6979, which needs no random numbers.
type signer struct{ key *ecdsa.PrivateKey }

func (s signer) Public() crypto.PublicKey { return s.key.Public() }

func (s signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.key.Sign(nil, digest, opts)
}
