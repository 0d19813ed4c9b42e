package sip

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
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
}

// sessionExpiresOf reads the Session-Expires of a message.
func sessionExpiresOf(m sip.Message) (se SessionExpires) {
	if values := Values(m, "session-expires"); len(values) > 0 {
		return ParseSessionExpires(values[0])
	}
	return se
}

// ParseSessionExpires reads the value of a Session-Expires (RFC 4028 §4).
func ParseSessionExpires(value string) (se SessionExpires) {
	number, params := ParseValue(value)
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n == 0 {
		se.Unclear = value
		return se
	}
	se.Every = maxSession
	if n < uint64(maxSession/time.Second) {
		se.Every = time.Duration(n) * time.Second
	}
	refresher, _ := Param(params, "refresher")
	se.Refresher = strings.ToLower(refresher)
	if se.Refresher != "" && se.Refresher != "uac" && se.Refresher != "uas" {
		se.Unclear, se.Refresher = value, ""
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
	every := sessionExpiresOf(req).Every
	return !c.NoTimer && every > 0 && every < c.leastSession() && supports(req, tagTimer)
}

// minSE names the least that is long enough.
func (c *Config) minSE() sip.Header { return sip.NewHeader("Min-SE", wholeSeconds(c.leastSession())) }
