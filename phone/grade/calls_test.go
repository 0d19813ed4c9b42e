package grade

import (
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// longed is a call that the phone has taken after a 422.
func longed() *records {
	return new(records).message(1, false, "INVITE", 0).message(1.1, true, "INVITE", 422).tagged("1").
		message(1.2, false, "INVITE", 0).again(2)
}

// tagged has the last message be of a dialog.
func (p *records) tagged(tag string) *records {
	return p.but(func(m *event.Message) {
		m.Raw = strings.Replace(m.Raw, "To: <sip:alice@lab.test>", "To: <sip:alice@lab.test>;tag="+tag, 1)
	})
}

// again has the last message be of a later transaction.
func (p *records) again(cseq uint32) *records {
	return p.but(func(m *event.Message) { m.CSeq = cseq })
}

// TestLonger: a 422 after which the robot asks again is no answer, and the last one is.
func TestLonger(t *testing.T) {
	asked := func() *records { return new(records).message(1, false, "INVITE", 0).message(1.1, true, "INVITE", 422) }
	judged(t, "it rings then", judgeRinging(longed().message(3, true, "INVITE", 180).again(2).view(9)), Fail) // too late, by its own INVITE
	judged(t, "it rings at once", judgeRinging(longed().message(2, true, "INVITE", 180).again(2).view(9)), Pass)
	judged(t, "it refuses", judgeRinging(asked().view(9)), Fail)
	judged(t, "it refuses, and is told something else", judgeRinging(asked().message(2, false, "BYE", 0).again(2).view(9)), Fail)
	refused := asked()
	refused.callID = "the next"
	judged(t, "it refuses, and rings for the next call", judgeRinging(refused.message(2, false, "INVITE", 0).again(2).message(3, true, "INVITE", 180).again(2).view(9)), Fail)
	cancelled := func(p *records) *records {
		return p.message(3, false, "CANCEL", 0).message(3.1, true, "CANCEL", 200).message(3.2, true, "INVITE", 487)
	}
	judged(t, "and cancelled", judgeCancel(cancelled(longed()).view(9)), Pass)
	judged(t, "refused, and cancelled", judgeCancel(asked().message(3, false, "CANCEL", 0).view(9)), Fail)
	twice := func(p *records) *records {
		copied := p.message(1.3, true, "INVITE", 422).tagged("1") // once more
		return copied.message(2, true, "INVITE", 180).again(2).tagged("2")
	}
	judged(t, "it rings once, and not twice", judgeRepeated(twice(longed()).message(3, true, "INVITE", 180).again(2).tagged("3").view(9)), Fail)
	judged(t, "it rings once", judgeRepeated(twice(longed()).view(9)), Pass)
}

// TestSettled: after a 422 there is more to wait for, unless the robot gives up.
func TestSettled(t *testing.T) {
	for status, want := range map[int]bool{100: false, 180: true, 200: true, 421: true, 422: false, 423: true, 486: true} {
		p := new(records).message(1, false, "INVITE", 0).message(2, true, "INVITE", status)
		if rung(p.view(9)) != want {
			t.Errorf("%d ends the wait: %v", status, !want)
		}
		if !rung(p.note(3, caller, event.Call{ID: 1, Phase: event.CallEnded}).view(9)) {
			t.Errorf("%d, and the call is over: the wait goes on", status)
		}
	}
	if p := longed(); p.view(9).settled(180) || !p.message(3, true, "INVITE", 200).view(9).settled(200) || p.view(9).settled(201) {
		t.Error("the answer after a 422 is not known")
	}
}

// TestAfter: what comes after a record does not begin with it.
func TestAfter(t *testing.T) {
	v := new(records).message(1, true, "INVITE", 0).message(2, false, "INVITE", 100).message(3, false, "INVITE", 200).view(9)
	for i, want := range []int{2, 1, 0} {
		if got := len(v.after(v.trace[i]).trace); got != want {
			t.Errorf("%d after the record %d, want %d", got, i+1, want)
		}
	}
	if got := len(v.after(event.Record{}).trace); got != 3 {
		t.Errorf("%d after none", got)
	}
}
