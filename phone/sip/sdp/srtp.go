package sdp

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
)

// A Policy says which audio is protected by SRTP. An offer that has keys is taken under
// each of them but Off.
type Policy uint8

// The policies.
const (
	Accept    Policy = iota // our offers are plain
	Off                     // all audio is plain
	Optional                // our offers are plain, with keys for those who have SRTP
	Preferred               // our offers are of SRTP alone, and it is taken first of those of others
	Required                // all audio is protected
)

var policyNames = [...]string{"accept", "off", "optional", "preferred", "required"}

func (p Policy) String() string { return policyNames[p] }

// Policies lists the names of the policies.
func Policies() []string { return policyNames[:] }

// ParsePolicy finds a policy by its name.
func ParsePolicy(name string) (Policy, error) {
	for i, n := range policyNames {
		if n == name {
			return Policy(i), nil
		}
	}
	return 0, fmt.Errorf("%q is none of %s", name, strings.Join(policyNames[:], ", "))
}

// A Suite is a way to protect packets, by its name in a=crypto.
type Suite string

// The suites that are spoken.
const (
	AES128SHA80 Suite = srtp.AES128SHA80
	AES128SHA32 Suite = srtp.AES128SHA32
	GCM128      Suite = srtp.GCM128
	GCM256      Suite = srtp.GCM256
	AES256SHA80 Suite = srtp.AES256SHA80
	AES256SHA32 Suite = srtp.AES256SHA32
)

// suites have the lengths of the master key and its salt, in octets. The place of a suite
// is the tag that our offers give to it, and the first ones are offered: every phone with
// SRTP has the first.
var suites = [...]struct {
	suite     Suite
	key, salt int
}{
	{AES128SHA80, 16, 14},
	{AES128SHA32, 16, 14},
	{GCM128, 16, 12},
	{GCM256, 32, 12},
	{AES256SHA80, 32, 14},
	{AES256SHA32, 32, 14},
}

// offeredSuites is how many of them are in our offers, which are to fit a datagram.
const offeredSuites = 4

// sizes are the lengths of a suite's master key and salt in octets; 0: it is not spoken.
func (s Suite) sizes() (key, salt int) {
	for _, known := range suites {
		if known.suite == s {
			return known.key, known.salt
		}
	}
	return 0, 0
}

// A Key is a master key with its salt behind it. It does not show where it is printed.
type Key struct{ octets string }

// KeyOf makes a key.
func KeyOf(master, salt []byte) Key { return Key{string(master) + string(salt)} }

// Parts are the master key and the salt, for a suite.
func (k Key) Parts(s Suite) (master, salt []byte) {
	n, _ := s.sizes()
	n = min(n, len(k.octets))
	return []byte(k.octets[:n]), []byte(k.octets[n:])
}

func (k Key) String() string   { return "(key)" }
func (k Key) GoString() string { return "(key)" }

// An SRTP says how the packets of a stream are protected (RFC 3711); the zero one, that
// they are not.
type SRTP struct {
	By    Keying
	Suite Suite
	// Out is our key and In that of the peer. Until they are there nothing is sent, and
	// nothing can be opened.
	Out, In Key
	// MKI is what the peer's packets have behind them to name its key.
	MKI string
	// Tag is the number of the a=crypto line that was agreed on.
	Tag int
}

func (s SRTP) String() string {
	if s.By == Plain {
		return ""
	}
	return strings.TrimSpace(s.By.String() + " " + string(s.Suite))
}

// A Keyring has our keys of one call: one for each suite, drawn when it is first wanted.
// The one in use stays what it is, so that a call that is held and taken back goes on with
// its streams (RFC 4568 §7.1.4). One that was in use, and is no longer, is not used again:
// its counters would begin anew, and the same keystream would protect other packets (RFC
// 3711 §9.1, RFC 7714 §8).
type Keyring struct {
	random func([]byte)
	keys   map[Suite]Key
	used   map[Suite]bool // a call was agreed on with the key
	ids    map[string]string
}

// NewKeyring returns a keyring whose keys are drawn by random.
func NewKeyring(random func([]byte)) *Keyring {
	return &Keyring{random, map[Suite]Key{}, map[Suite]bool{}, map[string]string{}}
}

// renew forgets the keys that were in use, but for the one that is.
func (r *Keyring) renew(now SRTP) {
	for s := range r.used {
		if now.By != SDES || now.Suite != s {
			delete(r.keys, s)
			delete(r.used, s)
		}
	}
	if now.By == SDES {
		r.used[now.Suite] = true
	}
}

func (r *Keyring) key(s Suite) Key {
	k, ok := r.keys[s]
	if !ok {
		master, salt := s.sizes()
		b := make([]byte, master+salt)
		r.random(b)
		k = Key{string(b)}
		r.keys[s] = k
	}
	return k
}

// offers is what our offer has for its transport, and whether it has keys: the same as
// agreed before, if anything was.
func (l Local) offers() (transport string, keys bool) {
	if l.before.Proto != "" {
		return l.before.Proto, l.before.SRTP.By == SDES && l.Keys != nil
	}
	switch {
	case l.offersHandshake() && l.SRTP == Optional: // as RFC 8643 §3 has it
		return avp, false
	case l.offersHandshake():
		return dtlsSavp, false
	case l.Keys == nil:
	case l.SRTP == Optional:
		return avp, true
	case l.SRTP == Preferred, l.SRTP == Required:
		return savp, true
	}
	return avp, false
}

// offeredCrypto lists the a=crypto lines of our offer. The suite that is agreed comes
// first: a hold is no reason for another.
func (l Local) offeredCrypto() (list []crypto) {
	for i, known := range suites {
		c := crypto{tag: i + 1, suite: known.suite, key: l.Keys.key(known.suite)}
		switch {
		case known.suite == l.before.SRTP.Suite:
			list = append([]crypto{c}, list...)
		case i < offeredSuites:
			list = append(list, c)
		}
	}
	return list
}

// protect finds how the packets of an offered stream are to be protected.
func (l Local) protect(s stream) (SRTP, error) {
	off := l.SRTP == Off || l.Keys == nil
	switch {
	case s.transport.keys == DTLS && (off || l.Fingerprint == nil):
		return SRTP{}, refuse(warnTransport, "the transport is %s, and SRTP is off", s.transport.name)
	case s.transport.keys == DTLS && s.shake.prints == "":
		return SRTP{}, refuse(warnMisc, "the transport is %s without a fingerprint that can be taken: %s", s.transport.name, cmp.Or(s.shake.wrong, "there is none"))
	case s.transport.keys == DTLS:
		return SRTP{By: DTLS}, nil
	case s.transport.keys == SDES && off:
		return SRTP{}, refuse(warnTransport, "the transport is %s, and SRTP is off", quote(s.transport.name))
	case off:
		return SRTP{}, nil
	}
	for _, c := range s.crypto {
		if c.wrong == "" {
			return SRTP{By: SDES, Suite: c.suite, In: c.key, MKI: c.mki, Tag: c.tag}, nil
		}
	}
	switch {
	case s.shake.prints != "" && l.Fingerprint != nil: // RFC 8643 §3.1; and RTP/SAVPF was WebRTC's before RFC 5764
		return SRTP{By: DTLS}, nil
	case s.transport.keys == SDES:
		return SRTP{}, refuse(warnMisc, "the transport is %s without keys that can be taken: %s", s.transport.name, refusedCrypto(s.crypto))
	case l.SRTP == Required:
		return SRTP{}, refuse(warnTransport, "the transport is %s without keys, and SRTP is required", s.transport.name)
	}
	return SRTP{}, nil
}

// protected finds how the packets of an answered stream are protected. The answer has
// one of the a=crypto lines of the offer (RFC 4568 §5.1.3).
func (l Local) protected(d *description, s stream) (SRTP, error) {
	offered, keys := l.offers()
	if offered != s.transport.name {
		if withoutFeedback(offered) != withoutFeedback(s.transport.name) {
			return SRTP{}, refuse(warnTransport, "the offer's transport is %s, and the answer's %s", offered, s.transport.name)
		}
		d.faults.add("the answer has another transport than the offer")
	}
	if l.offersHandshake() {
		return l.protectedByHandshake(s)
	}
	switch {
	case !keys && len(s.crypto) > 0:
		d.faults.add("the answer has an a=crypto, and the offer has none")
		return SRTP{}, nil
	case !keys:
		return SRTP{}, nil
	case len(s.crypto) == 0 && s.transport.keys == Plain && l.SRTP != Required:
		return SRTP{}, nil
	case len(s.crypto) == 0:
		return SRTP{}, refuse(warnMisc, "the answer has no a=crypto")
	case len(s.crypto) > 1:
		d.faults.add("the answer has more than one a=crypto")
	}
	c := s.crypto[0]
	for _, ours := range l.offeredCrypto() {
		switch {
		case ours.tag != c.tag:
		case c.wrong != "":
			return SRTP{}, refuse(warnMisc, "the a=crypto of the answer cannot be taken: %s", c.wrong)
		case ours.suite != c.suite:
			return SRTP{}, refuse(warnMisc, "the a=crypto of the answer has the tag %d and the suite %s; the offer has %s there", c.tag, c.suite, ours.suite)
		default:
			if ours.key == c.key {
				d.faults.add("the a=crypto of the answer has our own key")
			}
			l.Keys.used[c.suite] = true
			return SRTP{By: SDES, Suite: c.suite, Out: ours.key, In: c.key, MKI: c.mki, Tag: c.tag}, nil
		}
	}
	return SRTP{}, refuse(warnMisc, "the a=crypto of the answer has %s, which the offer has not", c.named())
}

// protectedByHandshake is the same where our offer has a fingerprint.
func (l Local) protectedByHandshake(s stream) (SRTP, error) {
	switch {
	case s.shake.prints != "":
		return SRTP{By: DTLS}, nil
	case s.transport.keys == Plain && l.SRTP != Required && l.before.Proto == "":
		return SRTP{}, nil
	}
	return SRTP{}, refuse(warnMisc, "the answer has no fingerprint that can be taken: %s", cmp.Or(s.shake.wrong, "there is none"))
}

// line is the value of an a=crypto line of ours.
func (c crypto) line() string {
	return strconv.Itoa(c.tag) + " " + string(c.suite) + " inline:" + base64.StdEncoding.EncodeToString([]byte(c.key.octets))
}
