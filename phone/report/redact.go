package report

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sleeptalk/sleeptalk/phone/diagnose"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/push"
	"github.com/sleeptalk/sleeptalk/phone/scenario/play"
)

// A Redactor masks names and addresses: users become user1, user2, …, display
// names name1, …, hosts host1.invalid, …, and addresses those that are reserved
// for benchmarks (RFC 2544, RFC 5180). The same user gets the same mask
// everywhere, so that a ladder remains readable. Ports, tags and Call-IDs are
// kept, without the host in them.
type Redactor struct {
	users, names, hosts, addrs masks
	tokens                     masks
	known                      *regexp.Regexp // words that are masked everywhere
	learned                    int            // how much of users, names and hosts is in known
}

// masks maps originals to masks, in the order of appearance. Case is ignored: a
// scenario may expect "Bob" of the user bob.
type masks struct {
	of   map[string]string
	list []string // as they were written first
}

// mask returns the mask of s.
func (m *masks) mask(s string, make func(n int) string) string {
	original := s
	s = strings.ToLower(s)
	if v, ok := m.of[s]; ok {
		return v
	}
	if m.of == nil {
		m.of = map[string]string{}
	}
	m.list = append(m.list, original)
	m.of[s] = make(len(m.list))
	return m.of[s]
}

// NewRedactor makes a Redactor that masks everybody in the log.
func NewRedactor(log *event.Log) *Redactor {
	m := new(Redactor)
	m.meet(log, m.Record)
	return m
}

// meet learns who is in a log; record masks a record of it.
func (m *Redactor) meet(log *event.Log, record func(event.Record) event.Record) {
	for r := range log.From(0) {
		m.learn(r.Phone)
		m.learn(r.Account)
		record(r)
	}
}

// learn takes the name of a phone for a user's.
func (m *Redactor) learn(phone string) {
	if phone != "lab" && phone != "" {
		m.user(phone)
	}
}

// The forms in which users and addresses appear. Each excludes the characters
// that may not be in it, so that none matches beyond the end of a line.
var (
	userInURI   = regexp.MustCompile(`(?i)\b(sips?:)([^@\s:,<>"]{1,128})(?::[^@\s<>"]{0,128})?@`)
	userInField = regexp.MustCompile(`(?i)\b(username=")([^"\r\n]{1,128})"`)
	userOfXMPP  = regexp.MustCompile(`(?i)(\b(?:from|to|by|jid)=['"]|<jid>)([^@\s<>'"/]{1,128})@`)
	telephone   = regexp.MustCompile(`(?i)\btel:(\+?[0-9][0-9().-]{1,31})`)
	displayName = regexp.MustCompile(`"([^"\r\n]{1,128})"(\s*<(?:sips?|tel):)`)
	plainName   = regexp.MustCompile(`(?im)^[a-z-]+[ \t]*:[ \t]*([^"<,;:\s][^"<,;:\r\n]{0,126}?)[ \t]*<(?:sips?|tel):`)
	nickOfXMPP  = regexp.MustCompile(`<nick(?: [^<>]*)?>([^<>]{1,128})</nick>`)
	hostInURI   = regexp.MustCompile(`(?i)(\bsips?:|@|\b(?:from|to)=['"]|\brealm="|\brealm |\bdomain )([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+)\b`)
	ipv4        = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ipv6        = regexp.MustCompile(`(?i)\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}`)
	pushToken   = regexp.MustCompile(`(?i)\b(?:pn-(?:prid|tok)=|<enable\b[^<>]*\bnode=["'])([^\s;>,"'?&]+)`)
	sessionUser = regexp.MustCompile(`(?m)^o=(\S+) `)
)

func (m *Redactor) user(s string) string {
	return m.users.mask(s, func(n int) string { return "user" + strconv.Itoa(n) })
}

func (m *Redactor) name(s string) string {
	return m.names.mask(s, func(n int) string { return "name" + strconv.Itoa(n) })
}

func (m *Redactor) host(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return s // addresses have their own mask
	}
	return m.hosts.mask(s, func(n int) string { return fmt.Sprintf("host%d.invalid", n) })
}

// token masks the token of a device, of which the log may have the beginning
// only: see [event.Mask].
func (m *Redactor) token(s string) string {
	return m.tokens.mask(s[:min(len(s), 8)], func(n int) string { return "token" + strconv.Itoa(n) })
}

func (m *Redactor) addr(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil || a.IsUnspecified() {
		return s
	}
	return m.addrs.mask(a.String(), func(n int) string {
		if a.Unmap().Is4() {
			return fmt.Sprintf("198.18.%d.%d", n/256%256, n%256)
		}
		return fmt.Sprintf("2001:2::%x", n)
	})
}

// replace replaces the last group of each match of re.
func replace(re *regexp.Regexp, s string, group int, with func(string) string) string {
	var b strings.Builder
	end := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		from, to := at[2*group], at[2*group+1]
		b.WriteString(s[end:from])
		b.WriteString(with(s[from:to]))
		end = to
	}
	return b.String() + s[end:]
}

// Text masks a text.
func (m *Redactor) Text(s string) string {
	for _, name := range []*regexp.Regexp{displayName, plainName, nickOfXMPP} {
		s = replace(name, s, 1, m.name)
	}
	s = replace(userOfXMPP, s, 2, m.user)
	s = replace(telephone, s, 1, m.user)
	s = replace(pushToken, s, 1, m.token)
	s = replace(userInURI, s, 2, m.user)
	s = replace(userInField, s, 2, m.user)
	s = replace(sessionUser, s, 1, func(v string) string {
		if v == "-" {
			return v
		}
		return m.user(v)
	})
	s = replace(hostInURI, s, 2, m.host)
	s = replace(ipv4, s, 0, m.addr)
	s = replace(ipv6, s, 0, m.addr)
	return m.words(s)
}

// words masks known names as whole words, such as a user's name in "call bob".
func (m *Redactor) words(s string) string {
	if n := len(m.users.list) + len(m.names.list) + len(m.hosts.list); n != m.learned {
		m.learned = n
		m.known = wordsOf(m.users.list, m.names.list, m.hosts.list)
	}
	if m.known == nil {
		return s
	}
	return replace(m.known, s, 1, func(v string) string {
		for _, list := range []masks{m.users, m.names, m.hosts} {
			if mask, ok := list.of[strings.ToLower(v)]; ok {
				return mask
			}
		}
		return v
	})
}

// wordsOf returns an expression that matches the words, without short numbers:
// the user 100 is no reason to mask "100 Trying".
func wordsOf(lists ...[]string) *regexp.Regexp {
	var words []string
	for _, w := range slices.Concat(lists...) {
		if _, err := strconv.Atoi(w); err == nil && len(w) < 5 || len(w) < 2 {
			continue
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return nil
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for i, w := range words {
		words[i] = alone(w)
	}
	return regexp.MustCompile(`(?i)(` + strings.Join(words, "|") + `)`)
}

// alone matches a word that is no part of another. The regular expressions'
// own boundary is that of ASCII: there is none before "Émile" or behind
// "Bob (office)".
func alone(w string) string {
	expr := regexp.QuoteMeta(w)
	if isASCIIWord(w[0]) {
		expr = `\b` + expr
	}
	if isASCIIWord(w[len(w)-1]) {
		expr += `\b`
	}
	return expr
}

func isASCIIWord(c byte) bool {
	return c < utf8.RuneSelf && (c == '_' || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)))
}

// vocabulary are the fields that hold this program's own words, never names.
var vocabulary = []string{"Phase", "Method", "Version", "Profile", "Strategy", "Task", "Codec", "Rule", "Code", "Digit", "Settings", "Auto"}

// Record masks a record.
func (m *Redactor) Record(r event.Record) event.Record {
	if r.Phone != "lab" && r.Phone != "" {
		r.Phone = m.user(r.Phone)
	}
	if r.Account != "" {
		r.Account = m.user(r.Account)
	}
	m.people(r.Event)
	r.Event = event.Edit(r.Event, m.field)
	switch e := r.Event.(type) {
	case event.Message:
		e.Raw = withLength(e.Raw)
		r.Event = e
	case event.Data:
		if e.Hex != "" {
			e.Hex = "masked" // a name in it cannot be found
		}
		r.Event = e
	}
	return r
}

// field masks a text of a field.
func (m *Redactor) field(name, text string) string {
	switch {
	case slices.Contains(vocabulary, name):
		return text
	case name == "Token" && text != "":
		return m.token(text)
	}
	return m.Text(text)
}

// userOfAddress is the user of an address without a scheme, as XMPP's are.
var userOfAddress = regexp.MustCompile(`^([^@\s:;<>"'/]{1,128})@`)

// people learns who stands in an event, where nothing but the field says so.
func (m *Redactor) people(e event.Event) {
	names, addresses := []string{}, []string{}
	switch e := e.(type) {
	case event.Start:
		names, addresses = []string{e.Display}, []string{e.AOR}
		for _, a := range e.Accounts {
			names, addresses = append(names, a.Display), append(addresses, a.AOR)
		}
	case event.Call:
		names, addresses = []string{e.Name}, []string{e.Peer}
		for _, id := range slices.Concat(e.Asserted, e.Diverted, e.History) {
			names, addresses = append(names, id.Name), append(addresses, id.URI)
		}
	case event.Text:
		names, addresses = []string{e.Name}, []string{e.From}
	case event.Swallowed:
		names = []string{e.From}
	case event.Held:
		names = []string{e.From}
	case event.Loss:
		names = []string{e.From}
	case event.MessageWaiting:
		addresses = []string{e.Account}
	case event.Data:
		addresses = []string{e.From, e.To}
	case event.Push:
		told := push.ReadPayload(e.Payload)
		names, addresses = []string{told.Name}, []string{told.Peer}
	}
	for _, name := range names {
		if name != "" {
			m.name(name)
		}
	}
	for _, address := range addresses {
		if found := userOfAddress.FindStringSubmatch(address); found != nil {
			m.user(found[1])
		}
	}
}

var (
	contentLength = regexp.MustCompile(`(?im)^((?:Content-Length|l)[ \t]*:[ \t]*)(\d+)`)
	emptyLine     = regexp.MustCompile(`\r?\n\r?\n`) // some peers write LF alone
)

// withLength corrects the Content-Length of a message whose body has changed,
// so that it can still be parsed.
func withLength(raw string) string {
	end := emptyLine.FindStringIndex(raw)
	if end == nil {
		return raw
	}
	body := raw[end[1]:]
	return replace(contentLength, raw[:end[0]], 2, func(string) string { return strconv.Itoa(len(body)) }) + raw[end[0]:]
}

// Log masks a log.
func (m *Redactor) Log(log *event.Log) *event.Log {
	masked := new(event.Log)
	for r := range log.From(0) {
		masked.Append(m.Record(r))
	}
	return masked
}

// Result masks a result.
func (m *Redactor) Result(r *play.Result) *play.Result { return Edited(r, m.Text) }

// Edited is a result with other texts, such as without secrets that stand in a
// scenario.
func Edited(r *play.Result, text func(string) string) *play.Result {
	c := *r
	c.Phone = text(r.Phone)
	c.Cases = slices.Clone(r.Cases)
	for i := range c.Cases {
		editCase(&c.Cases[i], text)
	}
	c.Invariants = slices.Clone(r.Invariants)
	for i := range c.Invariants {
		c.Invariants[i].Text = text(c.Invariants[i].Text)
		c.Invariants[i].Detail = text(c.Invariants[i].Detail)
	}
	return &c
}

func editCase(c *play.CaseResult, text func(string) string) {
	c.Name, c.Why = text(c.Name), text(c.Why)
	c.Steps = slices.Clone(c.Steps)
	for i := range c.Steps {
		c.Steps[i].Text = text(c.Steps[i].Text)
	}
	if c.Failure == nil {
		return
	}
	f := *c.Failure
	f.Message, f.Likely = text(f.Message), text(f.Likely)
	f.Source = slices.Clone(f.Source)
	for i := range f.Source {
		f.Source[i].Text = text(f.Source[i].Text)
	}
	f.Facts = slices.Clone(f.Facts)
	for i, fact := range f.Facts {
		f.Facts[i] = diagnose.Fact{Subject: text(fact.Subject), Text: text(fact.Text)}
	}
	c.Failure = &f
}
