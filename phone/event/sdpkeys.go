package event

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
)

// inOneLine matches the rest of a line. It may stand in another text, where its end is
// escaped.
const inOneLine = `((?:[^\r\n\\]|\\[^rn])*)`

// cryptoLine finds the lines a=crypto (RFC 4568 §9.1), also those that offer it as a
// capability (RFC 5939 §3.3.1), and in the letters of quoted-printable.
var cryptoLine = secretIn(`(?im)(?:^[ \t]*a[ \t]*=[ \t]*crypto\b|\ba[ \t]*=(?:3D)?[ \t]*crypto[ \t]*:|\bacap[ \t]*:[ \t]*\w*[ \t]*crypto[ \t]*:)`+inOneLine, cryptoValue)

// mikeyLine finds the lines a=key-mgmt (RFC 4567 §3). The name of the protocol is kept.
var mikeyLine = secretIn(`(?i)\bkey-mgmt[ \t]*:[ \t]*(?:mikey\b)?`+inOneLine, cryptoWords)

// cryptoWord matches the words of an a=crypto line that are not secret: its tag, the name
// of a suite, and parameters of the session (RFC 4568 §9.1). A key has no underscores.
var cryptoWord = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\A(?:[0-9]{1,10}|[a-z0-9]{1,8}(?:_[a-z0-9]{1,8})+|inline|(?:KDR|WSH)=[0-9]{1,10}|UN(?:ENCRYPTED|AUTHENTICATED)_SRTC?P|FEC_ORDER=(?:FEC_SRTP|SRTP_FEC))\z`)
})

// cryptoPart matches what may stand beside a key: the method, how long it may be used, and
// its number with its length in octets.
var cryptoPart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\A(?:;?inline:|\|[0-9]{1,10}:[0-9]{1,3}|\|(?:2\^)?[0-9]{1,15})`)
})

// cryptoValue masks a line a=crypto, wherever its key stands, as peers do not always put it
// where the standard has it: all words but those that are known.
func cryptoValue(text string) string {
	return eachWord(text, func(word string) string {
		if cryptoWord().MatchString(strings.TrimLeft(word, ":=")) {
			return word
		}
		return besideKey(word)
	})
}

// cryptoWords masks all words.
func cryptoWords(text string) string { return eachWord(text, keyLetters) }

// besideKey masks a word with a key, and keeps the parts beside it that are known.
func besideKey(word string) string {
	var b strings.Builder
	for word != "" {
		n := len(cryptoPart().FindString(word))
		if after := word[n:]; n > 0 && (after == "" || word[0] != '|' || strings.ContainsAny(after[:1], "|;")) {
			b.WriteString(word[:n])
			word = after
			continue
		}
		next := 1 + strings.IndexAny(word[1:], "|;")
		if next == 0 {
			next = len(word)
		}
		b.WriteString(keyLetters(word[:next]))
		word = word[next:]
	}
	return b.String()
}

// eachWord replaces the words of a text.
func eachWord(text string, mask func(string) string) string {
	var b strings.Builder
	for text != "" {
		n := strings.IndexAny(text, " \t")
		if n < 0 {
			n = len(text)
		}
		b.WriteString(mask(text[:n]))
		text = text[n:]
		blank := len(text) - len(strings.TrimLeft(text, " \t"))
		b.WriteString(text[:blank])
		text = text[blank:]
	}
	return b.String()
}

// keyLetters replaces a key by crosses, but keeps the signs that no key in Base64 has, by
// which a reader sees what is wrong with it.
func keyLetters(text string) string {
	b := []byte(text)
	for i, c := range b {
		if !strings.ContainsRune(`|;:"'\<>`, rune(c)) {
			b[i] = 'x'
		}
	}
	return string(b)
}

// encodedPart finds a body in Base64 (RFC 2045 §6.8) behind its header, which is one of SIP
// or of a part.
var encodedPart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\bcontent-transfer-encoding[ \t]*:[ \t]*base64\b[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n([a-z0-9+/=\s]+)`)
})

// maskEncoded masks what stands in Base64.
func maskEncoded(text string) string { return maskGroups(encodedPart(), text, encoded) }

// encoded masks the secrets of a text in Base64. The mask of a text is as long as it is, so
// that its letters fall into the same places.
func encoded(text string) string {
	letters := strings.Join(strings.Fields(text), "")
	letters = letters[:len(letters)/4*4]
	if pad := strings.IndexByte(letters, '='); pad >= 0 {
		letters = letters[:min(len(letters), (pad+3)/4*4)]
	}
	plain, err := base64.StdEncoding.DecodeString(letters)
	if err != nil {
		return text
	}
	masked := Mask(string(plain))
	if masked == string(plain) {
		return text
	}
	letters = base64.StdEncoding.EncodeToString([]byte(masked))
	b := []byte(text)
	for i, c := range b {
		if letters != "" && !strings.ContainsRune(" \t\r\n\v\f", rune(c)) {
			b[i], letters = letters[0], letters[1:]
		}
	}
	return string(b)
}
