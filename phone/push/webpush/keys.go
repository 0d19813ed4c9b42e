package webpush

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
)

const (
	// authSize is that of the authentication secret (RFC 8291 §3.2).
	authSize = 16
	// pointSize is that of a point on P-256, uncompressed.
	pointSize  = 65
	scalarSize = 32
	// MaxText is the longest text that fits into a message: the header, the
	// delimiter and the tag need room, too (RFC 8291 §4).
	MaxText = MaxBody - fixedHeader - pointSize - 1 - tagSize
)

// b64 is how all of Web Push writes bytes: without padding.
var b64 = base64.RawURLEncoding

// Keys are what a subscription is encrypted to: the phone keeps them, and tells
// its server the public half and the secret (p256dh and auth of the Push API).
type Keys struct {
	private *ecdh.PrivateKey
	auth    []byte
}

// NewKeys draws the keys of a subscription.
func NewKeys(r *rand.Rand) *Keys {
	return &Keys{private: drawKey(r), auth: draw(r, authSize)}
}

// P256DH is the public key, in base64url.
func (k *Keys) P256DH() string { return b64.EncodeToString(k.private.PublicKey().Bytes()) }

// Auth is the authentication secret, in base64url.
func (k *Keys) Auth() string { return b64.EncodeToString(k.auth) }

// Decrypt reads a message (RFC 8291 §3.4).
func (k *Keys) Decrypt(body []byte) ([]byte, error) {
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%d bytes; at most %d", len(body), MaxBody)
	}
	c, err := parseCoded(body)
	if err != nil {
		return nil, err
	}
	if len(c.records) > c.record {
		return nil, errors.New("more than one record") // RFC 8291 §4
	}
	sender, err := ecdh.P256().NewPublicKey(c.keyID)
	if err != nil {
		return nil, errors.New("the sender's key is not a point on P-256")
	}
	shared, err := k.private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	ikm, err := keying(shared, k.auth, k.private.PublicKey().Bytes(), c.keyID)
	if err != nil {
		return nil, err
	}
	return decode(ikm, c)
}

// keying mixes what both ends know (RFC 8291 §3.3).
func keying(shared, auth, phone, sender []byte) ([]byte, error) {
	info := append(append([]byte("WebPush: info\x00"), phone...), sender...)
	return hkdf.Key(sha256.New, shared, auth, string(info), sha256.Size)
}

// Encrypt writes a message for the keys of a subscription, p256dh and auth. It
// draws a key and a salt for this one message.
func Encrypt(r *rand.Rand, p256dh, auth string, text []byte) ([]byte, error) {
	return encrypt(drawKey(r), draw(r, saltSize), p256dh, auth, text)
}

func encrypt(own *ecdh.PrivateKey, salt []byte, p256dh, auth string, text []byte) ([]byte, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("%d bytes; at most %d fit into a message", len(text), MaxText)
	}
	point, err := b64.DecodeString(p256dh)
	if err != nil {
		return nil, fmt.Errorf("p256dh: %w", err)
	}
	phone, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, fmt.Errorf("p256dh: %w", err)
	}
	secret, err := b64.DecodeString(auth)
	if err != nil || len(secret) != authSize {
		return nil, fmt.Errorf("auth: it is not %d bytes in base64url", authSize)
	}
	shared, err := own.ECDH(phone)
	if err != nil {
		return nil, err
	}
	sender := own.PublicKey().Bytes()
	ikm, err := keying(shared, secret, point, sender)
	if err != nil {
		return nil, err
	}
	return encode(ikm, salt, sender, text)
}

// draw draws bytes.
func draw(r *rand.Rand, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

// drawKey draws a key for ECDH. One in 2^32 draws is no key, and another is
// taken.
func drawKey(r *rand.Rand) *ecdh.PrivateKey {
	for {
		if key, err := ecdh.P256().NewPrivateKey(draw(r, scalarSize)); err == nil {
			return key
		}
	}
}
