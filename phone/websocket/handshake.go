package websocket

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// maxHead bounds the header of a handshake (our own number: browsers send up to
// 16 KB, because of cookies that nobody sends here).
const maxHead = 16 << 10

// maxShown bounds what an error repeats of a peer's header.
const maxShown = 120

// version is the only one of the protocol (RFC 6455 §4.1).
const version = "13"

// A head is the first part of an HTTP message: a line, and its header fields.
type head struct {
	line   string
	fields textproto.MIMEHeader
}

// readHead reads the head at the front of data, and says how long it is; 0: it is
// not whole.
func readHead(data []byte) (h head, size int, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		if len(data) > maxHead {
			return h, 0, fmt.Errorf("a header of more than %d bytes", maxHead)
		}
		return h, 0, nil
	}
	size = end + 4
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(data[:size])))
	if h.line, err = r.ReadLine(); err == nil {
		h.fields, err = r.ReadMIMEHeader()
	}
	return h, size, err
}

// has reports whether a field, a list, has a word, in any case.
func (h head) has(field, word string) bool {
	return slices.ContainsFunc(h.list(field), func(s string) bool { return strings.EqualFold(s, word) })
}

// list is the words of a field, which may stand several times.
func (h head) list(field string) (words []string) {
	for _, line := range h.fields.Values(field) {
		for word := range strings.SplitSeq(line, ",") {
			words = append(words, strings.TrimSpace(word))
		}
	}
	return words
}

// shown is a part of a peer's header, for an error.
func shown(s string) string { return event.Printable(s[:min(len(s), maxShown)]) }

// acceptOf proves to a client that its key was read (RFC 6455 §4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// request is what a client begins with (RFC 6455 §4.1, RFC 7118 §4.1).
func request(host, path, protocol, key string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", path, host, key, version, protocol)
}

// checkResponse refuses what a client must not take (RFC 6455 §4.1). One without
// the subprotocol may speak anything (RFC 7118 §4.1).
func checkResponse(h head, protocol, key string) error {
	proto, status, _ := strings.Cut(h.line, " ")
	switch {
	case !strings.HasPrefix(proto, "HTTP/"):
		return fmt.Errorf("its answer is not HTTP, it begins with %q: is this a port for WebSocket?", shown(h.line))
	case !strings.HasPrefix(status, "101"):
		return refused(h, status)
	case !h.has("Upgrade", "websocket") || !h.has("Connection", "upgrade"):
		return errors.New("its 101 has no \"Upgrade: websocket\" with \"Connection: Upgrade\"")
	case h.fields.Get("Sec-WebSocket-Accept") != acceptOf(key):
		return fmt.Errorf("its Sec-WebSocket-Accept is %q, and not the answer to our key: it is no WebSocket server, or a cache has answered", shown(h.fields.Get("Sec-WebSocket-Accept")))
	case len(h.fields.Values("Sec-WebSocket-Extensions")) > 0:
		return fmt.Errorf("it uses the extension %q, which nobody has offered", shown(h.fields.Get("Sec-WebSocket-Extensions")))
	case h.fields.Get("Sec-WebSocket-Protocol") == "":
		return fmt.Errorf("it took the connection without the subprotocol %q: it speaks something else at this path", protocol)
	case h.fields.Get("Sec-WebSocket-Protocol") != protocol:
		return fmt.Errorf("it chose the subprotocol %q, and only %q was offered", shown(h.fields.Get("Sec-WebSocket-Protocol")), protocol)
	}
	return nil
}

// refused is an answer that is not 101: what it says, and where it points.
func refused(h head, status string) error {
	why := "it answered " + shown(status)
	switch {
	case strings.HasPrefix(status, "3"):
		why += ", to " + shown(h.fields.Get("Location")) + ": give the server as that says"
	case strings.HasPrefix(status, "404"):
		why += ": the path is another one: server=ws://HOST:PORT/PATH"
	case strings.HasPrefix(status, "426"):
		why += ", it wants version " + shown(h.fields.Get("Sec-WebSocket-Version"))
	case strings.HasPrefix(status, "400"), strings.HasPrefix(status, "200"):
		why += ": is it a WebSocket server at this path?"
	}
	return errors.New(why)
}

// A refusal is why a server takes no WebSocket.
type refusal struct {
	status string
	fields string // more header fields, each with its line end
	why    string
}

func (r *refusal) Error() string { return r.status + ": " + r.why }

// response is what it answers with.
func (r *refusal) response() []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\n%sContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n", r.status, r.fields, len(r.why)+1, r.why)
}

// checkRequest refuses what a server must not take (RFC 6455 §4.2.1).
func checkRequest(h head, protocol string) error {
	method, rest, _ := strings.Cut(h.line, " ")
	path, proto, _ := strings.Cut(rest, " ")
	key := h.fields.Get("Sec-WebSocket-Key")
	switch raw, err := base64.StdEncoding.DecodeString(key); {
	case method != "GET":
		return &refusal{"405 Method Not Allowed", "Allow: GET\r\n", "a WebSocket begins with GET"}
	case proto != "HTTP/1.1":
		return &refusal{"505 HTTP Version Not Supported", "", "a WebSocket begins with HTTP/1.1"}
	case !h.has("Upgrade", "websocket") || !h.has("Connection", "upgrade"):
		return &refusal{"426 Upgrade Required", "Upgrade: websocket\r\n", "this is a SIP server: it speaks WebSocket"}
	case h.fields.Get("Sec-WebSocket-Version") != version:
		return &refusal{"426 Upgrade Required", "Sec-WebSocket-Version: " + version + "\r\n", "only version " + version + " is spoken"}
	case err != nil || len(raw) != 16:
		return &refusal{"400 Bad Request", "", "Sec-WebSocket-Key is not 16 bytes in base64"}
	case path == "" || h.fields.Get("Host") == "":
		return &refusal{"400 Bad Request", "", "there is no path, or no Host"}
	case !slices.Contains(h.list("Sec-WebSocket-Protocol"), protocol):
		return &refusal{"400 Bad Request", "", fmt.Sprintf("the subprotocol %q is not among those offered", protocol)}
	}
	return nil
}

// response is what a server takes a WebSocket with.
func response(h head, protocol string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", acceptOf(h.fields.Get("Sec-WebSocket-Key")), protocol)
}
