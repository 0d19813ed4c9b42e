package webpush

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/push"
)

const (
	// maxLife is how far ahead a signature may expire (RFC 8292 §2).
	maxLife = 24 * time.Hour
	// signedFor is how long ours are good for: half of that, so that neither
	// clock needs to be right (our own number, and that of most libraries).
	signedFor = maxLife / 2
	// maxAuth bounds the header: a signature has some 300 bytes.
	maxAuth = 2048
	// scheme is that of the authorization (RFC 8292 §3).
	scheme = "vapid"
)

// A Signer signs what one application server pushes (VAPID, RFC 8292).
type Signer struct {
	Key *ecdsa.PrivateKey // on P-256
	// Contact is whom the push service may write to: a mailto: or https: URI.
	Contact string
}

// DrawSigner draws the key of an application server.
func DrawSigner(r *rand.Rand, contact string) *Signer {
	for {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), draw(r, scalarSize)); err == nil {
			return &Signer{Key: key, Contact: contact}
		}
	}
}

// Public is the public key, as subscriptions are restricted to it: a point in
// base64url.
func (s *Signer) Public() string { return publicOf(&s.Key.PublicKey) }

func publicOf(key *ecdsa.PublicKey) string {
	point, err := key.Bytes()
	if err != nil {
		return "" // of a key that no reader of ours returns
	}
	return b64.EncodeToString(point)
}

// Sign returns the authorization for a push service. The same words at the same
// time have the same signature (RFC 6979).
func (s *Signer) Sign(now time.Time, origin string) string {
	if s.Key.Curve != elliptic.P256() {
		return "" // and the push service says that nobody has signed
	}
	claims := struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub,omitempty"`
	}{origin, now.Add(signedFor).Unix(), s.Contact}
	body, _ := json.Marshal(claims) // cannot fail for strings and a number
	words := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(body)
	digest := sha256.Sum256([]byte(words))
	signature, err := s.Key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return "" // of a key that is none: the same
	}
	return fmt.Sprintf("%s t=%s.%s, k=%s", scheme, words, b64.EncodeToString(flat(signature)), s.Public())
}

// flat is a signature as JWTs have it, two numbers of a fixed size (RFC 7518
// §3.4), of one in ASN.1.
func flat(signature []byte) []byte {
	input, pair := cryptobyte.String(signature), cryptobyte.String(nil)
	var r, s big.Int
	if !input.ReadASN1(&pair, asn1.SEQUENCE) || !pair.ReadASN1Integer(&r) || !pair.ReadASN1Integer(&s) {
		return nil
	}
	out := make([]byte, 2*scalarSize)
	r.FillBytes(out[:scalarSize])
	s.FillBytes(out[scalarSize:])
	return out
}

// credentials are the two parameters of an authorization.
type credentials struct{ token, key string }

// parseCredentials reads an authorization (RFC 8292 §3; RFC 9110 §11.4).
func parseCredentials(auth string) (c credentials, err error) {
	name, params, _ := strings.Cut(auth, " ")
	if !strings.EqualFold(name, scheme) {
		return c, fmt.Errorf("the scheme is %.20q, not %s", name, scheme)
	}
	for param := range strings.SplitSeq(params, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "t":
			c.token = value
		case "k":
			c.key = value
		}
	}
	if c.token == "" || c.key == "" {
		return c, errors.New("it lacks t (the token) or k (the key)")
	}
	return c, nil
}

// ParsePublic reads the public key of an application server.
func ParsePublic(text string) (*ecdsa.PublicKey, error) {
	point, err := b64.DecodeString(strings.TrimRight(text, "=")) // padding is borne (RFC 4648 §3.2)
	if err != nil {
		return nil, errors.New("the key is not base64url")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, errors.New("the key is not a point on P-256, uncompressed")
	}
	return key, nil
}

// provider says who has signed a request, "" if nobody has.
func provider(now time.Time, r push.Request) (public string, no *push.Refusal) {
	auth := r.Get(authHeader)
	switch {
	case auth == "":
		return "", nil
	case len(auth) > maxAuth:
		return "", push.Refuse(push.InvalidProviderToken, fmt.Sprintf("more than %d bytes", maxAuth))
	}
	c, err := parseCredentials(auth)
	if err != nil {
		return "", push.Refuse(push.InvalidProviderToken, err.Error())
	}
	key, err := ParsePublic(c.key)
	if err != nil {
		return "", push.Refuse(push.InvalidProviderToken, err.Error())
	}
	if no := verify(now, key, c.token, origin(r)); no != nil {
		return "", no
	}
	return publicOf(key), nil
}

// verify checks a signature and what it is for (RFC 8292 §4.2).
func verify(now time.Time, key *ecdsa.PublicKey, token, audience string) *push.Refusal {
	var claims jwt.RegisteredClaims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithoutClaimsValidation()) // they are checked below
	if _, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return push.Refuse(push.InvalidProviderToken, err.Error())
	}
	switch {
	case len(claims.Audience) != 1 || claims.Audience[0] != audience:
		return push.Refuse(push.InvalidProviderToken, fmt.Sprintf("aud is %.80q, not %s", strings.Join(claims.Audience, " "), audience))
	case claims.ExpiresAt == nil:
		return push.Refuse(push.InvalidProviderToken, "exp is missing")
	case !now.Before(claims.ExpiresAt.Time):
		return push.Refuse(push.ExpiredProviderToken, "exp has passed")
	case claims.ExpiresAt.Sub(now) > maxLife:
		return push.Refuse(push.InvalidProviderToken, "exp is more than 24 hours ahead")
	case claims.Subject != "" && !isContact(claims.Subject):
		return push.Refuse(push.InvalidProviderToken, "sub is neither mailto: nor https:")
	}
	return nil
}

// isContact reports whether a push service could write there (RFC 8292 §2.1).
func isContact(uri string) bool {
	return strings.HasPrefix(uri, "mailto:") || strings.HasPrefix(uri, "https:")
}
