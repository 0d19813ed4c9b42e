package dtls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"github.com/pion/dtls/v3/pkg/crypto/signature"
)

// TestSchemes: what is signed by a scheme is checked by it, and by no other.
func TestSchemes(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte("what is signed")
	for _, s := range known() {
		var key crypto.Signer = ec
		if s.id.Signature == signature.RSA {
			key = rs
		}
		hash := s.id.Hash.CryptoHash()
		h := hash.New()
		h.Write(data)
		sig, err := key.Sign(rand.Reader, h.Sum(nil), hash)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range known() {
			err := check(&x509.Certificate{PublicKey: key.Public()}, other.id, data, sig)
			if (err == nil) != (s == other) {
				t.Errorf("signed by %v, checked by %v: %v", s.x509, other.x509, err)
			}
		}
	}
}
