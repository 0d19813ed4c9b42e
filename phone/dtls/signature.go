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

// schemes are the signatures that are understood, the best first. Ours are the first.
func schemes() []signaturehash.Algorithm {
	return []signaturehash.Algorithm{
		{Hash: hash.SHA256, Signature: signature.ECDSA},
		{Hash: hash.SHA384, Signature: signature.ECDSA},
		{Hash: hash.SHA512, Signature: signature.ECDSA},
		{Hash: hash.SHA256, Signature: signature.RSA},
		{Hash: hash.SHA384, Signature: signature.RSA},
		{Hash: hash.SHA512, Signature: signature.RSA},
	}
}

// algorithms are the schemes by the names of crypto/x509.
func algorithms() []x509.SignatureAlgorithm {
	return []x509.SignatureAlgorithm{
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
		x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
	}
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
	for i, s := range schemes() {
		if s != by {
			continue
		}
		if c.CheckSignature(algorithms()[i], signed, sig) != nil {
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
