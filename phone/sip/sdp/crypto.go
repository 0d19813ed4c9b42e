package sdp

import (
	"encoding/base64"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Limits on the a=crypto lines of a peer (our own numbers, but for the MKI's).
const (
	maxCrypto   = 16  // lines of a section that are read: there are 20 suites in all
	maxMKI      = 128 // octets (RFC 4568 §9.1)
	maxTag      = 999999999
	namesCrypto = 4 // lines that an error names
)

// A crypto is an a=crypto line (RFC 4568 §9.1).
type crypto struct {
	word  string // its tag, as it is written
	tag   int
	suite Suite
	key   Key
	mki   string
	wrong string // why it cannot be taken; "" if it can
}

// crypto reads the a=crypto lines of a section.
func (d *description) crypto(m *section) (list []crypto) {
	for _, a := range m.attributes {
		if a.key != cryptoLine {
			continue
		}
		if len(list) == maxCrypto {
			d.faults.add("it has more a=crypto lines than are read")
			break
		}
		c := d.readCrypto(a.value)
		if slices.ContainsFunc(list, func(other crypto) bool { return c.tag > 0 && other.tag == c.tag }) {
			d.faults.add("two a=crypto lines have the same tag; the first counts")
			continue
		}
		list = append(list, c)
	}
	return list
}

// readCrypto reads "1 AES_CM_128_HMAC_SHA1_80 inline:… [parameters]".
func (d *description) readCrypto(value string) crypto {
	f := strings.Fields(value)
	c := crypto{word: word(f, 0), suite: Suite(strings.ToUpper(word(f, 1)))}
	tag, err := strconv.ParseUint(c.word, 10, 32)
	_, salt := c.suite.sizes()
	switch {
	case len(f) < 3:
		c.wrong = "it has too few words"
	case err != nil || tag == 0 || tag > maxTag:
		c.wrong = "its tag is not a number from 1 to 999999999"
	case salt == 0:
		c.wrong = c.suite.known() + " is not spoken"
	default:
		c.tag = int(tag)
		if c.wrong = parameters(f[3:]); c.wrong == "" {
			c.wrong = d.inline(&c, f[2])
		}
	}
	if c.tag > 0 && (string(c.suite) != f[1] || c.word != strconv.Itoa(c.tag)) {
		d.faults.add("an a=crypto is written in other letters or digits than RFC 4568 has it")
	}
	return c
}

// inline reads "inline:KEY[|LIFETIME][|MKI:LENGTH]" (RFC 4568 §6.1), and returns what is
// wrong. How long a key may be used is up to the peer, which uses it.
func (d *description) inline(c *crypto, text string) string {
	method, rest, _ := strings.Cut(text, ":")
	if !strings.EqualFold(method, "inline") {
		return "its key is not inline"
	}
	if strings.Contains(rest, ";") {
		return "it has more than one key"
	}
	parts := strings.Split(rest, "|")
	octets, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	key, salt := c.suite.sizes()
	switch {
	case err != nil:
		return "its key is not Base64"
	case len(octets) != key+salt:
		return "its key has " + strconv.Itoa(len(octets)) + " octets, and " + string(c.suite) + " needs " + strconv.Itoa(key+salt)
	}
	c.key = Key{string(octets)}
	for i, part := range parts[1:] {
		isMKI := strings.Contains(part, ":")
		switch {
		case i == 2, i == 1 && (!isMKI || c.mki != ""):
			d.faults.add("an a=crypto has more behind its key than a lifetime and an MKI, in that order")
		case !isMKI && !isLifetime(part):
			d.faults.add("an a=crypto has a lifetime that is no number of packets")
		}
		if !isMKI || c.mki != "" {
			continue // of two MKIs the first counts
		}
		if c.mki = readMKI(part); c.mki == "" {
			return "its MKI is not a number with a length that it fits"
		}
	}
	return ""
}

// isLifetime reports whether a word is a number of packets: 2^20, or in full.
func isLifetime(text string) bool {
	power, isPower := strings.CutPrefix(text, "2^")
	n, err := strconv.ParseUint(power, 10, 64)
	if isPower {
		return err == nil && n <= 48 // RFC 3711 §9.2
	}
	return err == nil && n > 0 && n <= 1<<48
}

// readMKI reads "1:4": a number, and in how many octets it stands in a packet.
func readMKI(text string) string {
	number, length, _ := strings.Cut(text, ":")
	size, err := strconv.ParseUint(length, 10, 8)
	n, ok := new(big.Int), digits(number) && len(number) <= 3*maxMKI
	if ok {
		n, ok = n.SetString(number, 10)
	}
	if !ok || err != nil || size == 0 || size > maxMKI || n.BitLen() > 8*int(size) {
		return ""
	}
	return string(n.FillBytes(make([]byte, size)))
}

// parameters returns what is wrong with the parameters of a session (RFC 4568 §6.3). One
// that begins with a minus may be ignored (§9.1); WSH is a hint.
func parameters(list []string) string {
	for _, p := range list {
		name, value, _ := strings.Cut(p, "=")
		switch {
		case strings.HasPrefix(p, "-"), strings.EqualFold(name, "WSH"):
		case strings.EqualFold(name, "KDR") && value == "0":
		default:
			return "it wants " + knownOf(strings.ToUpper(name), "a parameter that is not known", sessionParameters[:])
		}
	}
	return ""
}

// sessionParameters are the names of those that a peer may insist on (RFC 4568 §6.3).
var sessionParameters = [...]string{"KDR", "UNENCRYPTED_SRTCP", "UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP", "FEC_ORDER", "FEC_KEY"}

// unspoken are the suites of RFC 4568 §6.2, RFC 5669 §4.1 and RFC 6188 §4.2 that are not
// spoken.
var unspoken = [...]string{
	"F8_128_HMAC_SHA1_80", "SEED_CTR_128_HMAC_SHA1_80", "SEED_128_CCM_80", "SEED_128_GCM_96",
	"AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
}

// known is the name of a suite, for an error.
func (s Suite) known() string { return knownOf(string(s), "its suite", unspoken[:]) }

// knownOf returns a word of an a=crypto line only if it is a known one: any other might be
// the key, in the wrong place, and what is wrong goes out in a Warning.
func knownOf(text, otherwise string, known []string) string {
	if slices.Contains(known, text) {
		return text
	}
	return otherwise
}

// named is the tag of a line, for an error.
func (c crypto) named() string {
	if n, err := strconv.ParseUint(c.word, 10, 32); err == nil && n <= maxTag {
		return "the tag " + strconv.FormatUint(n, 10)
	}
	return "a tag that is no number"
}

// refusedCrypto says why none of the lines can be taken, for an error: of the first ones.
func refusedCrypto(list []crypto) string {
	if len(list) == 0 {
		return "there is no a=crypto"
	}
	var why []string
	for i, c := range list {
		if i == namesCrypto {
			why = append(why, "…")
			break
		}
		why = append(why, "a=crypto line "+strconv.Itoa(i+1)+": "+c.wrong)
	}
	if len(list) == maxCrypto {
		why = append(why, "no more than "+strconv.Itoa(maxCrypto)+" are read")
	}
	return strings.Join(why, ", ")
}
