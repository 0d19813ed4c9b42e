package dtls

import (
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"github.com/pion/dtls/v3/pkg/crypto/ciphersuite"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/alert"
)

// A suite is a cipher suite: how the records of the handshake's end are sealed.
type suite struct {
	id     uint16
	rsa    bool // the server's certificate has a key of RSA, not of ECDSA
	keyLen int
	hash   func() hash.Hash
}

// suites are those with forward secrecy and AEAD, the best first (RFC 9325 §4.2). Ours as
// a server are those of ECDSA, as is our key.
func suites() []suite {
	return []suite{
		{0xc02b, false, 16, sha256.New}, // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
		{0xc02f, true, 16, sha256.New},  // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
		{0xc02c, false, 32, sha512.New384},
		{0xc030, true, 32, sha512.New384},
	}
}

// ivLen is how much of a nonce is kept secret (RFC 5288 §3).
const ivLen = 4

// curves are those on which keys are agreed, the best first.
func curves() []elliptic.Curve {
	return []elliptic.Curve{elliptic.X25519, elliptic.P256, elliptic.P384}
}

// secrets are what both ends know, and nobody else.
type secrets struct {
	suite          suite
	client, server []byte // the randoms of the hellos
	extended       bool   // the master secret is bound to the handshake (RFC 7627)
	master         []byte
	cipher         *ciphersuite.GCM // nil before there is a master secret
}

// agree makes the master secret, and the keys of the records from it.
func (s *secrets) agree(shared, transcript []byte, isClient bool) error {
	var err error
	if s.extended {
		h := s.suite.hash()
		h.Write(transcript)
		s.master, err = prf.ExtendedMasterSecret(shared, h.Sum(nil), s.suite.hash)
	} else {
		s.master, err = prf.MasterSecret(shared, s.client, s.server, s.suite.hash)
	}
	if err != nil {
		return broken(alert.InternalError, "the master secret cannot be made: %v", err)
	}
	keys, err := prf.GenerateEncryptionKeys(s.master, s.client, s.server, 0, s.suite.keyLen, ivLen, s.suite.hash)
	if err != nil {
		return broken(alert.InternalError, "the keys cannot be made: %v", err)
	}
	ours, theirs := keys.ClientWriteKey, keys.ServerWriteKey
	ourIV, theirIV := keys.ClientWriteIV, keys.ServerWriteIV
	if !isClient {
		ours, theirs, ourIV, theirIV = theirs, ours, theirIV, ourIV
	}
	s.cipher, err = ciphersuite.NewGCM(ours, ourIV, theirs, theirIV)
	if err != nil {
		return broken(alert.InternalError, "the cipher cannot be made: %v", err)
	}
	return nil
}

// finished is what the Finished of the client, or of the server, proves (RFC 5246 §7.4.9).
func (s *secrets) finished(ofClient bool, transcript []byte) []byte {
	verify := prf.VerifyDataServer
	if ofClient {
		verify = prf.VerifyDataClient
	}
	data, err := verify(s.master, transcript, s.suite.hash)
	if err != nil {
		panic("dtls: verify data cannot be made: " + err.Error())
	}
	return data
}

// export makes n octets of keys for another use (RFC 5705 §4, without a context).
func (s *secrets) export(label string, n int) []byte {
	seed := append(append([]byte(label), s.client...), s.server...)
	out, err := prf.PHash(s.master, seed, n, s.suite.hash)
	if err != nil {
		panic("dtls: keys cannot be exported: " + err.Error())
	}
	return out
}

// drawShare makes a key of our own on a curve.
func drawShare(random func([]byte), on elliptic.Curve) *ecdh.PrivateKey {
	curve, size := ecdh.X25519(), 32
	switch on {
	case elliptic.P256:
		curve = ecdh.P256()
	case elliptic.P384:
		curve, size = ecdh.P384(), 48
	}
	b := make([]byte, size)
	for {
		random(b)
		if key, err := curve.NewPrivateKey(b); err == nil {
			return key
		}
	}
}

// meet is the secret that our key and the peer's have in common.
func meet(ours *ecdh.PrivateKey, theirs []byte) ([]byte, error) {
	public, err := ours.Curve().NewPublicKey(theirs)
	if err != nil {
		return nil, broken(alert.IllegalParameter, "its key is none of the curve")
	}
	shared, err := ours.ECDH(public)
	if err != nil {
		return nil, broken(alert.IllegalParameter, "its key gives no secret")
	}
	return shared, nil
}
