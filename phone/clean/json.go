package clean

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns encoded JSON with escapes for what is forbidden in its strings, so
// that it decodes to the same value. It does not modify encoded.
func JSON(encoded []byte) []byte {
	at := firstForbidden(encoded)
	if at < 0 {
		return encoded
	}
	b := append(make([]byte, 0, len(encoded)+64), encoded[:at]...)
	for rest := encoded[at:]; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r < ' ' || !Forbidden(r): // white space between the values, or text
			b = append(b, rest[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = appendEscape(appendEscape(b, high), low)
		default:
			b = append(append(b, `\u`...), hex(r, 4)...)
		}
		rest = rest[size:]
	}
	return b
}

// firstForbidden returns the index of the first character that needs an escape and
// that encoding/json leaves as it is, or -1. In ASCII, that is DEL.
func firstForbidden(encoded []byte) int {
	for i := 0; i < len(encoded); {
		if c := encoded[i]; c < utf8.RuneSelf {
			if c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(encoded[i:])
		if Forbidden(r) {
			return i
		}
		i += size
	}
	return -1
}

// MarshalJSON encodes a value as [json.Marshal] does, and cleans it.
func MarshalJSON(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return JSON(b), err
}

// WriteJSON writes a value and a newline, indented with indent. It does not escape
// <, > and &.
func WriteJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(JSON(b.Bytes()))
	return err
}
