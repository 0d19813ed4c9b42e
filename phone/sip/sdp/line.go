package sdp

import (
	"slices"
	"strconv"
	"strings"
)

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
	case r.beyond():
	case *at == nil:
		*at = strings.Fields(value)
	case len(r.d.sections) == 0:
		r.d.faults.add("it has more than one c= line")
	}
}

// section reads "audio 49170 RTP/AVP 0 8". One that cannot be read keeps its
// place, because the answer has as many (RFC 3264 §6).
func (r *reader) section(value string) {
	if len(r.d.refused) == maxRefused {
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
	if s.port = uint16(n); err != nil {
		s.port, s.noPort = 0, quote(port)
		r.d.faults.add("an m= line has no port")
	}
	if len(f) > 3 {
		s.formats = f[3:]
	}
	if len(r.d.sections) == maxSections {
		s.formats = s.formats[:min(1, len(s.formats))] // what is refused repeats one
		r.d.refused = append(r.d.refused, s)
		return
	}
	if r.d.sections == nil {
		r.d.sections = make([]section, 0, 2)
	}
	r.d.sections = append(r.d.sections, s)
}

// beyond reports whether the lines are those of a section that is refused unread.
func (r *reader) beyond() bool { return len(r.d.refused) > 0 }

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
	if name == "" || r.beyond() {
		return
	}
	if name != key {
		r.d.faults.add("an attribute is written with capital letters or blanks")
	}
	at := &r.d.attributes
	if n := len(r.d.sections); n > 0 {
		at = &r.d.sections[n-1].attributes
	}
	if len(*at) == maxAttributes {
		r.d.faults.add("it has more attributes than are read")
		return
	}
	if *at == nil {
		*at = make([]attribute, 0, 8)
	}
	one := attribute{name, strings.TrimSpace(value)}
	if slices.ContainsFunc(*at, one.contradicts) {
		r.d.faults.add("two attributes contradict, of " + one.about() + "; the first counts")
	}
	*at = append(*at, one)
}

// about is what an attribute says something of, of which there can be one in a section.
func (a attribute) about() string {
	switch a.key {
	case SendRecv, SendOnly, RecvOnly, Inactive:
		return "the direction"
	}
	return "a=" + a.key
}

// contradicts reports whether two attributes of one section say different things of the
// same.
func (a attribute) contradicts(b attribute) bool {
	switch {
	case a.about() != b.about(), a.key == cryptoLine, a.key == fingerprint, a.key == fmtp, a.key == candidate, a.key == xrLine: // of which there may be several
		return false
	case a.key == rtpmap: // one for each format
		return word(strings.Fields(a.value), 0) == word(strings.Fields(b.value), 0) && !strings.EqualFold(a.value, b.value)
	}
	return a != b
}

// attributeName is the name of an attribute that we look at, or "".
func attributeName(key string) string {
	switch key {
	case "ssrc", "rtcp-fb", "silenceSupp": // what most have
		return ""
	}
	key = strings.TrimSpace(key)
	for _, name := range [...]string{
		rtpmap, fmtp, ptime, maxptime, rtcp, rtcpMux, cryptoLine, fingerprint, setupLine, tlsID, xrLine, SendRecv, SendOnly, RecvOnly, Inactive,
		candidate, iceUfrag, icePwd, iceLite, iceMismatch,
	} {
		if strings.EqualFold(key, name) {
			return name
		}
	}
	return ""
}

// The attributes that we look at, besides the directions.
const (
	rtpmap     = "rtpmap"
	fmtp       = "fmtp"
	ptime      = "ptime"
	maxptime   = "maxptime"
	rtcp       = "rtcp"
	rtcpMux    = "rtcp-mux"
	cryptoLine = "crypto"

	fingerprint = "fingerprint"
	setupLine   = "setup"
	tlsID       = "tls-id"
)
