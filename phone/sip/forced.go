package sip

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/control"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip/digest"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// forced are the answers that a tester has the agent give, for a server under test
// that must bear them. It stands before the service: what is answered so reaches no
// call and no user.
//
// An answer that is to come later is a deadline like others: one that falls due
// while the program is stopped is sent when it runs again.
type forced struct {
	*wire
	rules []control.Force // one for a method
	owed  []owedAnswer    // oldest first
}

// An owedAnswer is one that waits for its time. One that is nothing waits until the
// peer has given up, and sends no more copies of its request.
type owedAnswer struct {
	tx   *ServerTransaction
	rule control.Force
	at   time.Time
}

// check says why a rule cannot be taken; nil if it can. A redirect has to have been told
// where to.
func (f *forced) check(rule control.Force) error {
	if err := checkForced(rule); err != nil {
		return err
	}
	if NamesContact(rule.Status) && !f.extras.answers(rule.Status, "Contact") {
		return fmt.Errorf("a %d says where else to ask: first, header %[1]d Contact: <sip:carol@%s>", rule.Status, f.aor.Host)
	}
	return nil
}

// checkHeader says why a header field cannot be taken out: an answer that is still to
// come has to have it.
func (f *forced) checkHeader(x control.AddHeader) error {
	leads := func(status int) bool { return strconv.Itoa(status) == x.On && NamesContact(status) }
	if x.Value != "" || !SameField(x.Name, "Contact") {
		return nil
	}
	for _, r := range f.rules {
		if leads(r.Status) {
			return fmt.Errorf("%s is answered %d, which says where else to ask: first, respond normally to %[1]s", r.Method, r.Status)
		}
	}
	if slices.ContainsFunc(f.owed, func(o owedAnswer) bool { return leads(o.rule.Status) }) {
		return fmt.Errorf("a %s is still to be sent, and says where else to ask", x.On)
	}
	return nil
}

// set takes a rule in place of the one for that method.
func (f *forced) set(rule control.Force) {
	f.rules = slices.DeleteFunc(f.rules, func(r control.Force) bool { return r.Method == rule.Method })
	f.rules = append(f.rules, rule)
}

// clear has the agent answer requests of a method as it would, of all if none is named.
// What is owed already stays owed.
func (f *forced) clear(method string) {
	f.rules = slices.DeleteFunc(f.rules, func(r control.Force) bool { return method == "" || r.Method == method })
}

// takes answers a request for which there is a rule, and reports whether there is
// one. After a provisional response the request is served as ever.
func (f *forced) takes(s *step, tx *ServerTransaction) bool {
	i := f.ruleFor(tx.Request)
	if i < 0 || tx.Request.IsInvite() && provisional(f.rules[i]) { // see early
		return false
	}
	rule := f.use(i)
	if rule.Status >= 200 && inNoDialog(tx.Request) { // what nothing answers has not come, as far as anybody can tell
		f.recent.came(s, tx.Request)
	}
	switch {
	case rule.Status == 0:
		rule.After = giveUp
	case provisional(rule):
		f.reply(s, tx, rule.Status, f.fields(tx.Request, rule)...)
		return false
	case rule.After == 0:
		f.reply(s, tx, rule.Status, f.fields(tx.Request, rule)...)
		return true
	case tx.Request.IsInvite(): // it would be sent again, else (RFC 3261 §17.2.1)
		f.trying(s, tx)
	}
	f.owed = append(f.owed, owedAnswer{tx: tx, rule: rule, at: s.In(rule.After)})
	return true
}

// early sends the provisional response that an INVITE is to have which its call has
// taken: after the 100, in the dialog of what follows it, and reliably where that is
// required. One that is refused at once has none.
func (f *forced) early(s *step, c *call, tx *ServerTransaction) {
	i := f.ruleFor(tx.Request)
	if i < 0 || !provisional(f.rules[i]) || c.uas != tx {
		return
	}
	rule := f.use(i)
	if why := unfitForEarly(c, tx.Request); why != "" {
		s.Log(event.Error{
			Op: fmt.Sprintf("answer %d to the INVITE of %s", rule.Status, c.peer), Err: why, Rule: event.RuleNotPossible,
			Hint: "have the caller offer a session in its INVITE, or not require 100rel",
		})
		return
	}
	res := c.newResponse(tx.Request, rule.Status, f.fields(tx.Request, rule)...)
	if c.state == callIncoming {
		c.rel.number(s, res, nil)
	}
	c.respond(s, tx, res)
}

// unfitForEarly says why no provisional response of a tester's can be sent now in a call; "" if
// one can. What has to be reliable can be only where our own is too.
func unfitForEarly(c *call, req *sip.Request) string {
	switch {
	case c.state != callIncoming && requires(req, tagReliable):
		return "100rel is required, and a change of a call has no reliable responses"
	case c.state == callIncoming && c.rel.on && !hasSDP(req):
		return "the first reliable response has to have our offer (RFC 3262 §5)"
	}
	return ""
}

// ruleFor is the index of the rule for a request; -1 if there is none.
func (f *forced) ruleFor(req *sip.Request) int {
	return slices.IndexFunc(f.rules, func(r control.Force) bool { return r.Method == string(req.Method) })
}

// use counts a rule as used once more, and returns it.
func (f *forced) use(i int) control.Force {
	rule := f.rules[i]
	if f.rules[i].Use() {
		f.rules = slices.Delete(f.rules, i, i+1)
	}
	return rule
}

func provisional(rule control.Force) bool { return rule.Status > 0 && rule.Status < 200 }

// fields are those that an answer is to have: what its status demands, unless the
// tester has said it, and the Retry-After.
func (f *forced) fields(req *sip.Request, rule control.Force) []sip.Header {
	served := Served{Methods: allowed, Bodies: bodiesOf(req.Method), Packages: packagesHeard}
	if rule.Status == sip.StatusUnauthorized || rule.Status == sip.StatusProxyAuthRequired {
		served.Challenge = digest.Challenge{Realm: f.aor.Host, Nonce: f.token(2), Algorithm: "MD5", QOP: []string{"auth"}} // which nothing is good for
	}
	fields := Demanded(req, rule.Status, served)
	fields = slices.DeleteFunc(fields, func(h sip.Header) bool { return f.extras.answers(rule.Status, h.Name()) })
	if rule.RetryAfter > 0 {
		fields = append(fields, sip.NewHeader("Retry-After", wholeSeconds(rule.RetryAfter)))
	}
	return fields
}

// bodiesOf is those that a request may have.
func bodiesOf(method sip.RequestMethod) string {
	switch method {
	case sip.MESSAGE:
		return textTypes
	case sip.INFO:
		return digitTypes
	}
	return acceptable
}

func (f *forced) deadline() (at time.Time) {
	for _, o := range f.owed {
		at = system.Earliest(at, o.at)
	}
	return at
}

// delay does nothing: no answer is given up.
func (f *forced) delay(time.Time) {}

func (f *forced) advance(s *step) {
	at := f.deadline()
	i := slices.IndexFunc(f.owed, func(o owedAnswer) bool { return o.at.Equal(at) })
	o := f.owed[i]
	f.owed = slices.Delete(f.owed, i, i+1)
	f.pay(s, o)
}

// pay gives an answer that has waited.
func (f *forced) pay(s *step, o owedAnswer) {
	if o.rule.Status == 0 {
		f.txs.Drop(o.tx)
		return
	}
	f.reply(s, o.tx, o.rule.Status, f.fields(o.tx.Request, o.rule)...)
}

// leave gives the answers that are still to come, for the phone shuts down: a caller that
// has a 100 alone would wait for minutes.
func (f *forced) leave(s *step) {
	for _, o := range f.owed {
		f.pay(s, o)
		if o.rule.Status > 0 {
			req := o.tx.Request
			s.Log(event.Error{
				Op:  fmt.Sprintf("answer %d to the %s of %s", o.rule.Status, req.Method, addressOfRecord(&req.From().Address)),
				Err: fmt.Sprintf("the phone shuts down %s before the time", o.at.Sub(s.Now).Round(time.Millisecond)), Rule: event.RuleNotPossible,
				Hint: "it was answered at once; quit later, or have it answer sooner",
			})
		}
	}
	f.owed = nil
}

// cut is the end of the flow: nobody waits for the answers any more.
func (f *forced) cut() { f.owed = nil }

// checkForced reports what cannot be forced.
func checkForced(rule control.Force) error {
	switch {
	case rule.Status != 0 && (rule.Status <= sip.StatusTrying || rule.Status > 699):
		return fmt.Errorf("%d is no answer: from 101 to 699, or nothing", rule.Status)
	case provisional(rule) && rule.After > 0:
		return fmt.Errorf("%d cannot come later: what follows it would come first", rule.Status)
	case rule.Method == "" || rule.Method == string(sip.ACK):
		return fmt.Errorf("nothing answers %q", rule.Method)
	case rule.After < 0 || rule.RetryAfter < 0 || rule.Times < 0:
		return fmt.Errorf("%s, %d times", rule.After, rule.Times)
	}
	return nil
}
