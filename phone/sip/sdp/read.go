package sdp

import "strings"

// Limits on what a peer may send.
const (
	maxSize     = 64 << 10 // bytes; what a SIP message may hold
	maxSections = 16       // m= lines that are read, of which one is chosen
	maxRefused  = 112      // m= lines after those, which are answered with port 0
	maxFormats  = 128      // entries of one m= line: as many as RTP has payload types
	// maxAttributes is how many a= lines of a section are kept that we look at: two for
	// each format, and as many again.
	maxAttributes = 4 * maxFormats
)

// A description is what a peer has written, as far as we look at it.
type description struct {
	origin     Origin
	conn       connection // of the session
	attributes []attribute
	sections   []section
	refused    []section // after those: their m= lines alone
	faults     faults
}

// A section is an m= line and what follows it.
type section struct {
	media, proto string
	port         uint16 // 0 if it cannot be read, too
	noPort       string // the word that cannot be read as one; "" if it can
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
		return r.d, refuse(warnMisc, "it has %d m= lines; at most %d are answered", n+len(r.d.refused)+r.more, maxSections+maxRefused)
	}
	return r.d, nil
}

// A reader takes a description line by line.
type reader struct {
	d    *description
	more int     // m= lines above the limits
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
