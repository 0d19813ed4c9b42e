package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	grammar "github.com/emiago/sipgo/sip"

	"github.com/sleeptalk/sleeptalk/phone/sip"
)

// A phone may keep several flows (RFC 5626 §4.2): bindings of one instance that differ
// in their reg-id. A request takes one of them at a time (§7), first that which was
// registered last: the likeliest to be alive (our own choice). The next one is taken if
// nothing has answered there: the flow is gone, its edge says so (430), or there was
// silence (408). Whatever else the phone answers, it has answered; so has one that rang
// and says 408 then.

// instanceOf is the phone that a flow leads to, "" for a contact that is no flow.
func instanceOf(c *grammar.ContactHeader) string {
	instance, _ := sip.Param(c.Params, "+sip.instance")
	if !c.Params.Has("reg-id") {
		return ""
	}
	return instance
}

// flow is the reg-id of a binding, "" for one that is no flow.
func (b *binding) flow() string {
	_, flow, _ := b.device()
	return flow
}

// device is the instance of a binding, and its reg-id ("": none); ok is false if it has
// no instance.
func (b *binding) device() (instance, flow string, ok bool) {
	id, ok := strings.CutPrefix(b.id, "instance ")
	i := strings.LastIndexByte(id, ' ')
	if !ok || i < 0 {
		return "", "", false
	}
	return id[:i], id[i+1:], true
}

// oddFlow says what is wrong with the number of a flow, or "": it is written to others,
// who find a flow by it (RFC 5626 §4.2: from 1, below 2^31).
func oddFlow(c *grammar.ContactHeader) string {
	reg, given := sip.Param(c.Params, "reg-id")
	n, err := strconv.ParseUint(reg, 10, 31)
	if !given || err == nil && n > 0 {
		return ""
	}
	return fmt.Sprintf("reg-id %.40q is no number from 1 to 2^31-1", reg)
}

// severalFlows reports whether more than one Contact of a REGISTER is to be a flow: it
// has come by one (RFC 5626 §6).
func severalFlows(contacts []*grammar.ContactHeader) bool {
	n := 0
	for _, c := range contacts {
		if c.Params.Has("reg-id") {
			n++
		}
	}
	return n > 1
}

// beside reports whether two bindings are flows of one phone.
func (b *binding) beside(other *binding) bool {
	return b.instance != "" && other.instance == b.instance
}

// spares are the other flows of the phone that a binding leads to, the newest first.
func (b *binding) spares() (spares []string) {
	for _, other := range slices.Backward(b.user.bindings) {
		if other != b && b.beside(other) && !other.conn.closed {
			spares = append(spares, other.id)
		}
	}
	return spares
}

// flowTargets are the bindings of a user, oldest first, as targets: one for each phone,
// with its other flows to fall back on. Those that are open come before those that only
// a push leads to.
func flowTargets(bindings []*binding) (targets []target) {
	for _, open := range []bool{true, false} {
		for _, b := range slices.Backward(bindings) {
			if b.conn.closed == open {
				continue
			}
			i := slices.IndexFunc(targets, func(t target) bool { return b.beside(t.binding) })
			if i < 0 {
				targets = append(targets, target{conn: b.conn, uri: b.uri, binding: b})
			} else {
				targets[i].spares = append(targets[i].spares, b.id)
			}
		}
	}
	slices.SortStableFunc(targets, func(a, b target) int { return slices.Index(bindings, a.binding) - slices.Index(bindings, b.binding) })
	return targets
}

// led reports whether a response comes from the phone: a 430 is its edge's, and so may a
// 408 be if the phone has said nothing before.
func (b *branch) led(status int) bool {
	return status != sip.StatusFlowFailed && (status != 408 || b.rang)
}

// flowFailed is a branch that has come to nothing because its flow has not led to the
// phone. It reports whether another flow of the phone is tried.
func (b *branch) flowFailed(why string) bool {
	x := b.ctx
	next, spares := b.nextFlow()
	if next == nil || b.ended || b.cancelled || x.answered {
		return false
	}
	b.end()
	x.proxy.loop.Note("next flow", next.user.name+" "+next.conn.remote.String(), fmt.Sprintf("%s %s: %s at %s", x.req.Method, x.req.CallID().Value(), why, b.conn.remote))
	t := target{conn: next.conn, uri: next.uri, binding: next, spares: spares}
	if x.inDialog() {
		t.uri = x.req.Recipient // the phone knows it by that
	}
	x.send(t, b.rest)
	x.finish() // no flow may be left that the request is worth a push for
	return true
}

// nextFlow is the next of the phone's other flows as it is bound now, and those after
// it. A flow that was refreshed meanwhile has another binding; one that is gone is left
// out.
func (b *branch) nextFlow() (next *binding, rest []string) {
	for i, id := range b.spares {
		if next := b.to.user.bound(id); next != nil {
			return next, b.spares[i+1:]
		}
	}
	return nil, nil
}
