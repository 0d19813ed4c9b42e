package event

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// minSecret is the minimum length of a word that is masked wherever it stands. A
// shorter one is part of other words as well, and is masked only by its shape.
const minSecret = 6

// Secrets are words that are known to be secret. They are masked wherever they
// stand, in plain text, in base64, in hex and in the encoding of URLs. The zero
// value is an empty set.
type Secrets struct {
	words []string
	masks *strings.Replacer
}

// With returns the secrets and further words, except those that are too short and
// the default password of the lab.
func (s Secrets) With(words ...string) Secrets {
	all := slices.Clone(s.words)
	for _, w := range words {
		if len(w) >= minSecret && w != publicPassword && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	if len(all) == len(s.words) {
		return s
	}
	var pairs []string
	for _, w := range all {
		for _, form := range forms(w) {
			pairs = append(pairs, form, dots(form))
		}
	}
	return Secrets{all, strings.NewReplacer(pairs...)}
}

// Words returns the secrets.
func (s Secrets) Words() []string { return slices.Clone(s.words) }

// forms returns the ways to write a secret.
func forms(w string) []string {
	inHex := hex.EncodeToString([]byte(w))
	list := []string{w, inHex, strings.ToUpper(inHex), url.QueryEscape(w), url.PathEscape(w)}
	// In base64 its letters depend on the number of bytes before it.
	for before := range 3 {
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, before), w...))
		from := []int{0, 2, 3}[before]
		sure := (before + len(w)) * 8 / 6 // what follows has a part in the letter behind it
		list = append(list, whole[from:sure])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Mask returns a text with the secrets masked, and what [Mask] finds.
func (s Secrets) Mask(text string) string {
	text = Mask(text)
	if s.masks == nil {
		return text
	}
	return s.masks.Replace(text)
}

// event returns an event with the secrets masked; see [Masked].
func (s Secrets) event(e Event) Event {
	if s.masks == nil {
		return e
	}
	return Edit(e, func(_, text string) string { return s.masks.Replace(text) })
}
