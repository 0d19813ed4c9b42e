package ui

import (
	"slices"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// A wakeRow is a wake, or a lost call, which woke nobody.
type wakeRow struct {
	wake *event.WakeRow
	loss *event.LossRow
}

// lost are the calls that stand among the wakes: where those of one cause are listed, none.
func (v wakesView) lost() []event.LossRow {
	if v.cause != "" {
		return nil
	}
	return v.fold.Losses
}

// rows are the n rows that show the selection, the newest first: the wakes with the lost
// calls among them.
func (v wakesView) rows(wakes []*event.WakeRow, n int) []wakeRow {
	var all []wakeRow
	lost := v.lost()
	for i := len(wakes) - 1; i >= 0 || len(lost) > 0; {
		if last := len(lost) - 1; last >= 0 && (i < 0 || lost[last].Began >= wakes[i].At) {
			all, lost = append(all, wakeRow{loss: &lost[last]}), lost[:last]
			continue
		}
		all = append(all, wakeRow{wake: wakes[i]})
		i--
	}
	first := 0
	if at := slices.IndexFunc(all, v.marks); at >= n {
		first = at - n + 1
	}
	return all[first:min(len(all), first+n)]
}

// marks reports whether a row is the selected one.
func (v wakesView) marks(r wakeRow) bool {
	if v.losses.call != "" {
		return r.loss != nil && keyOf(r.loss) == v.losses.call
	}
	return r.wake != nil && r.wake.N == v.sel && v.sel != 0
}

// drawLost is a call that did not wake the app, or not in time.
//
//	╳  14:24:41.207  not woken  Bob → alice             never      -   LOST, Bob got 408
func (v wakesView) drawLost(p area, row int, loss *event.LossRow, c wakeColumns) {
	l := p.line(row)
	if keyOf(loss) == v.losses.call {
		p.c.put(p.x-1, l.y, p.x, "▌", open)
	}
	layout, word := v.stamp(loss.Began), "not woken"
	if c.what == 0 {
		layout = v.clock(loss.Began)
	}
	if loss.Where == event.AtApp || loss.Where == event.AtAnswer {
		word = "too late"
	}
	l.put(fault|strong, "╳").at(c.time).put(fault|strong, layout).at(c.cause)
	end := max(c.cause+10, c.wake-1)
	if c.what > 0 {
		end = c.what - 1
	}
	l.cut(end, fault|strong, word)
	if c.what > 0 {
		l.at(c.what).cut(c.wake-1, text|strong, orCaller(loss.From)+" → "+v.me()+lossBytes(loss, v.fold))
	}
	if c.wake > 0 {
		l.at(c.wake).put(fault, " never")
	}
	what := "LOST, "
	if !loss.Certain() {
		what = "LOST?, "
	}
	l.right(fault|strong, what+lossOutcome(loss))
}
