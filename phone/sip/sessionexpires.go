package sip

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

const (
	// MinSession is the shortest session timer that may be asked for (RFC 4028
	// §4).
	MinSession = 90 * time.Second
	// maxSession bounds what we take of a peer: a day, beyond which no server
	// looks whether a call is still there (our own number).
	maxSession = 24 * time.Hour
	// statusTooBrief is "Session Interval Too Small" (RFC 4028 §6).
	statusTooBrief = 422
)

// A SessionExpires is what a message says of the timer.
type SessionExpires struct {
	Every     time.Duration // 0: nothing that can be read; at most what we take
	Refresher string        // "uac", "uas", or "" where it does not say
	Unclear   string        // what could not be read
	Zero      bool          // it says 0, which is nothing
}

// sessionExpiresOf reads the Session-Expires of a message. Of several, of which there
// may be none (RFC 4028 §4), the first counts.
func sessionExpiresOf(m sip.Message) (se SessionExpires) {
	if len(Fields(m, "session-expires")) == 0 {
		return se
	}
	values := Values(m, "session-expires")
	if len(values) == 0 {
		return SessionExpires{Unclear: "nothing"}
	}
	se = ParseSessionExpires(values[0])
	if len(values) > 1 {
		se.Unclear = strings.Join(values, ", ")
	}
	return se
}

// ParseSessionExpires reads the value of a Session-Expires (RFC 4028 §4).
func ParseSessionExpires(value string) (se SessionExpires) {
	number, params := ParseValue(value)
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n == 0 {
		se.Unclear, se.Zero = value, err == nil
		return se
	}
	se.Every = maxSession
	if n < uint64(maxSession/time.Second) {
		se.Every = time.Duration(n) * time.Second
	}
	refresher, named := Param(params, "refresher")
	se.Refresher = strings.ToLower(refresher)
	if named && se.Refresher != "uac" && se.Refresher != "uas" {
		se.Unclear, se.Refresher = value, ""
	}
	if n > math.MaxUint32 || strings.Count(strings.ToLower(value), "refresher") > 1 {
		se.Unclear = value
	}
	return se
}

// minSEOf reads the Min-SE of a message: never less than 90 s, nor more than we
// take.
func minSEOf(m sip.Message) time.Duration {
	least, _ := Seconds(m, "min-se")
	return min(max(least, MinSession), maxSession)
}

// tooBrief reports whether a request asks for a timer that is too short, and its
// sender can be told so (RFC 4028 §9).
func (c *Config) tooBrief(req *sip.Request) bool {
	se := sessionExpiresOf(req)
	return !c.NoTimer && (se.Zero || se.Every > 0 && se.Every < c.leastSession()) && supports(req, tagTimer)
}

// minSE names the least that is long enough.
func (c *Config) minSE() sip.Header { return sip.NewHeader("Min-SE", wholeSeconds(c.leastSession())) }

// doubtSession names what a message of a peer says of the timer that cannot be right.
func doubtSession(s *step, peer string, m sip.Message) {
	se, what := sessionExpiresOf(m), ""
	_, isResponse := m.(*sip.Response)
	switch {
	case se.Unclear != "":
		what = se.Unclear
	case isResponse && se.Every > 0 && se.Refresher == "":
		what = Text(m, "session-expires") + " without a refresher"
	}
	for _, doubt := range [...]struct{ field, what string }{{"Session-Expires", what}, {"Session-Expires", se.tooLittle()}, {"Min-SE", unclearMinSE(m)}} {
		if doubt.what == "" {
			continue
		}
		s.Log(event.Warning{
			Rule: event.RuleSessionTimer, Note: fmt.Sprintf("%s says %s: %s, in its %s", peer, doubt.field, event.Brief(event.Printable(doubt.what), maxDoubt), nameOfMessage(m)),
			Hint: "one number of seconds, at least 90, and in a 2xx who refreshes: 1800;refresher=uac",
		})
	}
}

// unclearMinSE is what a Min-SE says that is not one time of at least 90 s (RFC 4028 §5);
// "" if there is nothing wrong with it.
func unclearMinSE(m sip.Message) string {
	if len(Fields(m, "min-se")) == 0 {
		return ""
	}
	value := strings.Join(Values(m, "min-se"), ", ")
	number, _ := ParseValue(value)
	switch least, ok := DeltaSeconds(number); {
	case !ok:
		return strconv.Quote(value)
	case least < MinSession:
		return fmt.Sprintf("%g s, which is less than 90", least.Seconds())
	}
	return ""
}

// maxDoubt bounds what is shown of a Session-Expires, in bytes (our own number).
const maxDoubt = 100

// tooLittle says that nobody may ask for so short a timer (RFC 4028 §4); "" if it is
// not.
func (se *SessionExpires) tooLittle() string {
	if se.Every == 0 || se.Every >= MinSession {
		return ""
	}
	return fmt.Sprintf("%g s, which is less than 90", se.Every.Seconds())
}
