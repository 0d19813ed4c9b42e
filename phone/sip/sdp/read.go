package sdp

import (
	"strconv"
	"strings"
)

// Limits on what a peer may send.
const (
	maxSize     = 64 << 10 // bytes; what a SIP message may hold
	maxSections = 16       // m= lines
	maxFormats  = 128      // entries of one m= line: as many as RTP has payload types
)

// A description is what a peer has written, as far as we look at it.
type description struct {
	origin     Origin
	conn       connection // of the session
	attributes []attribute
	sections   []section
	faults     faults
}

// A section is an m= line and what follows it.
type section struct {
	media, proto string
	port         uint16 // 0 if it cannot be read, too
	formats      []string
	conn         connection
	attributes   []attribute
}

// A connection is the words of a c= line; none is one that is not there.
type connection []string

// An attribute is an a= line that we look at.
type attribute struct{ key, value string }

// parse reads a peer's description within the limits. It takes the lines as they
// come, and leaves out what it does not understand.
func parse(b []byte) (*description, error) {
	switch {
	case len(b) == 0:
		return nil, refuse(warnMisc, "it is empty")
	case len(b) > maxSize:
		return nil, refuse(warnMisc, "it has %d bytes; at most %d are read", len(b), maxSize)
	}
	r := reader{d: new(description)}
	r.read(string(b))
	switch n := len(r.d.sections); {
	case n == 0:
		return r.d, refuse(warnMedia, "it has no m= line")
	case r.more > 0:
		return r.d, refuse(warnMisc, "it has %d m= lines; at most %d are read", n+r.more, maxSections)
	}
	return r.d, nil
}

// A reader takes a description line by line.
type reader struct {
	d    *description
	more int     // m= lines above the limit
	seen [26]int // how often each letter began a line of the session
	rank int     // of the line before, see order
}

func (r *reader) read(text string) {
	if rest, ok := strings.CutPrefix(text, "\ufeff"); ok {
		text = rest
		r.d.faults.add("it begins with a byte order mark")
	}
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		switch before, crlf := strings.CutSuffix(line, "\r"); {
		case crlf:
			line = before
		case ended:
			r.d.faults.add("a line ends in LF alone")
		default:
			r.d.faults.add("its last line has no end")
		}
		for more := true; more; {
			var one string
			if one, line, more = strings.Cut(line, "\r"); more {
				r.d.faults.add("a line ends in CR alone")
			}
			r.line(one)
		}
	}
	r.missing()
}

// line takes one line.
func (r *reader) line(line string) {
	letter, value, ok := r.split(line)
	if !ok {
		return
	}
	r.placed(letter)
	switch letter {
	case 'v':
		r.once(letter, value != "0", "its version is not 0")
	case 'o':
		if r.once(letter, false, "") {
			r.origin(value)
		}
	case 'c':
		r.connection(value)
	case 'm':
		r.section(value)
	case 'a':
		r.attribute(value)
	default:
		r.once(letter, false, "")
	}
}

// split takes a line apart: a letter, an equals sign, a value (RFC 8866 §5).
func (r *reader) split(line string) (letter byte, value string, ok bool) {
	if len(line) >= 2 && line[1] == '=' && line[0] >= 'a' && line[0] <= 'z' && (line[0] == 's' || !blankAtEdge(line[2:])) {
		return line[0], line[2:], true
	}
	name, value, ok := strings.Cut(line, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case strings.Trim(line, " \t\x00") == "":
		r.d.faults.add("it has an empty line")
		return 0, "", false
	case !ok || len(name) != 1 || name[0] < 'a' || name[0] > 'z':
		r.d.faults.add("it has a line that is no letter, equals sign and value")
		return 0, "", false
	case line[0] != name[0] && strings.ToLower(line[:1]) == name:
		r.d.faults.add("a line begins with a capital letter")
	default:
		r.d.faults.add("a line has blanks around its letter or value")
	}
	return name[0], strings.Trim(value, " \t\x00"), true
}

func blankAtEdge(s string) bool {
	return s != "" && (s[0] <= ' ' || s[len(s)-1] <= ' ')
}

// The lines of a session and of a section in their order (RFC 8866 §5); t= and
// r= may take turns.
const (
	sessionOrder = "vosiuepcbtzka"
	mediaOrder   = "micbka"
)

// placed notes a line that stands where its letter should not.
func (r *reader) placed(letter byte) {
	order := sessionOrder
	if len(r.d.sections) > 0 || letter == 'm' {
		order = mediaOrder
	}
	known := letter
	if letter == 'r' {
		known = 't'
	}
	rank := strings.IndexByte(order, known)
	switch {
	case rank >= 0 && (letter == 'm' || rank >= r.rank):
		r.rank = rank
	case rank >= 0, strings.IndexByte(sessionOrder, known) >= 0:
		r.d.faults.add("its lines are out of order")
	default:
		r.d.faults.add("it has a " + string(letter) + "= line, which nobody knows")
	}
}

// once counts a line of which a session has one, and notes what is wrong with it.
// It reports whether it is the first.
func (r *reader) once(letter byte, wrong bool, fault string) bool {
	n := &r.seen[letter-'a']
	*n++
	if wrong {
		r.d.faults.add(fault)
	}
	if *n > 1 && (letter == 'v' || letter == 'o' || letter == 's') {
		r.d.faults.add("it has more than one " + string(letter) + "= line")
	}
	return *n == 1
}

// missing notes the lines that each description must have.
func (r *reader) missing() {
	for _, letter := range "vost" {
		if r.seen[letter-'a'] == 0 {
			r.d.faults.add("it has no " + string(letter) + "= line")
		}
	}
}

// origin reads "user id version IN IP4 address".
func (r *reader) origin(value string) {
	f := strings.Fields(value)
	n := len(f)
	switch {
	case n < 6:
		r.d.faults.add("its o= line has too few words")
		r.d.origin.Session = value
		return
	case n > 6:
		r.d.faults.add("its o= line has a blank in the user's name")
	}
	if !digits(f[n-5]) || !digits(f[n-4]) {
		r.d.faults.add("its o= line has letters for numbers")
	}
	version := f[n-4]
	f[n-4] = ""
	r.d.origin = Origin{Session: strings.Join(f, " "), Version: version}
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// connection reads a c= line: the first of the session, or of its section.
func (r *reader) connection(value string) {
	at := &r.d.conn
	if n := len(r.d.sections); n > 0 {
		at = &r.d.sections[n-1].conn
	}
	switch {
	case r.more > 0:
	case *at == nil:
		*at = strings.Fields(value)
	case len(r.d.sections) == 0:
		r.d.faults.add("it has more than one c= line")
	}
}

// section reads "audio 49170 RTP/AVP 0 8". One that cannot be read keeps its
// place, because the answer has as many (RFC 3264 §6).
func (r *reader) section(value string) {
	if len(r.d.sections) == maxSections {
		r.more++
		return
	}
	f := strings.Fields(value)
	if len(f) < 4 {
		r.d.faults.add("an m= line has too few words")
	}
	s := section{media: word(f, 0), proto: word(f, 2)}
	port, _, _ := strings.Cut(word(f, 1), "/") // "49170/2" is two ports (RFC 8866 §5.14)
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		r.d.faults.add("an m= line has no port")
	}
	s.port = uint16(n)
	if err != nil {
		s.port = 0
	}
	if len(f) > 3 {
		s.formats = f[3:]
	}
	if r.d.sections == nil {
		r.d.sections = make([]section, 0, 2)
	}
	r.d.sections = append(r.d.sections, s)
}

// word is the nth of words, or "".
func word(f []string, n int) string {
	if n >= len(f) {
		return ""
	}
	return f[n]
}

// attribute keeps an a= line that we look at.
func (r *reader) attribute(value string) {
	key, value, _ := strings.Cut(value, ":")
	name := attributeName(key)
	if name == "" || r.more > 0 {
		return
	}
	if name != key {
		r.d.faults.add("an attribute is written with capital letters or blanks")
	}
	at := &r.d.attributes
	if n := len(r.d.sections); n > 0 {
		at = &r.d.sections[n-1].attributes
	}
	if *at == nil {
		*at = make([]attribute, 0, 8)
	}
	*at = append(*at, attribute{name, strings.TrimSpace(value)})
}

// attributeName is the name of an attribute that we look at, or "".
func attributeName(key string) string {
	switch key {
	case rtpmap, ptime, maxptime, rtcp, rtcpMux, SendRecv, SendOnly, RecvOnly, Inactive:
		return key
	case "fmtp", "ssrc", "candidate", "rtcp-fb", "silenceSupp", "crypto": // what most have
		return ""
	}
	key = strings.TrimSpace(key)
	for _, name := range [...]string{rtpmap, ptime, maxptime, rtcp, rtcpMux, SendRecv, SendOnly, RecvOnly, Inactive} {
		if strings.EqualFold(key, name) {
			return name
		}
	}
	return ""
}

// The attributes that we look at, besides the directions.
const (
	rtpmap   = "rtpmap"
	ptime    = "ptime"
	maxptime = "maxptime"
	rtcp     = "rtcp"
	rtcpMux  = "rtcp-mux"
)
