package sip

import (
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The option tags of the extensions that make a difference to a call (RFC 3261
// §19.2).
const (
	tagReliable = "100rel" // RFC 3262
	tagTimer    = "timer"  // RFC 4028

	tagReplaces   = "replaces"   // RFC 3891
	tagNoReferSub = "norefersub" // RFC 4488
)

// Reliability says when provisional responses are acknowledged (RFC 3262).
type Reliability string

// The reliabilities.
const (
	ReliableWhereRequired Reliability = ""         // by PRACK, where the peer requires it
	ReliableNever         Reliability = "off"      // the extension is not spoken
	ReliableAlways        Reliability = "required" // a peer without it is refused
)

// extensions are the option tags that a call may require of us.
func (c *Config) extensions() []string {
	tags := []string{tagReplaces, tagNoReferSub}
	if c.Reliable != ReliableNever {
		tags = append(tags, tagReliable)
	}
	if !c.NoTimer {
		tags = append(tags, tagTimer)
	}
	return tags
}

// supported adds what the peer may require of us.
func (c *Config) supported(m sip.Message) {
	m.AppendHeader(sip.NewHeader("Supported", strings.Join(c.extensions(), ", ")))
}

// unsupported is what a request requires that we do not speak (RFC 3261
// §8.2.2.3).
func (c *Config) unsupported(req *sip.Request) []string {
	required := Values(req, "require")
	if len(required) == 0 {
		return nil
	}
	ours := c.extensions()
	return slices.DeleteFunc(required, func(tag string) bool { return tagged(ours, tag) })
}

// requires reports whether a message requires an extension, supports whether
// its sender speaks it at least.
func requires(m sip.Message, tag string) bool { return tagged(Values(m, "require"), tag) }

func supports(m sip.Message, tag string) bool {
	return requires(m, tag) || tagged(Values(m, "supported"), tag)
}

// allows reports whether the sender of a message says that it serves a method.
func allows(m sip.Message, method sip.RequestMethod) bool {
	return tagged(Values(m, "allow"), string(method))
}

// tagged reports whether a list has a tag; case does not matter (RFC 3261
// §7.3.1).
func tagged(tags []string, tag string) bool {
	return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) })
}

// LeastSession is the shortest session timer that a phone takes whose own minimum is minSE, 0
// if it has none (RFC 4028 §4, §5).
func LeastSession(minSE time.Duration) time.Duration { return max(minSE, MinSession) }

// leastSession is the shortest session timer that we accept.
func (c *Config) leastSession() time.Duration { return LeastSession(c.MinSE) }
