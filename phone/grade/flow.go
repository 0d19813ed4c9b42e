package grade

import (
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// pingWithin returns how long to wait for a ping of the phone.
func pingWithin(flowTimer time.Duration) time.Duration {
	return flowTimer + slack
}

// pingPatience is how long to wait for a ping that no rule demands: our own
// number, which covers the 30 s of belle-sip.
const pingPatience = 35 * time.Second

func pinging(v view) []step {
	timer := v.flowTimer()
	if timer == 0 {
		return nil // it may take as long as it likes
	}
	return []step{{until: func(v view) bool { return len(ownPings(v)) >= 2 }, within: 2 * pingWithin(timer)}}
}

// ownPings returns the pings since the phone was first registered.
func ownPings(v view) []event.Record {
	first, _ := v.first(v.granted())
	return v.after(first).all(v.pinged())
}

func judgeKeepalive(v view) finding {
	first, _ := v.first(v.granted())
	pings, timer := ownPings(v), v.flowTimer()
	last, longest := first, time.Duration(0)
	var worst event.Record
	for _, p := range pings {
		if gap := p.Device - last.Device; gap > longest {
			longest, worst = gap, p
		}
		last = p
	}
	if timer > 0 && len(pings) > 0 && v.now-last.Device > longest {
		longest, worst = v.now-last.Device, last
	}
	evidence := []Line{shows(first, "Flow-Timer")}
	watched := v.now - first.Device
	switch {
	case len(pings) == 0 && timer == 0 && watched < keepaliveDefault:
		return untold("no ping in %s: without a Flow-Timer, 95 to 120 s are allowed, and on a battery 672 to 840 s", event.Round(watched)).showing(evidence...)
	case len(pings) == 0:
		return failed("no ping in %s", event.Round(watched)).showing(evidence...)
	case timer == 0:
		return passed("%d pings, at most %s apart; it had no Flow-Timer to honour", len(pings), event.Round(longest)).showing(append(evidence, shows(worst))...)
	case longest > timer+slack:
		return failed("%s without a ping, and the Flow-Timer is %s", event.Round(longest), event.Round(timer)).showing(append(evidence, shows(worst))...)
	}
	return passed("%d pings, at most %s apart; the Flow-Timer is %s", len(pings), event.Round(longest), event.Round(timer)).
		showing(append(evidence, shows(pings[0]), shows(pings[len(pings)-1]))...)
}

func beingPinged(v view) []step {
	gone := func(v view) bool { return v.has(v.socket(event.SocketClosed)) }
	return []step{
		{do: "ping USER", until: func(v view) bool { return v.has(v.ponged()) || gone(v) }, within: answerWithin, may: true},
		{do: "ask USER OPTIONS", unless: gone, until: func(v view) bool { return v.has(v.answers("OPTIONS", 200, 699)) }, within: answerWithin},
	}
}

func judgeServerPing(v view) finding {
	ping, _ := v.first(func(r event.Record) bool { e, ok := r.Event.(event.Ping); return ok && !e.Out })
	closed, gone := v.first(v.socket(event.SocketClosed))
	alive, ok := v.first(v.answers("OPTIONS", 200, 699))
	switch {
	case gone:
		return failed("it closed the connection").showing(shows(ping), shows(closed))
	case !ok:
		return failed("nothing on the connection is answered any more").showing(shows(ping))
	}
	if pong, ponged := v.first(v.ponged()); ponged {
		return passed("it answers with a pong, after %s", event.Round(pong.Device-ping.Device)).showing(shows(ping), shows(pong), shows(alive))
	}
	return passed("it ignores it, as it may").showing(shows(ping), shows(alive))
}

// refreshed returns the first registration that was granted in the last three
// quarters of the one before (our own share: a phone that has learnt its
// address registers again at once), and that one before.
func refreshed(v view) (before, refresh event.Record, ok bool) {
	granted := v.all(v.granted())
	for i := 1; i < len(granted); i++ {
		if granted[i].Device-granted[i-1].Device > grantOf(granted[i-1])/4 {
			return granted[i-1], granted[i], true
		}
	}
	if len(granted) > 0 {
		before = granted[len(granted)-1]
	}
	return before, refresh, false
}

// grantOf returns for how long a 200 registers the phone: the longest of its
// contacts.
func grantOf(r event.Record) (longest time.Duration) {
	for _, l := range lifetimesOf(r) {
		if life, ok := sip.DeltaSeconds(l.value); ok && l.field == "Contact" {
			longest = max(longest, life)
		}
	}
	return longest
}

func refreshing(v view) []step {
	return []step{{
		until: func(v view) bool {
			before, _, ok := refreshed(v)
			return ok || v.now > before.Device+grantOf(before)+slack
		},
		within: 2*v.cfg.Expires + slack,
	}}
}

func judgeRefresh(v view) finding {
	before, refresh, ok := refreshed(v)
	grant := grantOf(before)
	after := refresh.Device - before.Device
	switch {
	case !ok && v.now < before.Device+grant:
		return untold("the registration is still good")
	case !ok:
		return failed("not refreshed: the registration has expired after %s", event.Round(grant)).showing(shows(before, "Contact"))
	case after > grant:
		return failed("refreshed after %s, when the registration of %s was over", event.Round(after), event.Round(grant)).
			showing(shows(before, "Contact"), shows(refresh))
	}
	return passed("after %s of %s, %.0f %%", event.Round(after), event.Round(grant), 100*after.Seconds()/grant.Seconds()).
		showing(shows(before, "Contact"), shows(refresh))
}

func staling(v view) []step {
	return []step{{
		do: "expire nonces", until: func(v view) bool { return v.has(v.granted()) }, within: v.cfg.Expires + answerWithin,
	}}
}

func judgeStale(v view) finding {
	told := v.told("REGISTER", 401, 401)
	challenge, ok := v.first(func(r event.Record) bool {
		return told(r) && strings.Contains(header(r, "WWW-Authenticate"), "stale=true")
	})
	granted, again := v.first(v.granted())
	switch {
	case !ok && again:
		return untold("it did not use the old nonce again").showing(shows(granted))
	case !ok:
		return untold("it has sent no REGISTER since")
	case !again:
		return failed("it did not come back with the new nonce").showing(shows(challenge, "WWW-Authenticate"))
	}
	return passed("registered again %s after the challenge", event.Round(granted.Device-challenge.Device)).
		showing(shows(challenge, "WWW-Authenticate"), shows(granted))
}

// coming returns the script of a connection that ends and a phone that should
// come back.
func coming(do string, within time.Duration) func(view) []step {
	return func(v view) []step {
		return append(awake(v),
			step{opens: true, do: do, until: func(v view) bool { return v.has(v.granted()) }, within: within}, step{within: pause})
	}
}

func judgeBack(how string, within time.Duration) func(view) finding {
	return func(v view) finding {
		end, _ := v.first(v.socket(event.SocketClosed, event.SocketReset))
		granted, ok := v.first(v.granted())
		if !ok {
			return failed("it has not come back within %s of the %s", event.Round(within), how).showing(shows(end))
		}
		evidence := []Line{shows(end)}
		if open, ok := v.first(v.socket(event.SocketOpen)); ok {
			evidence = append(evidence, shows(open))
		}
		evidence = append(evidence, shows(granted))
		took := event.Round(granted.Device - end.Device)
		if onlyRefreshed(v, end, granted) {
			return failed("back %s after the %s, only with its next refresh: with a registration of an hour it is unreachable for most of it", took, how).
				showing(evidence...)
		}
		return passed("back %s after the %s", took, how).showing(evidence...)
	}
}

// onlyRefreshed reports whether a phone came back just when its refresh was
// due, judged by an earlier one, and not because it had lost its connection.
func onlyRefreshed(v view, end, back event.Record) bool {
	w := v.whole()
	before, refresh, ok := refreshed(w)
	if !ok || refresh.Seq >= end.Seq || back.Device-end.Device < answerWithin {
		return false
	}
	granted := w.granted()
	last, _ := w.last(func(r event.Record) bool { return granted(r) && r.Seq < end.Seq })
	usual := refresh.Device - before.Device
	return (back.Device - last.Device - usual).Abs() < slack
}

func unanswered(v view) []step {
	wait := pingPatience
	if timer := v.flowTimer(); timer > 0 {
		wait = 2 * pingWithin(timer)
	}
	return append(awake(v),
		step{opens: true, do: "misbehave no-pong", until: func(v view) bool { return v.has(v.pinged()) }, within: wait},
		step{until: func(v view) bool { return v.has(v.socket(event.SocketClosed, event.SocketOpen)) }, within: pongWithin + slack},
		step{until: func(v view) bool { return v.has(v.granted()) }, within: backWithin})
}

func judgeNoPong(v view) finding {
	ping, ok := v.first(v.pinged())
	if !ok {
		return untold("it has sent no ping in %s", event.Round(v.now-v.began))
	}
	later := v.after(ping)
	noticed, ok := later.first(v.socket(event.SocketClosed, event.SocketOpen))
	if !ok {
		return failed("it goes on as if there had been a pong: %s after the ping the connection is the same%s", event.Round(v.now-ping.Device), unproven(v)).
			showing(shows(ping))
	}
	evidence := []Line{shows(ping), shows(noticed)}
	took := noticed.Device - ping.Device
	granted, back := later.after(noticed).first(v.granted())
	switch {
	case took > pongWithin+slack:
		return failed("it took %s to notice", event.Round(took)).showing(evidence...)
	case !back:
		return failed("it gave the connection up, and has not come back").showing(evidence...)
	}
	return passed("noticed after %s, back after %s", event.Round(took), event.Round(granted.Device-ping.Device)).showing(append(evidence, shows(granted))...)
}

// unproven returns a remark if no ping of the phone was ever answered: some
// phones expect pongs only once they have seen one.
func unproven(v view) string {
	return when(!v.whole().has(func(r event.Record) bool { e, ok := r.Event.(event.Pong); return ok && !e.Out }),
		" (no ping of its had been answered before)")
}

// stallWithin returns the time by which a phone must have noticed that its
// connection is dead: by its next ping, or by its next refresh.
func stallWithin(v view) time.Duration {
	if timer := v.whole().flowTimer(); timer > 0 {
		return pingWithin(timer) + pongWithin + slack
	}
	return v.cfg.Expires + timerF + slack
}

func stalling(v view) []step {
	return append(awake(v),
		step{opens: true, do: "stall USER", until: func(v view) bool { return v.has(v.socket(event.SocketOpen)) }, within: stallWithin(v)},
		step{until: func(v view) bool { return v.has(v.granted()) }, within: backWithin})
}

func judgeStall(v view) finding {
	open, noticed := v.first(v.socket(event.SocketOpen))
	granted, back := v.first(v.granted())
	switch {
	case !noticed:
		return failed("it has not noticed within %s, and cannot be called", event.Round(stallWithin(v)))
	case !back:
		return failed("it opened another connection after %s, and has not registered", event.Round(open.Device-v.began)).showing(shows(open))
	}
	return passed("registered over another connection after %s", event.Round(granted.Device-v.began)).showing(shows(open), shows(granted))
}
