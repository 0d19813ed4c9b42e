package dtls

import (
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/dtls/v3/pkg/crypto/hash"
	"github.com/pion/dtls/v3/pkg/crypto/signature"
	"github.com/pion/dtls/v3/pkg/crypto/signaturehash"
	"golang.org/x/crypto/cryptobyte"
)

// A serverShare is a ServerKeyExchange of ECDHE (RFC 8422 §5.4).
type serverShare struct {
	curve  elliptic.Curve
	key    []byte
	params []byte // what is signed of it
	by     signaturehash.Algorithm
	sig    []byte
}

// params are a curve by its name, and a key on it.
func params(curve elliptic.Curve, key []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(uint8(elliptic.CurveTypeNamedCurve))
	b.AddUint16(uint16(curve))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key) })
	return b.BytesOrPanic()
}

// write is the whole message.
func (s serverShare) write() []byte {
	b := cryptobyte.NewBuilder(s.params)
	b.AddUint8(uint8(s.by.Hash))
	b.AddUint8(uint8(s.by.Signature))
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(s.sig) })
	return b.BytesOrPanic()
}

// readServerShare reads the message.
func readServerShare(body []byte) (s serverShare, ok bool) {
	in := cryptobyte.String(body)
	var kind, h, sign uint8
	var curve uint16
	var key, sig cryptobyte.String
	if !in.ReadUint8(&kind) || kind != uint8(elliptic.CurveTypeNamedCurve) || !in.ReadUint16(&curve) || !in.ReadUint8LengthPrefixed(&key) {
		return s, false
	}
	s.params = body[:len(body)-len(in)]
	if !in.ReadUint8(&h) || !in.ReadUint8(&sign) || !in.ReadUint16LengthPrefixed(&sig) || !in.Empty() {
		return s, false
	}
	s.curve, s.key, s.sig = elliptic.Curve(curve), key, sig
	s.by = signaturehash.Algorithm{Hash: hash.Algorithm(h), Signature: signature.Algorithm(sign)}
	return s, true
}

// signed is what the server signs (RFC 5246 §7.4.3).
func (s *secrets) signed(params []byte) []byte {
	return append(append(append([]byte{}, s.client...), s.server...), params...)
}

// clientShare is a ClientKeyExchange of ECDHE (RFC 8422 §5.7).
func clientShare(key []byte) []byte { return append([]byte{uint8(len(key))}, key...) }

// readClientShare reads the message.
func readClientShare(body []byte) ([]byte, bool) {
	in := cryptobyte.String(body)
	var key cryptobyte.String
	return key, in.ReadUint8LengthPrefixed(&key) && in.Empty()
}
