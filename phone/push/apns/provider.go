package apns

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

const (
	// tokenLife is how old a provider token may be, and tokenUpdate the
	// least time between two tokens (Apple: "no more than once every 20
	// minutes and no less than once every 60 minutes").
	tokenLife   = time.Hour
	tokenUpdate = 20 * time.Minute
	// skew is how far ahead a provider's clock may be: our own number.
	skew = time.Minute
	// maxAuth bounds the header: a provider token has some 200 bytes.
	maxAuth = 2048
)

// A Key is the public half of a provider's signing key, with Apple's
// identifiers for it. An empty identifier is not checked.
type Key struct {
	ID, Team string
	Public   *ecdsa.PublicKey
}

// provider authenticates the sender of the push: by provider token, or by
// certificate.
func (a *API) provider(now time.Time, r push.Request, _ *system.Push) *push.Refusal {
	auth := r.Get(authHeader)
	switch {
	case a.Open():
		return nil
	case auth != "" && a.cfg.Key != nil:
		return a.token(now, auth)
	case r.Certificate != nil && a.cfg.Roots != nil:
		return a.certificate(now, r.Certificate)
	case r.Certificate != nil && auth == "":
		return push.Refuse(push.BadCertificate, "this service takes provider tokens")
	case auth != "":
		return push.Refuse(push.InvalidProviderToken, "this service takes certificates")
	}
	return push.Refuse(push.MissingProviderToken, "")
}

// token checks a provider token (Apple, Establishing a token-based connection
// to APNs).
func (a *API) token(now time.Time, auth string) *push.Refusal {
	scheme, signed, _ := strings.Cut(auth, " ")
	if !strings.EqualFold(scheme, "bearer") || signed == "" {
		return push.Refuse(push.MissingProviderToken, "the authorization is not a bearer token")
	}
	if len(auth) > maxAuth {
		return push.Refuse(push.InvalidProviderToken, fmt.Sprintf("more than %d bytes", maxAuth))
	}
	// A provider uses its token for many pushes: the signature is verified
	// once.
	if i := slices.IndexFunc(a.tokens, func(t providerToken) bool { return t.signed == signed }); i >= 0 {
		return tooOld(now, a.tokens[i].issued)
	}
	issued, no := a.verify(now, signed)
	if no != nil {
		return no
	}
	return a.update(now, providerToken{signed, issued})
}

// verify checks a provider token's signature and claims, and returns when it
// was issued.
func (a *API) verify(now time.Time, signed string) (issued time.Time, no *push.Refusal) {
	var claims jwt.RegisteredClaims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithoutClaimsValidation()) // the claims' times are checked below
	token, err := parser.ParseWithClaims(signed, &claims, func(*jwt.Token) (any, error) { return a.cfg.Key.Public, nil })
	if err != nil {
		return issued, push.Refuse(push.InvalidProviderToken, err.Error())
	}
	kid, _ := token.Header["kid"].(string)
	switch key := a.cfg.Key; {
	case kid == "" || key.ID != "" && kid != key.ID:
		return issued, push.Refuse(push.InvalidProviderToken, "kid is not the key's")
	case claims.Issuer == "" || key.Team != "" && claims.Issuer != key.Team:
		return issued, push.Refuse(push.InvalidProviderToken, "iss is not the key's team")
	case claims.IssuedAt == nil || claims.IssuedAt.After(now.Add(skew)):
		return issued, push.Refuse(push.InvalidProviderToken, "iat is missing, or in the future")
	}
	return claims.IssuedAt.Time, tooOld(now, claims.IssuedAt.Time)
}

func tooOld(now, issued time.Time) *push.Refusal {
	if now.Sub(issued) > tokenLife {
		return push.Refuse(push.ExpiredProviderToken, "")
	}
	return nil
}

// A providerToken is a verified token.
type providerToken struct {
	signed string
	issued time.Time
}

// update refuses a provider that makes a new token for each push. Tokens are
// distinguished by their time: two from the same second count as one.
func (a *API) update(now time.Time, token providerToken) *push.Refusal {
	a.tokens = slices.DeleteFunc(a.tokens, func(t providerToken) bool { return now.Sub(t.issued) > tokenLife })
	for i, t := range a.tokens {
		if t.issued.Equal(token.issued) {
			a.tokens[i] = token
			return nil
		}
		if token.issued.Sub(t.issued).Abs() < tokenUpdate {
			return push.Refuse(push.TooManyProviderTokenUpdates, "the previous token is less than 20 minutes older")
		}
	}
	a.tokens = append(a.tokens, token)
	return nil
}

// The parts of a provider's certificate from Apple (Apple, Certification
// Practice Statement for Worldwide Developer Relations, §4.11): extensions for
// the development environment and for production, and the app, as user ID of
// the subject.
var (
	forDevelopment = asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 3, 1}
	forProduction  = asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 3, 2}
	userID         = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
)

// certificate checks a provider's certificate. One that names no environment is
// for both.
func (a *API) certificate(now time.Time, c *x509.Certificate) *push.Refusal {
	_, err := c.Verify(x509.VerifyOptions{Roots: a.cfg.Roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return push.Refuse(push.BadCertificate, err.Error())
	}
	development, production := extends(c, forDevelopment), extends(c, forProduction)
	if development != production && development != a.cfg.Sandbox {
		return push.Refuse(push.BadCertificateEnvironment, "")
	}
	return nil
}

func extends(c *x509.Certificate, id asn1.ObjectIdentifier) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return true
		}
	}
	return false
}

// certified returns the app of the provider's certificate, "" without one: it
// is the topic of a push that names none.
func (a *API) certified(r push.Request) string {
	if r.Certificate == nil || a.cfg.Roots == nil || r.Get(authHeader) != "" {
		return ""
	}
	for _, name := range r.Certificate.Subject.Names {
		if id, ok := name.Value.(string); ok && name.Type.Equal(userID) {
			return id
		}
	}
	return ""
}

// mayPushTo reports whether the provider may push to a topic: it must be among
// the configured ones, and with a certificate among the topics of its app.
func (a *API) mayPushTo(r push.Request, topic string) bool {
	if app := a.certified(r); app != "" && topic != app && !strings.HasPrefix(topic, app+".") {
		return false
	}
	return len(a.cfg.Topics) == 0 || slices.Contains(a.cfg.Topics, topic)
}

// ParseKey reads the public key of a provider, from a PEM file with the public
// key, or from a .p8 file with the private key.
func ParseKey(pem []byte) (*ecdsa.PublicKey, error) {
	if public, err := jwt.ParseECPublicKeyFromPEM(pem); err == nil {
		return public, onCurve(public)
	}
	private, err := ParsePrivateKey(pem)
	if err != nil {
		return nil, err
	}
	return &private.PublicKey, nil
}

// ParsePrivateKey reads a .p8 file: a PEM block with a key for ES256 (Apple,
// Establishing a token-based connection to APNs).
func ParsePrivateKey(pem []byte) (*ecdsa.PrivateKey, error) {
	private, err := jwt.ParseECPrivateKeyFromPEM(pem)
	if err != nil {
		return nil, errors.New("not a PEM file with a key for ES256, such as Apple's .p8 files")
	}
	return private, onCurve(&private.PublicKey)
}

func onCurve(key *ecdsa.PublicKey) error {
	if key.Curve != elliptic.P256() {
		return fmt.Errorf("the key is on the curve %s; ES256 takes P-256", key.Params().Name)
	}
	return nil
}
