package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A cause is a rule, and how it shows in the evidence.
type cause struct {
	rule event.Rule
	// words looks at the evidence; "" means that it is not this.
	words func(ev *Evidence) string
}

// causes are looked at in this order, the more telling first: the first that
// fits is named. A cause is a guess from what the phone and the caller saw. It
// never asks the server.
var causes = []cause{
	{event.RuleWakeBudget, killedByBudget},
	{event.RuleProcessGone, processGone},
	{event.RuleWrongPassword, wrongPassword},
	{event.RuleClearPassword, notInClear},
	{event.RuleNotRegistered, notRegistered},
	{event.RuleClosedAtStep, closedAtStep},
	{event.RuleKeepaliveCut, keepaliveCut},
	{event.RuleHandover, linkSays("handover")},
	{event.RuleHalfOpen, linkSays("nat drop", "nat expired", "server half-open")},
	{event.RuleDuplicateInvite, duplicateInvite},
	{event.RuleLateCancel, lateCancel},
	{event.RuleServerCancelled, serverCancelled},
	{event.RuleLostBye, lostBye},
	{event.RuleTransferUnreported, transferUnreported},
	{event.RuleNotWakeable, notWakeable},
	{event.RuleNoAppPush, noAppPush},
	{event.RuleLocalPushStopped, localPushStopped},
	{event.RuleDistributorAsleep, distributorAsleep},
	{event.RulePushExpired, pushEnded(event.PushExpired)},
	{event.RulePushBlocked, pushEnded(event.PushBlocked)},
	{event.RulePushRefused, pushRefused},
	{event.RulePushNoWait, pushNoWait},
	{event.RulePushLost, pushLost},
	{event.RulePushTooLate, pushLate},
	{event.RulePushTooShort, pushTooShort},
	{event.RuleGhostCall, ghostCall},
	{event.RuleTrustedFlow, trustedFlow},
	{event.RuleNoRefresh, noRefresh},
	{event.RuleNothingWakes, nothingWakes},
	{event.RuleFrozenSockets, frozenSockets},
	{event.RuleVoIPSocket, unwatched(event.RuleVoIPSocket)},
	{event.RuleNoVoIPMode, unwatched(event.RuleNoVoIPMode)},
	{event.RuleMarkLate, unwatched(event.RuleMarkLate)},
	{event.RuleMarkOutside, unwatched(event.RuleMarkOutside)},
	{event.RuleMarkNoRequest, unwatched(event.RuleMarkNoRequest)},
	{event.RuleNotMarked, unwatched(event.RuleNotMarked)},
	{event.RuleReclaimed, tookSockets},
	{event.RuleMarkIgnored, unwatched(event.RuleMarkIgnored)},
	{event.RuleBindingLost, bindingLost},
	{event.RuleCallRefused, callRefused},
	{event.RuleStaleConnection, staleFlow},
	{event.RuleUnknownSender, refusedCall},
	{event.RuleNotRouted, notRouted},
	{event.RuleTextLost, textLost},
	{event.RuleNoPong, noPongCame},
	{event.RuleServerSilent, serverSilent},
	{event.RuleAudioAsleep, cutAudio(event.RuleAudioAsleep)},
	{event.RuleNoAudio, cutAudio(event.RuleNoAudio)},
	{event.RuleOneWayAudio, cutAudio(event.RuleOneWayAudio)},
	{event.RuleNoAudioIn, audioSaid(event.RuleNoAudioIn)},
	{event.RuleNoAudioOut, audioSaid(event.RuleNoAudioOut)},
	{event.RuleSilenceUnproven, audioSaid(event.RuleSilenceUnproven)},
	{event.RuleWrongTone, soundIsOther},
	{event.RuleSilence, soundIsSilence},
	{event.RuleKeepaliveRefused, keepaliveRefused},
	{event.RuleRangTooLong, rangTooLong},
	{event.RuleNotSuspended, wasNotSuspended},
	{event.RuleNoBanner, bannerRefused},
	{event.RuleNotConnected, notConnected},
}

// Likely names the rule by which a call has probably not reached a phone that
// was called after the record numbered since, and says it in words; both are
// empty where no rule fits.
func Likely(log *event.Log, phone string, since uint64) (rule event.Rule, words string) {
	ev := Examine(log, Question{Phone: phone, Actor: phone, Acted: true, Since: since})
	ev.now = ev.past.own
	return ev.Cause()
}

// Cause names the likely cause; both are empty where no rule fits. That this
// program did not run, or that its computer refused it something, comes before all
// others: then nobody else is to blame. Next is an anomaly that the phone itself has
// told of since the last action, in the words of its cause where that shows; but no oddity
// is why an app that ran was not woken.
func (ev *Evidence) Cause() (rule event.Rule, words string) {
	if words := stoodStill(ev); words != "" {
		return event.RuleStoodStill, words
	}
	if words := hostFailed(ev); words != "" {
		return event.RuleHostFailed, words
	}
	if w := ev.told(); w.Rule != "" && wasNotSuspended(ev) == "" {
		_, words := ev.fits(func(rule event.Rule) bool { return rule == w.Rule })
		return w.Rule, cmp.Or(words, event.Printable(w.Note))
	}
	return ev.fits(func(event.Rule) bool { return true })
}

// fits is the first cause that fits, of those rules for which ok holds.
func (ev *Evidence) fits(ok func(event.Rule) bool) (rule event.Rule, words string) {
	for _, c := range causes {
		if !ok(c.rule) {
			continue
		}
		if w := c.words(ev); w != "" {
			return c.rule, event.Printable(w)
		}
	}
	return "", ""
}

// told is the last warning since the last action. A datagram of a stranger is not of the
// phone's making: see refusedCall. A clock that was set changes nothing, nor does a server of
// STUN that is silent: the call goes on without it. What one end says of its audio comes after
// what both know: see audioSaid.
func (ev *Evidence) told() event.Warning {
	return ev.warned(func(rule event.Rule) bool {
		switch rule {
		case event.RuleUnknownSender, event.RuleClockSet, event.RuleStunSilent, event.RuleNoAudioIn, event.RuleNoAudioOut, event.RuleSilenceUnproven:
			return false
		case event.RuleFruitlessPush: // it costs later pushes, and no call its audio
			return !ev.aboutAudio()
		}
		return true
	})
}

// warned is the last warning of the phone since the last action, of those rules for which
// ok holds.
func (ev *Evidence) warned(ok func(event.Rule) bool) (last event.Warning) {
	for r := range ev.effects(ev.phone) {
		if w, is := r.Event.(event.Warning); is && ok(w.Rule) {
			last = w
		}
	}
	return last
}

// stoodStill is that this program did not run since the last action: whoever's
// expectation it was, nobody else may be blamed. A short standstill costs only sound.
func stoodStill(ev *Evidence) string {
	for r := range ev.from(ev.since) {
		if e, ok := r.Event.(event.Standstill); ok && (e.Long() || ev.aboutAudio()) {
			_, words := e.Text()
			return fmt.Sprintf("%s until %s, and nobody else is to blame for what came of it", words, ev.stamp(r.Device))
		}
	}
	return ""
}

// hostFailed is that this computer has refused somebody of the run a socket since
// the last action.
func hostFailed(ev *Evidence) string {
	for r := range ev.from(ev.since) {
		if e, ok := r.Event.(event.Error); ok && e.Rule == event.RuleHostFailed {
			return event.Printable(fmt.Sprintf("this computer refused %s what it asked for at %s: %s: %s", r.Phone, ev.stamp(r.Device), e.Op, e.Err))
		}
	}
	return ""
}

func killedByBudget(ev *Evidence) string {
	if k := ev.death(); k != nil && k.Code == "0xbad22222" {
		return "the system killed the app (0xbad22222): " + k.Reason
	}
	return ""
}

func processGone(ev *Evidence) string {
	if k := ev.death(); k != nil && k.Code != "" {
		return fmt.Sprintf("the system killed the app (%s): %s", k.Code, k.Reason)
	}
	if ev.fold.Life.State == event.Dead {
		return "the app's process is gone: " + ev.fold.Life.Why
	}
	return ""
}

// death is the app's end since the last action.
func (ev *Evidence) death() *event.Killed {
	for r := range ev.effects(ev.phone) {
		if k, ok := r.Event.(event.Killed); ok {
			return &k
		}
	}
	return nil
}

func wrongPassword(ev *Evidence) string {
	b := ev.fold.Registration
	if b.Phase != event.RegistrationFailed || b.Status != 401 && b.Status != 403 && b.Status != 407 || !ev.past.challenged {
		return ""
	}
	return fmt.Sprintf("the server refused the credentials%s: %d %s", ev.ofAccount(), b.Status, b.Reason)
}

// notInClear fits a registration that the phone itself gave up.
func notInClear(ev *Evidence) string { return ev.past.inClear }

func notRegistered(ev *Evidence) string {
	if b := ev.fold.Registration; b.Phase == event.RegistrationFailed {
		return fmt.Sprintf("the server refused the registration%s: %d %s", ev.ofAccount(), b.Status, b.Reason)
	}
	return ""
}

// ofAccount says which account is the one that is worst off, of several.
func (ev *Evidence) ofAccount() string {
	if name := ev.fold.Worst(); name != "" {
		return " of the account " + name
	}
	return ""
}

// atOnce is how soon after something its answer is its consequence.
const atOnce = time.Second

// closedAtStep fits a connection that the server closed right after something had
// gone over it.
func closedAtStep(ev *Evidence) string {
	if ev.wanted("socket") || ev.fold.Socket.Phase == event.SocketFailed { // it is not only closed: it is not there
		return ""
	}
	return ev.past.closed
}

// wanted reports whether the expectation was about that.
func (ev *Evidence) wanted(heads ...string) bool { return slices.Contains(heads, ev.head) }

func wireText(e event.Event) string {
	switch e := e.(type) {
	case event.Message:
		what := e.Method
		if e.Status != 0 {
			what = fmt.Sprintf("%d to %s", e.Status, e.Method)
		}
		if e.Out {
			return "our " + what
		}
		return "its " + what
	case event.Data:
		if e.Out {
			return "our " + e.What
		}
		return "its " + e.What
	case event.Ping:
		if e.Out {
			return "our ping"
		}
	}
	return "its ping"
}

// textLost fits where somebody has sent a text and nothing came over a
// connection that stands.
func textLost(ev *Evidence) string {
	if !ev.wanted("text") || !ev.fold.Socket.Open() {
		return ""
	}
	words := ""
	for r := range ev.from(0) {
		if v, ok := r.Event.(event.Verb); ok && strings.Contains(v.Line, " texts ") {
			words = fmt.Sprintf("the text that %s sent at %s did not come over the connection", r.Phone, ev.stamp(r.Device))
		}
	}
	return words
}

func noPongCame(ev *Evidence) string {
	pinged := time.Duration(-1)
	for r := range ev.effects(ev.phone) {
		switch e := r.Event.(type) {
		case event.Ping:
			if e.Out && pinged < 0 {
				pinged = r.Device
			}
		case event.Pong:
			if !e.Out {
				pinged = -1
			}
		}
	}
	if pinged < 0 || ev.now-pinged < atOnce/2 {
		return ""
	}
	return fmt.Sprintf("the server has not answered our ping of %s; not all servers do", ev.stamp(pinged))
}

// patience is how long a server may take to answer, before its silence is
// remarkable: T2 of RFC 3261 §17.1.2.2.
const patience = 4 * time.Second

func serverSilent(ev *Evidence) string {
	p := &ev.past
	if p.waiting == nil || ev.now-p.asked < patience {
		return ""
	}
	return fmt.Sprintf("the server has not answered our %s of %s", p.waiting.Method, ev.stamp(p.asked))
}

func keepaliveRefused(ev *Evidence) string {
	if ev.wanted("wake", "tick", "keepalive", "ping", "pong") && ev.fold.Keepalive.Refused != "" {
		return "the system refused the keepalive handler: " + ev.fold.Keepalive.Refused
	}
	return ""
}

func wasNotSuspended(ev *Evidence) string {
	if l := ev.fold.Life; ev.wanted("wake", "frame") && l.State.Runs() && l.State != event.Awake && ev.now >= l.Since {
		return fmt.Sprintf("the app was not suspended (%s since %s): nothing had to wake it", l.State, ev.stamp(l.Since))
	}
	return ""
}

func bannerRefused(ev *Evidence) string {
	for r := range ev.effects(ev.phone) {
		if n, ok := r.Event.(event.Notification); ok && n.Phase == event.NotificationRefused {
			return "the system refused the notification: the user has turned them off"
		}
	}
	return ""
}

func notConnected(ev *Evidence) string {
	s := ev.fold.Socket
	if s.Phase == "" || s.Open() {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("there is no connection to the server: %s at %s, %s", s.Phase, ev.stamp(s.At), s.Error), ", ")
}
