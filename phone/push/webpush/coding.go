package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// The content coding aes128gcm (RFC 8188 §2): a header, and records, each of
// which is encrypted by itself and ends in a delimiter and padding.
const (
	saltSize  = 16
	keySize   = 16
	nonceSize = 12
	tagSize   = 16
	// minRecord is the smallest record that carries anything (RFC 8188 §2.1).
	minRecord = tagSize + 2
	// fixedHeader is the size of the header without the name of the key.
	fixedHeader = saltSize + 4 + 1
	// lastDelimiter ends the text of the last record, and delimiter that of
	// any other (RFC 8188 §2).
	lastDelimiter, delimiter = 2, 1
)

// A coded is a body in the coding, taken apart.
type coded struct {
	salt, keyID []byte
	record      int // bytes
	records     []byte
}

var errShort = errors.New("the body is shorter than the header of aes128gcm")

// parseCoded reads the header of a body.
func parseCoded(body []byte) (c coded, err error) {
	if len(body) < fixedHeader || len(body) < fixedHeader+int(body[fixedHeader-1]) {
		return c, errShort
	}
	size := binary.BigEndian.Uint32(body[saltSize:])
	if size < minRecord {
		return c, fmt.Errorf("a record of %d bytes; at least %d", size, minRecord)
	}
	end := fixedHeader + int(body[fixedHeader-1])
	c = coded{salt: body[:saltSize], keyID: body[fixedHeader:end], records: body[end:]}
	c.record = int(min(size, uint32(max(len(c.records), minRecord)))) // no record is longer than what is there
	return c, nil
}

// A codec encrypts and decrypts the records of one body.
type codec struct {
	aead  cipher.AEAD
	nonce []byte
}

// newCodec derives the keys from the input keying material (RFC 8188 §2.2, 2.3).
func newCodec(ikm, salt []byte) (codec, error) {
	prk, err := hkdf.Extract(sha256.New, ikm, salt)
	if err != nil {
		return codec{}, err
	}
	key, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: aes128gcm\x00", keySize)
	if err != nil {
		return codec{}, err
	}
	nonce, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: nonce\x00", nonceSize)
	if err != nil {
		return codec{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return codec{}, err
	}
	aead, err := cipher.NewGCM(block)
	return codec{aead, nonce}, err
}

// nonceOf is the nonce of a record (RFC 8188 §2.3).
func (c codec) nonceOf(seq int) []byte {
	nonce := append([]byte(nil), c.nonce...)
	low := binary.BigEndian.Uint64(nonce[nonceSize-8:])
	binary.BigEndian.PutUint64(nonce[nonceSize-8:], low^uint64(seq))
	return nonce
}

// decode decrypts a body.
func decode(ikm []byte, body coded) ([]byte, error) {
	c, err := newCodec(ikm, body.salt)
	if err != nil {
		return nil, err
	}
	var text []byte
	for seq, rest := 0, body.records; ; seq++ {
		record := rest[:min(body.record, len(rest))]
		rest = rest[len(record):]
		plain, err := c.aead.Open(nil, c.nonceOf(seq), record, nil)
		if err != nil {
			return nil, fmt.Errorf("record %d cannot be decrypted: it is for another key, or was changed", seq+1)
		}
		if plain, err = unpad(plain, len(rest) == 0); err != nil {
			return nil, fmt.Errorf("record %d: %w", seq+1, err)
		}
		if text = append(text, plain...); len(rest) == 0 {
			return text, nil
		}
	}
}

// unpad takes padding and delimiter from the text of a record.
func unpad(plain []byte, last bool) ([]byte, error) {
	end := len(plain)
	for end > 0 && plain[end-1] == 0 {
		end--
	}
	switch {
	case end == 0:
		return nil, errors.New("it has no delimiter")
	case last && plain[end-1] != lastDelimiter, !last && plain[end-1] != delimiter:
		return nil, errors.New("its delimiter is wrong: the body was cut, or joined")
	}
	return plain[:end-1], nil
}

// encode encrypts a text that fits into one record, as Web Push wants it (RFC
// 8291 §4).
func encode(ikm, salt, keyID, text []byte) ([]byte, error) {
	c, err := newCodec(ikm, salt)
	if err != nil {
		return nil, err
	}
	body := binary.BigEndian.AppendUint32(append([]byte(nil), salt...), MaxBody)
	body = append(append(body, byte(len(keyID))), keyID...)
	plain := append(append([]byte(nil), text...), lastDelimiter)
	return c.aead.Seal(body, c.nonceOf(0), plain, nil), nil
}
