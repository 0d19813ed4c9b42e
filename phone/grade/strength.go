package grade

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
)

// strong is the algorithm that stands above MD5 (RFC 8760 §2.4).
const strong = "SHA-256"

// choosing returns the script of a phone that is offered a strong digest and a weak one
// and, if it takes the weak one, the strong one alone.
func choosing(v view) []step {
	back := func(v view) bool { return v.has(v.granted()) }
	within := v.cfg.Expires + answerWithin
	return []step{
		{do: "challenge " + strong + ",MD5"},
		{do: "expire nonces", until: back, within: within},
		{do: "challenge " + strong, unless: chose(strong)},
		{do: "expire nonces", unless: chose(strong), until: func(v view) bool { return len(v.all(v.granted())) > 1 }, within: within},
	}
}

// chose reports whether a registration was granted for a digest by an algorithm.
func chose(algorithm string) func(view) bool {
	return func(v view) bool { _, ok := v.granting(algorithm); return ok }
}

// granting returns the REGISTER whose digest by an algorithm was granted first.
func (v view) granting(algorithm string) (register event.Record, ok bool) {
	granted := v.granted()
	for _, r := range v.trace {
		switch {
		case v.sent("REGISTER")(r):
			register = r
		case granted(r) && register.Event != nil:
			cred, err := digest.ParseCredentials(header(register, "Authorization"))
			if err == nil && digest.SameAlgorithm(cred.Algorithm, algorithm) {
				return register, true
			}
		}
	}
	return event.Record{}, false
}

func judgeStrength(v view) finding {
	told := v.told("REGISTER", 401, 401)
	offer, asked := v.first(func(r event.Record) bool { return told(r) && strings.Contains(header(r, "WWW-Authenticate"), strong) })
	weak, took := v.granting("MD5")
	best, can := v.granting(strong)
	evidence := []Line{shows(offer, "WWW-Authenticate"), shows(weak, "Authorization"), shows(best, "Authorization")}
	switch {
	case !asked:
		return untold("it has sent no REGISTER since")
	case !took && !can:
		return failed("it does not answer where two digests are offered").showing(evidence[0])
	case !took:
		return passed("it takes %s", strong).showing(evidence[0], evidence[2])
	case can:
		return failed("it takes MD5, though it knows %s, which stands above it", strong).showing(evidence...)
	}
	return untold("it answers MD5 (obsolete, RFC 8760), and not %s alone", strong).showing(evidence[0], evidence[1])
}
