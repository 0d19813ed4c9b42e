package dtls

import (
	"crypto"
	_ "crypto/sha1"   // for fingerprints
	_ "crypto/sha256" // likewise
	_ "crypto/sha512" // likewise
	"fmt"
	"slices"
	"strings"
)

// A Fingerprint is the hash of a certificate, as SDP has it: "sha-256 4A:AD:…"
// (RFC 8122 §5).
type Fingerprint struct{ Hash, Value string }

func (f Fingerprint) String() string { return f.Hash + " " + f.Value }

// A hashName is a hash function by the name that SDP gives it.
type hashName struct {
	name string
	hash crypto.Hash
}

// hashNames are the functions that are understood, the best first. MD2 and MD5 must not be
// (RFC 8122 §5); SHA-1 is by old phones alone.
func hashNames() []hashName {
	return []hashName{
		{"sha-256", crypto.SHA256},
		{"sha-512", crypto.SHA512},
		{"sha-384", crypto.SHA384},
		{"sha-224", crypto.SHA224},
		{"sha-1", crypto.SHA1},
	}
}

// ParseFingerprint reads the value of a=fingerprint. known is false if it cannot be
// compared with a certificate.
func ParseFingerprint(value string) (f Fingerprint, known bool) {
	words := strings.Fields(value)
	if len(words) != 2 {
		return Fingerprint{}, false
	}
	f = Fingerprint{strings.ToLower(words[0]), strings.ToUpper(words[1])}
	for _, h := range hashNames() {
		if h.name == f.Hash {
			return f, wellFormed(f.Value, h.hash.Size())
		}
	}
	return f, false
}

// wellFormed reports whether a value is n octets in the form of RFC 8122.
func wellFormed(value string, n int) bool {
	parts := strings.Split(value, ":")
	return len(parts) == n && !slices.ContainsFunc(parts, func(p string) bool {
		return len(p) != 2 || strings.Trim(p, "0123456789ABCDEF") != ""
	})
}

func fingerprintOf(hash crypto.Hash, der []byte) Fingerprint {
	h := hash.New()
	h.Write(der)
	return Fingerprint{nameOf(hash), strings.ReplaceAll(fmt.Sprintf("% X", h.Sum(nil)), " ", ":")}
}

func nameOf(hash crypto.Hash) string {
	list := hashNames()
	return list[slices.IndexFunc(list, func(h hashName) bool { return h.hash == hash })].name
}

// match reports whether a certificate is one that the peer has named. Of several hash
// functions the best one counts, of several values of that any one (RFC 8122 §5.1).
func match(der []byte, list []Fingerprint) bool {
	for _, h := range hashNames() {
		same := slices.ContainsFunc(list, func(f Fingerprint) bool { return f.Hash == h.name })
		if same {
			return slices.Contains(list, fingerprintOf(h.hash, der))
		}
	}
	return false
}
