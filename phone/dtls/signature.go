package dtls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"

	"github.com/pion/dtls/v3/pkg/crypto/hash"
	"github.com/pion/dtls/v3/pkg/crypto/signature"
	"github.com/pion/dtls/v3/pkg/crypto/signaturehash"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
)

// maxRSA is the longest key of RSA whose signatures are checked, in bits: crypto/tls has
// the same bound, for the same reason, which is the time that it takes.
const maxRSA = 8192

// A scheme is a kind of signature, by its name of TLS and that of crypto/x509.
type scheme struct {
	id   signaturehash.Algorithm
	x509 x509.SignatureAlgorithm
}

// known are the schemes that are understood, the best first. Ours are by the first.
func known() []scheme {
	return []scheme{
		{signaturehash.Algorithm{Hash: hash.SHA256, Signature: signature.ECDSA}, x509.ECDSAWithSHA256},
		{signaturehash.Algorithm{Hash: hash.SHA384, Signature: signature.ECDSA}, x509.ECDSAWithSHA384},
		{signaturehash.Algorithm{Hash: hash.SHA512, Signature: signature.ECDSA}, x509.ECDSAWithSHA512},
		{signaturehash.Algorithm{Hash: hash.SHA256, Signature: signature.RSA}, x509.SHA256WithRSA},
		{signaturehash.Algorithm{Hash: hash.SHA384, Signature: signature.RSA}, x509.SHA384WithRSA},
		{signaturehash.Algorithm{Hash: hash.SHA512, Signature: signature.RSA}, x509.SHA512WithRSA},
	}
}

// schemes are their names of TLS.
func schemes() (list []signaturehash.Algorithm) {
	for _, s := range known() {
		list = append(list, s.id)
	}
	return list
}

// readCertificate reads the peer's, and checks that it is the one that its SDP names.
func readCertificate(chain [][]byte, named []Fingerprint) (*x509.Certificate, error) {
	if len(chain) == 0 {
		return nil, broken(alert.BadCertificate, "it shows no certificate")
	}
	if !match(chain[0], named) {
		return nil, mismatch(fingerprintOf(crypto.SHA256, chain[0]))
	}
	c, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return nil, broken(alert.BadCertificate, "its certificate cannot be read: %v", err)
	}
	switch key := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return c, nil
	case *rsa.PublicKey:
		if key.N.BitLen() <= maxRSA {
			return c, nil
		}
	}
	return nil, broken(alert.UnsupportedCertificate, "its certificate has a key of a kind that is not supported")
}

// check checks a signature of the peer's.
func check(c *x509.Certificate, by signaturehash.Algorithm, signed, sig []byte) error {
	for _, s := range known() {
		if s.id != by {
			continue
		}
		if c.CheckSignature(s.x509, signed, sig) != nil {
			return broken(alert.DecryptError, "it has not the key of its certificate: its signature is wrong")
		}
		return nil
	}
	return broken(alert.IllegalParameter, "it signs by a scheme that was not offered")
}

// sign signs with our key, by the first of the schemes.
func (i *Identity) sign(data []byte) []byte {
	digest := sha256.Sum256(data)
	sig, err := signer{i.key}.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		panic("dtls: our key does not sign: " + err.Error())
	}
	return sig
}
