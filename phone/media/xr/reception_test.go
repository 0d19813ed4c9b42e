package xr

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// row books a row of packets: "." has come, "x" was lost.
func row(packets string) Counts {
	var r runs
	for _, p := range packets {
		if p == 'x' {
			r.lose(1)
		} else {
			r.receive()
		}
	}
	return r.counts()
}

func dots(n int) string { return strings.Repeat(".", n) }

// The definitions of RFC 3611 §4.7.2, one after the other.
func TestBurstsAndGaps(t *testing.T) {
	for _, c := range []struct {
		name, packets string
		want          Counts
	}{
		{"nothing", "", Counts{}},
		{"no loss", dots(100), Counts{Gaps: 1, InGaps: 100}},
		{"one loss alone is of the gap", dots(50) + "x" + dots(49), Counts{Gaps: 1, InGaps: 100, LostInGaps: 1}},
		{"one loss at the start", "x" + dots(20), Counts{Gaps: 1, InGaps: 21, LostInGaps: 1}},
		{"one loss at the end", dots(3) + "x", Counts{Gaps: 1, InGaps: 4, LostInGaps: 1}},
		{"two losses with Gmin between them", "x" + dots(16) + "x", Counts{Gaps: 1, InGaps: 18, LostInGaps: 2}},
		{"two losses with less", "x" + dots(15) + "x", Counts{Bursts: 1, InBursts: 17, LostInBursts: 2}},
		{"a burst between two gaps", dots(20) + "x..x" + dots(30), Counts{Bursts: 1, InBursts: 4, LostInBursts: 2, Gaps: 2, InGaps: 50}},
		{"two bursts", dots(20) + "xx" + dots(16) + "x.x", Counts{Bursts: 2, InBursts: 5, LostInBursts: 4, Gaps: 2, InGaps: 36}},
		{"a burst, and what has come since", "xx...", Counts{Bursts: 1, InBursts: 2, LostInBursts: 2, Gaps: 1, InGaps: 3}},
		{"all lost", "xxxxx", Counts{Bursts: 1, InBursts: 5, LostInBursts: 5}},
		{"a burst, then one alone", "xx" + dots(20) + "x", Counts{Bursts: 1, InBursts: 2, LostInBursts: 2, Gaps: 1, InGaps: 21, LostInGaps: 1}},
	} {
		if got := row(c.packets); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// transitions are those of a row by the algorithm of RFC 3611 appendix A.2. It counts a loss
// that is alone with the next one; so that the last is counted, one is before the first.
func transitions(packets string) (bursts, inGaps, lostInGaps int) {
	pkt, lost := 0, 1
	for _, p := range packets {
		if p != 'x' {
			pkt++
			continue
		}
		if pkt >= Gmin {
			if lost == 1 {
				lostInGaps++ // c14
			} else {
				bursts++ // c13
			}
			lost = 1
			inGaps += pkt // c11
		} else {
			lost++
		}
		pkt = 0
	}
	return bursts, inGaps, lostInGaps
}

// The counts are those of the appendix, in rows at whose ends both say the same.
func TestBurstsOfTheAppendix(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var b strings.Builder
		b.WriteString(dots(Gmin) + "x" + dots(Gmin)) // A.2 takes the first loss for one that was alone
		bad := false
		for range rng.IntN(400) {
			if rng.IntN(20) == 0 {
				bad = !bad
			}
			if bad && rng.IntN(3) == 0 {
				b.WriteByte('x')
			} else {
				b.WriteByte('.')
			}
		}
		b.WriteString(dots(Gmin) + "x")
		packets := b.String()
		got := row(packets)
		bursts, inGaps, lost := transitions(packets)
		if int(got.Bursts) != bursts || int(got.LostInGaps) != lost || int(got.InGaps-got.LostInGaps) != inGaps {
			t.Fatalf("%s\n got %+v\nwant %d bursts, %d in gaps, %d of them lost", packets, got, bursts, inGaps, lost)
		}
		if n := strings.Count(packets, "x"); int(got.Lost()) != n || int(got.InBursts+got.InGaps) != len(packets) {
			t.Fatalf("%s: %+v of %d packets, %d lost", packets, got, len(packets), n)
		}
	}
}

// receive gives a reception packets by their numbers.
func receive(r *Reception, numbers ...int) {
	for _, n := range numbers {
		r.Receive(uint16(n))
	}
}

func upTo(first, last int) (numbers []int) {
	for n := first; n <= last; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

func TestReception(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *Reception)
		want Counts
	}{
		{"in order, over the end of the numbers", func(r *Reception) { receive(r, upTo(65500, 65700)...) }, Counts{Gaps: 1, InGaps: 201}},
		{"out of order", func(r *Reception) { receive(r, 1, 3, 2, 4) }, Counts{Gaps: 1, InGaps: 4}},
		{"older than the first", func(r *Reception) { receive(r, 5, 3) }, Counts{Gaps: 1, InGaps: 3, LostInGaps: 1}},
		{"older than anybody waits for", func(r *Reception) { receive(r, 1, 80, 2) }, Counts{Bursts: 1, InBursts: 78, LostInBursts: 78, Gaps: 2, InGaps: 2}},
		{"just older than that", func(r *Reception) { receive(r, 1, 65, 1); receive(r, upTo(66, 200)...) }, Counts{Bursts: 1, InBursts: 63, LostInBursts: 63, Gaps: 2, InGaps: 137}},
		{"twice", func(r *Reception) { receive(r, 1, 2, 2, 2) }, Counts{Gaps: 1, InGaps: 2}},
		{"too late", func(r *Reception) { receive(r, 1, 2, 3); r.Discard(2) }, Counts{Gaps: 1, InGaps: 3, LostInGaps: 1}},
		{"too late, and long booked", func(r *Reception) { receive(r, upTo(1, 100)...); r.Discard(2) }, Counts{Gaps: 1, InGaps: 100}},
		{"of another time", func(r *Reception) { receive(r, 1, 2); r.Discard(60000) }, Counts{Gaps: 1, InGaps: 2}},
		{"came, and did not open", func(r *Reception) { receive(r, 1); r.Excuse(2); r.Excuse(3); receive(r, 4) }, Counts{Gaps: 1, InGaps: 2}},
		{"lost beside one that did not open", func(r *Reception) { receive(r, 1); r.Excuse(3); receive(r, 4) }, Counts{Gaps: 1, InGaps: 3, LostInGaps: 1}},
		{"after a time in which nobody listened", func(r *Reception) { receive(r, 1, 2); r.Skip(10); receive(r, 10, 8, 12) }, Counts{Gaps: 1, InGaps: 5, LostInGaps: 1}},
		{"after a long one", func(r *Reception) { receive(r, 1, 2); r.Skip(1000); receive(r, 1000, 1002) }, Counts{Gaps: 1, InGaps: 5, LostInGaps: 1}},
		{"nothing to leave out", func(r *Reception) { r.Skip(9); receive(r, 1); r.Skip(2); r.Skip(1); receive(r, 3) }, Counts{Gaps: 1, InGaps: 3, LostInGaps: 1}},
		{"another stream, after a time of nothing", func(r *Reception) { receive(r, 1, 2); r.Lose(10); receive(r, 40000) }, Counts{Bursts: 1, InBursts: 10, LostInBursts: 10, Gaps: 2, InGaps: 3}},
	} {
		var r Reception
		if c.do(&r); r.Counts(0) != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, r.Counts(0), c.want)
		}
	}
}

// What is missing at the time of a report is lost, and may come yet.
func TestReceptionGoesOnAfterCounts(t *testing.T) {
	var r Reception
	receive(&r, upTo(1, 20)...)
	if got := r.Counts(5); got != (Counts{Bursts: 1, InBursts: 5, LostInBursts: 5, Gaps: 1, InGaps: 20}) {
		t.Errorf("with five missing: %+v", got)
	}
	receive(&r, 21)
	if got := r.Counts(0); got != (Counts{Gaps: 1, InGaps: 21}) {
		t.Errorf("after they have come: %+v", got)
	}
}
