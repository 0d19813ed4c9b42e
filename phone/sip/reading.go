package sip

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A reading is one message that is being read, and what is untidy in it. It is the
// one reader of messages: of the phone, the lab and grade. What the grammar allows
// is read without a word: names in any letters, white space and folds around the
// signs, values in quotes (RFC 3261 §7.3.1, §25.1). What it does not allow, and what
// can be understood all the same, is read with a note. The rest is an error.
type reading struct {
	field  string // the header field that is being read
	hops   bool   // there was a Max-Forwards, of whatever value
	stray  error  // there is a control character in the header: see clean
	causes causes // the protocols of its Reasons
	untidy []Untidy
}

// version is the only one that there is.
const version = "SIP/2.0"

// parse reads one whole message: its header with the empty line, and what follows. If
// it is bad, status is what to answer.
func parse(header string, body []byte) (msg sip.Message, untidy []Untidy, status int, err error) {
	msg, untidy, status, err = parseHeader(header)
	if err != nil {
		return nil, nil, status, err
	}
	if length := msg.ContentLength(); length != nil {
		if int(*length) > len(body) {
			return nil, nil, sip.StatusBadRequest, fmt.Errorf("Content-Length %s, and %d bytes have come", lengthText(int(*length)), len(body))
		}
		body = body[:int(*length):int(*length)]
	}
	if len(body) > 0 {
		msg.SetBody(body)
	}
	return msg, untidy, 0, nil
}

// parseHeader reads a message without its body.
func parseHeader(text string) (msg sip.Message, untidy []Untidy, status int, err error) {
	var r reading
	if err := r.lineEnds(text); err != nil {
		return nil, nil, sip.StatusBadRequest, err
	}
	line, header := cutLine(text)
	r.stray = clean(text)
	if r.stray != nil && (!answers(line) || clean(line) != nil) {
		return nil, nil, sip.StatusBadRequest, r.stray
	}
	if msg, status, err = r.startLine(line); err != nil {
		return nil, nil, status, err
	}
	if err := r.header(msg, header); err != nil {
		return nil, nil, sip.StatusBadRequest, err
	}
	if err := r.complete(msg); err != nil {
		return nil, nil, sip.StatusBadRequest, err
	}
	return msg, r.untidy, 0, nil
}

func cutLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// startLine reads a request line or a status line (RFC 3261 §7.1, §7.2): three
// parts with one space between them.
func (r *reading) startLine(line string) (sip.Message, int, error) {
	r.field = "start line"
	first, rest, ok := strings.Cut(line, " ")
	if answers(line) {
		return r.statusLine(first, rest)
	}
	i := strings.LastIndexByte(rest, ' ')
	if !ok || i < 0 || !isToken(first) {
		return nil, sip.StatusBadRequest, fmt.Errorf("%q is neither a request nor a response", line)
	}
	if v := rest[i+1:]; !strings.EqualFold(v, version) {
		status := sip.StatusBadRequest
		if len(v) > 4 && strings.EqualFold(v[:4], "SIP/") {
			status = sip.StatusVersionNotSupported // RFC 3261 §21.5.6
		}
		return nil, status, fmt.Errorf("version %q is not %s", v, version)
	}
	var uri sip.Uri
	if err := readURI(rest[:i], &uri); err != nil {
		return nil, sip.StatusBadRequest, fmt.Errorf("Request-URI: %w", err)
	}
	switch {
	case uri.Wildcard:
		return nil, sip.StatusBadRequest, errors.New(`the Request-URI is "*"`)
	case uri.Headers.Length() > 0:
		return nil, sip.StatusBadRequest, errors.New("the Request-URI has header fields in it") // RFC 3261 §19.1.1, table 1
	}
	return sip.NewRequest(sip.RequestMethod(first), uri), 0, nil
}

// answers reports whether a start line is that of a response.
func answers(line string) bool {
	first, _, _ := strings.Cut(line, " ")
	return len(first) > 4 && strings.EqualFold(first[:4], "SIP/")
}

// statusLine reads the rest of a status line.
func (r *reading) statusLine(v, rest string) (sip.Message, int, error) {
	code, reason, ok := strings.Cut(rest, " ")
	if !ok {
		r.note(noReason)
	}
	n, err := strconv.ParseUint(code, 10, 16)
	switch {
	case !strings.EqualFold(v, version):
		return nil, sip.StatusBadRequest, fmt.Errorf("version %q is not %s", v, version)
	case err != nil || len(code) != 3 || n < 100 || n > 699:
		return nil, sip.StatusBadRequest, fmt.Errorf("status code %.20s", code)
	}
	return sip.NewResponse(int(n), reason), 0, nil
}

// header reads the header fields.
func (r *reading) header(m sip.Message, rest string) error {
	for {
		var line string
		if line, rest = cutField(rest); line == "" {
			return nil
		}
		name, value, ok := strings.Cut(line, ":")
		if name = trim(name); !ok || !isToken(name) {
			r.field = "header"
			r.note(notAField)
			continue
		}
		r.field = fieldName(name)
		if err := r.checked(m, line, trim(value)); err != nil && !r.leavesOut(m, value) {
			return fmt.Errorf("%s: %w", r.field, err)
		}
	}
}

// checked reads the value of a field if the line that it stands in may be read at all.
func (r *reading) checked(m sip.Message, line, value string) error {
	if r.repeats(m) {
		r.note(fieldTwice)
		if r.field != "Expires" { // all of which must be 0 where everything is to be removed (RFC 3261 §10.2.2)
			return nil
		}
	}
	if r.stray != nil {
		if err := clean(line); err != nil {
			return err
		}
	}
	return r.value(m, value)
}

// cutField is the first header field of a header, joined to its continuation lines
// (RFC 3261 §7.3.1), and what follows; "" is the end of the header.
func cutField(header string) (line, rest string) {
	line, rest = cutLine(header)
	if line == "" || rest == "" || !isSpace(rest[0]) {
		return line, rest
	}
	var b strings.Builder
	b.WriteString(trim(line))
	for rest != "" && isSpace(rest[0]) {
		line, rest = cutLine(rest)
		b.WriteByte(' ')
		b.WriteString(trim(line))
	}
	return b.String(), rest
}

// value reads the value of the header field that the reading is at. What nobody
// here reads as more than text stays text, Route and Record-Route too.
func (r *reading) value(m sip.Message, s string) error {
	switch r.field {
	case "Via":
		return r.vias(m, s)
	case "From":
		h := &sip.FromHeader{}
		if err := r.single(s, address{&h.DisplayName, &h.Address, &h.Params}); err != nil {
			return err
		}
		m.AppendHeader(h)
	case "To":
		h := &sip.ToHeader{}
		if err := r.single(s, address{&h.DisplayName, &h.Address, &h.Params}); err != nil {
			return err
		}
		m.AppendHeader(h)
	case "Contact":
		return r.contacts(m, s)
	case "Call-ID":
		return r.callID(m, s)
	case "CSeq":
		return r.cseq(m, s)
	case "Content-Type":
		h := sip.ContentTypeHeader(s)
		m.AppendHeader(&h)
	case "Content-Length":
		return r.length(m, s)
	case "Max-Forwards":
		return r.maxForwards(m, s)
	default:
		h := sip.NewHeader(r.field, s)
		r.doubts(s)
		m.AppendHeader(h)
	}
	return nil
}

func (r *reading) callID(m sip.Message, s string) error {
	if strings.ContainsAny(s, " \t") {
		r.note(spaceInValue)
	}
	h := sip.CallIDHeader(s)
	m.AppendHeader(&h)
	if s == "" {
		return errors.New("it is empty")
	}
	return nil
}

// cseq reads 1*DIGIT LWS Method; the number is less than 2^31 (RFC 3261 §8.1.1.5).
func (r *reading) cseq(m sip.Message, s string) error {
	i := max(strings.IndexAny(s, " \t"), 0)
	n, err := strconv.ParseUint(s[:i], 10, 31)
	method := trimLeft(s[i:])
	if err != nil || !isToken(method) {
		return fmt.Errorf("%.40q is not a number below 2^31 and a method", s)
	}
	m.AppendHeader(&sip.CSeqHeader{SeqNo: uint32(n), MethodName: sip.RequestMethod(method)})
	return nil
}

// length reads a Content-Length; the framer has found it to be one already, and
// the same if there are two, or a list of them.
func (r *reading) length(m sip.Message, s string) error {
	first, _, list := strings.Cut(s, ",")
	n, err := readLength(first)
	switch {
	case err != nil:
		return err
	case holds[*sip.ContentLengthHeader](m):
		r.note(fieldTwice)
		return nil
	case list:
		r.note(fieldTwice)
	}
	h := sip.ContentLengthHeader(n)
	m.AppendHeader(&h)
	return nil
}

// maxForwards reads a Max-Forwards, from 0 to 255 (RFC 3261 §20.22). Who serves a
// request has no need of it, and who passes one on without begins anew (§16.6).
func (r *reading) maxForwards(m sip.Message, s string) error {
	n, err := strconv.ParseUint(s, 10, 31)
	switch {
	case r.hops:
		r.note(fieldTwice)
		return nil
	case err != nil:
		r.hops = true
		r.note(oddHops)
		return nil
	case n > 255:
		r.note(numberTooLarge)
	}
	r.hops = true
	h := sip.MaxForwardsHeader(n)
	m.AppendHeader(&h)
	return nil
}

// complete checks for what every message must have (RFC 3261 §8.1.1).
func (r *reading) complete(m sip.Message) error {
	var from, to, id, cseq, contacts int
	for _, h := range headersOf(m) {
		switch h.(type) {
		case *sip.FromHeader:
			from++
		case *sip.ToHeader:
			to++
		case *sip.CallIDHeader:
			id++
		case *sip.CSeqHeader:
			cseq++
		case *sip.ContactHeader:
			contacts++
		}
	}
	for _, one := range [...]struct {
		name string
		n    int
	}{{"From", from}, {"To", to}, {"Call-ID", id}, {"CSeq", cseq}} {
		switch {
		case one.n == 0 && r.goesWithout(m, one.name):
		case one.n == 0:
			return fmt.Errorf("no %s header field", one.name)
		case one.n > 1:
			return fmt.Errorf("more than one %s header field", one.name) // another reader may take the other one
		}
	}
	if m.Via() == nil {
		return errors.New("no Via header field")
	}
	if contacts > 1 && beginsDialog(m) {
		r.field = "Contact"
		r.note(twoContacts)
	}
	if req, ok := m.(*sip.Request); ok {
		return r.completeRequest(req)
	}
	return nil
}

// beginsDialog reports whether a message may begin a dialog or move one, and so has one
// Contact. A redirect has as many as it likes.
func beginsDialog(m sip.Message) bool {
	if res, ok := m.(*sip.Response); ok && res.StatusCode >= 300 {
		return false
	}
	switch m.CSeq().MethodName {
	case sip.INVITE, sip.UPDATE, sip.SUBSCRIBE, sip.REFER:
		return true
	}
	return false
}

// completeRequest checks for what every request must have.
func (r *reading) completeRequest(req *sip.Request) error {
	if method := req.CSeq().MethodName; method != req.Method {
		return fmt.Errorf("CSeq says %s, the start line %s", method, req.Method)
	}
	if !req.From().Params.Has("tag") { // RFC 3261 §8.1.1.3; RFC 2543 had none
		r.field = "From"
		r.note(noTag)
	}
	if branch, _ := req.Via().Params.Get("branch"); branch == "" { // RFC 2543 had none
		r.field = "Via"
		r.note(noBranch)
	}
	if !r.hops {
		r.field = "Max-Forwards"
		r.note(noHops)
	}
	return nil
}

// headersOf returns the header fields of a message, in their order.
func headersOf(m sip.Message) []sip.Header {
	switch m := m.(type) {
	case *sip.Request:
		return m.Headers()
	case *sip.Response:
		return m.Headers()
	}
	return nil
}

// holds reports whether a message has a header field of a type. The library's way to ask
// looks for one as text, too, and copies names for it.
func holds[H sip.Header](m sip.Message) bool {
	for _, h := range headersOf(m) {
		if _, is := h.(H); is {
			return true
		}
	}
	return false
}

// fieldName is the name of a header field as it is known here: in its long form
// and our letters, where anything is read out of it, or where it has a short form
// (RFC 3261 §7.3.3 and the registry of IANA); else as it came.
func fieldName(name string) string {
	if len(name) == 1 {
		if i := strings.IndexByte(compactNames, name[0]|0x20); i >= 0 {
			return longNames[i]
		}
		return name
	}
	if len(name) < len(parsedNames) {
		for _, known := range parsedNames[len(name)] {
			if known == name || strings.EqualFold(known, name) {
				return known
			}
		}
	}
	return name
}

// compactName is the short form of a name, in small letters, or 0.
func compactName(name string) byte {
	for i, long := range longNames {
		if long == name {
			return compactNames[i]
		}
	}
	return 0
}

// SameField reports whether two names are of one header field: in any letters, and long
// or short.
func SameField(one, other string) bool { return strings.EqualFold(fieldName(one), fieldName(other)) }

const compactNames = "vftimclaebdjokrsuxny"

var longNames = [...]string{
	"Via", "From", "To", "Call-ID", "Contact", "Content-Type", "Content-Length", "Accept-Contact", "Content-Encoding", "Referred-By",
	"Request-Disposition", "Reject-Contact", "Event", "Supported", "Refer-To", "Subject", "Allow-Events", "Session-Expires",
	"Identity-Info", "Identity",
}

// parsedNames are those that are read as more than text, by their length.
var parsedNames = [...][]string{
	2: {"To"}, 3: {"Via"}, 4: {"From", "CSeq"}, 7: {"Call-ID", "Contact"}, 12: {"Max-Forwards", "Content-Type"}, 14: {"Content-Length"},
}
