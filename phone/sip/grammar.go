package sip

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// parser is the grammar of messages. Route and Record-Route are left as text:
// the parser drops the parameters of a route that follow its ">".
var parser = newParser()

func newParser() *sip.Parser {
	fields := sip.HeadersParser{}
	for name, parse := range sip.DefaultHeadersParser() {
		if name != "route" && name != "record-route" {
			fields[name] = parse
		}
	}
	p := sip.NewParser(sip.WithHeadersParsers(fields))
	p.MaxMessageLength = MaxMessage
	return p
}

// parse reads one whole message. If it is bad, status is what to answer.
func parse(raw []byte) (msg sip.Message, status int, err error) {
	msg, err = parser.ParseSIP(raw)
	if err != nil {
		return nil, sip.StatusBadRequest, err
	}
	switch m := msg.(type) {
	case *sip.Request:
		if m.SipVersion != version {
			return msg, sip.StatusVersionNotSupported, fmt.Errorf("version %q is not %s", m.SipVersion, version) // RFC 3261 §21.5.6
		}
		if m.Recipient.Headers.Length() > 0 {
			return msg, sip.StatusBadRequest, errors.New("the Request-URI has header fields in it") // RFC 3261 §19.1.1, table 1
		}
		return msg, sip.StatusBadRequest, complete(m, m.Method)
	case *sip.Response:
		if m.StatusCode < 100 || m.StatusCode > 699 {
			return nil, sip.StatusBadRequest, fmt.Errorf("status code %d", m.StatusCode)
		}
		if m.SipVersion != version {
			return nil, sip.StatusBadRequest, fmt.Errorf("version %q is not %s", m.SipVersion, version)
		}
		return msg, sip.StatusBadRequest, complete(m, "")
	}
	return nil, sip.StatusBadRequest, errors.New("neither a request nor a response")
}

// version is the only one that there is.
const version = "SIP/2.0"

// complete checks for what every message must have (RFC 3261 §8.1.1) and the
// parser does not demand. method is that of a request, else empty.
func complete(m sip.Message, method sip.RequestMethod) error {
	via, from, to, id, cseq := m.Via(), m.From(), m.To(), m.CallID(), m.CSeq()
	for _, name := range []string{"From", "To", "Call-ID", "CSeq"} {
		if len(m.GetHeaders(name)) > 1 {
			return fmt.Errorf("more than one %s header field", name) // another reader may take the other one
		}
	}
	switch {
	case via == nil, from == nil, to == nil, id == nil, cseq == nil:
		return errors.New("a Via, From, To, Call-ID or CSeq header field is missing")
	case via.Host == "" || id.Value() == "":
		return errors.New("an empty Via or Call-ID header field")
	case method != "" && cseq.MethodName != method:
		return fmt.Errorf("CSeq says %s, the start line %s", cseq.MethodName, method)
	}
	return nil
}

// clean checks that no control character hides in a header: a stray CR or LF
// copied into a response would make header fields of the sender's choice.
func clean(header []byte) error {
	for i, c := range header {
		switch {
		case c == '\r' && i+1 < len(header) && header[i+1] == '\n':
		case c == '\n' && i > 0 && header[i-1] == '\r':
		case c == '\t':
		case c < ' ' || c == 0x7f:
			return fmt.Errorf("control character 0x%02x in the header", c)
		}
	}
	return nil
}

// contentLength finds the length of the body; -1 if no header field says it.
// Two that differ are an attack on whoever reads the other one.
func contentLength(header []byte) (int, error) {
	length := -1
	for line := range bytes.SplitSeq(header, crlf) {
		name, value, _ := strings.Cut(string(line), ":")
		name = strings.TrimSpace(name)
		if !strings.EqualFold(name, "Content-Length") && !strings.EqualFold(name, "l") {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("Content-Length %q is no length", strings.TrimSpace(value))
		}
		if length >= 0 && length != int(n) {
			return 0, fmt.Errorf("two Content-Lengths, %d and %d", length, n)
		}
		length = int(n)
	}
	return length, nil
}

// reply writes a response to a request that could not be parsed, from the
// text of its header fields; nil if they are not there, or if it is no
// request, or an ACK, which nobody answers.
func reply(header []byte, status int) []byte {
	lines := strings.Split(string(header), "\r\n")
	if strings.HasPrefix(lines[0], "SIP/") || strings.HasPrefix(lines[0], "ACK ") || clean(header) != nil {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", status, Reason(status))
	found := map[string]bool{}
	for _, line := range lines[1:] {
		name, _, _ := strings.Cut(line, ":")
		if full, ok := echoed[strings.ToLower(strings.TrimSpace(name))]; ok && (full == "via" || !found[full]) {
			found[full] = true
			b.WriteString(line + "\r\n")
		}
	}
	if len(found) < 5 || b.Len() > maxStartLine {
		return nil
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return []byte(b.String())
}

// echoed is the header fields of a request that its response repeats
// (RFC 3261 §8.2.6.2), by their long and compact names.
var echoed = map[string]string{
	"via": "via", "v": "via", "from": "from", "f": "from", "to": "to", "t": "to",
	"call-id": "call-id", "i": "call-id", "cseq": "cseq",
}

// Values returns the values of all header fields of that name as text, in
// their order, one each, commas split.
func Values(m sip.Message, name string) []string {
	var all []string
	for _, h := range m.GetHeaders(name) {
		all = append(all, splitList(h.Value())...)
	}
	return all
}

// splitList splits a header field's value at the commas that are outside
// quotes and angle brackets.
func splitList(s string) []string {
	var parts []string
	quoted, bracket, from := false, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			bracket = true
		case c == '>':
			bracket = false
		case c == ',' && !bracket:
			parts = append(parts, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	if last := strings.TrimSpace(s[from:]); last != "" {
		parts = append(parts, last)
	}
	return parts
}

// text returns the value of the first header field of that name, or "".
func text(m sip.Message, name string) string {
	if hs := m.GetHeaders(name); len(hs) > 0 {
		return hs[0].Value()
	}
	return ""
}

// seconds reads a header field that is a number of seconds ("Expires: 60",
// "Retry-After: 5 (maintenance)"); ok is false if there is none.
func seconds(m sip.Message, name string) (n int, ok bool) {
	v := text(m, name)
	if i := strings.IndexFunc(v, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		v = v[:i]
	}
	u, err := strconv.ParseUint(v, 10, 31)
	return int(u), err == nil
}
