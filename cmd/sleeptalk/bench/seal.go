package bench

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/pion/srtp/v3"
)

// The suite of the calls with SRTP is the one that everybody has (RFC 4568 §6.2.1): its key
// has 16 octets, and its salt 14.
const (
	suite      = "AES_CM_128_HMAC_SHA1_80"
	profile    = srtp.ProtectionProfileAes128CmHmacSha1_80
	keyLength  = 16
	saltLength = 14
)

// ownKey is ours. It protects a tone on loopback.
const ownKey = "sleeptalk bench: key and salt."

// sealedOffer asks for SRTP, with keys in the SDP, in place of plain RTP.
func sealedOffer(plain string) string {
	return strings.Replace(plain, "RTP/AVP", "RTP/SAVP", 1) +
		"a=crypto:1 " + suite + " inline:" + base64.StdEncoding.EncodeToString([]byte(ownKey)) + "\r\n"
}

// A seal opens what a phone sends, and seals what it is sent.
type seal struct{ in, out *srtp.Context }

// newSeal takes the phone's key out of its answer.
func newSeal(answer []byte) (*seal, error) {
	_, rest, ok := strings.Cut(string(answer), " "+suite+" inline:")
	if !ok {
		return nil, errors.New("the answer has no key of " + suite)
	}
	text, _, _ := strings.Cut(strings.Fields(rest)[0], "|") // what may follow is the key's life
	key, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(key) != keyLength+saltLength {
		err = fmt.Errorf("it has %d octets", len(key))
	}
	if err != nil {
		return nil, fmt.Errorf("the key in the answer: %w", err)
	}
	in, err := context128(key)
	if err != nil {
		return nil, err
	}
	out, err := context128([]byte(ownKey))
	return &seal{in, out}, err
}

func context128(key []byte) (*srtp.Context, error) {
	return srtp.CreateContext(key[:keyLength], key[keyLength:], profile)
}

// seal has the echo open what comes and seal it again.
func (e *echo) seal(answer []byte) error {
	s, err := newSeal(answer)
	if err == nil {
		e.seals.Store(s)
	}
	return err
}

// back is the packet to send back, from another source: nil if there is none.
func (s *seal) back(packet []byte) []byte {
	plain, err := s.in.DecryptRTP(nil, packet, nil)
	if err != nil {
		return nil // no packet of the call
	}
	plain[ssrc] ^= 0xff
	out, err := s.out.EncryptRTP(nil, plain, nil)
	if err != nil {
		return nil
	}
	return out
}
