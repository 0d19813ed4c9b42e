package control

import (
	"bytes"
	"cmp"
	"strings"
)

// A Namer names what arrives on the control connection, for the log of what
// woke the program.
type Namer interface {
	// NameFrame names the frame that data begins with: by its method, its
	// status, its element or its word. A read may end anywhere, and may hold
	// anything; what has no name is [Unnamed]. Whether the frame is well-formed
	// is not looked at, and nothing is remembered.
	NameFrame(data []byte) string
}

// Unnamed is the name of data that is not known to begin a frame.
const Unnamed = "data"

// maxNamed bounds the beginning that a name is read from, in bytes (our own
// number: a request line may be longer, its method is not).
const maxNamed = 256

// maxName bounds a method or an element name, in bytes (our own number).
const maxName = 32

// NameLine names data of a protocol of text: by its first line that is not
// empty, or, if there is none, as the keepalive that it then is (RFC 5626
// §3.5.1). name returns "" for a line that it does not know.
func NameLine(data []byte, name func(line string) string) string {
	data = data[:min(len(data), maxNamed)]
	text := bytes.TrimLeft(data, "\r\n")
	switch blank := len(data) - len(text); {
	case len(text) > 0:
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return cmp.Or(name(strings.TrimRight(string(line), "\r")), Unnamed)
	case blank > 2:
		return "CRLF CRLF"
	case blank > 0:
		return "CRLF"
	}
	return Unnamed
}

// Method is the word in capitals that a line begins with, "" if there is none.
// The names of a connection's end are not taken for methods.
func Method(line string) string {
	word, _, _ := strings.Cut(line, " ")
	if len(word) > maxName || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || word == "FIN" || word == "RST" {
		return ""
	}
	return word
}

// Element is the name of the XML element that a line begins with, "" if there
// is none.
func Element(line string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-"
	rest, ok := strings.CutPrefix(line, "<")
	name := rest[:len(rest)-len(strings.TrimLeft(rest, letters))]
	if !ok || len(name) > maxName {
		return ""
	}
	return name
}
