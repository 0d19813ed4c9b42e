package pcm

import (
	"errors"
	"fmt"
	"math"
)

// How a reference is recognised in a stream.
//
//	reference   ├─ part ─┼─ part ─┼─ part ─┤        each 640 ms
//	stream  ····├ part ┤··├ part ┤·├─ part ┤····    each where it fits best
//
// The reference is cut into parts. For every new row of the stream each part
// is compared with the rows of the same length that end there: the score is
// the correlation coefficient of the two, with the mean of each band removed,
// so neither the colour nor the loudness of the line counts. The score of the
// whole, for a reference that ends at that row, is the mean of the best score
// of each part within 60 ms of where it belongs, weighted by how much happens
// in it. That freedom is what a jitter buffer uses when it stretches or
// shortens a pause, and more would let other speech fit.
const (
	partRows = 64
	slack    = 6 // rows either way
	// A reference must have something to recognise it by.
	minRows    = 50   // half a second
	maxRefRows = 3000 // 30 s
	// steady is the share of its power by which a reference must move. A tone
	// or an even noise moves less.
	steady = 0.15
)

// Errors of a reference that cannot be recognised.
var (
	errShort  = errors.New("too short to be recognised: it takes half a second")
	errLong   = fmt.Errorf("too long to be recognised: %d s is the most", maxRefRows/100)
	errSteady = errors.New("too steady to be recognised: it takes speech or music; a tone is recognised by its frequency")
)

// A part is a piece of a reference.
type part struct {
	rows   []row   // band means removed
	norm   float64 // the length of rows as one vector
	before int     // rows of the reference after this part
	scores []float64
}

// A matcher looks for one reference in a stream of rows.
type matcher struct {
	parts  []part
	weight float64
	rows   int    // of the reference
	seen   int    // rows of the stream
	past   []row  // ring of the last len(past) rows of the stream
	sums   []sums // the running sums up to and with each of those rows
}

// sums are running sums over a stream: of each band, and of all squares.
type sums struct {
	band    [bands]float64
	squares float64
}

// newMatcher prepares a reference.
func newMatcher(samples []int16) (*matcher, error) {
	reference := referenceRows(samples)
	switch {
	case len(reference) < minRows:
		return nil, errShort
	case len(reference) > maxRefRows:
		return nil, errLong
	}
	m := &matcher{rows: len(reference)}
	count := max(1, len(reference)/partRows)
	var power float64
	for i := range count {
		from, to := i*len(reference)/count, (i+1)*len(reference)/count
		p, sum := newPart(reference[from:to])
		p.before = len(reference) - to
		p.scores = make([]float64, p.before+2*slack+1)
		m.parts = append(m.parts, p)
		m.weight += p.norm
		power += sum
	}
	var moves float64
	for _, p := range m.parts {
		moves += p.norm * p.norm
	}
	if moves <= steady*steady*power {
		return nil, errSteady
	}
	longest := 2 * partRows
	m.past, m.sums = make([]row, longest+1), make([]sums, longest+1)
	return m, nil
}

// referenceRows turns a reference into rows, without the silence around it.
func referenceRows(samples []int16) []row {
	if len(samples) > (maxRefRows+100)*hop {
		samples = samples[:(maxRefRows+100)*hop]
	}
	var rows []row
	newFeatures().write(samples, func(r row) { rows = append(rows, r) })
	return trim(rows)
}

// trim cuts rows off both ends that are 40 dB below the loudest.
func trim(rows []row) []row {
	var loudest float32
	for _, r := range rows {
		loudest = max(loudest, loudness(r))
	}
	quiet := loudest / 10 // the fourth root of 40 dB
	for len(rows) > 0 && loudness(rows[0]) <= quiet {
		rows = rows[1:]
	}
	for len(rows) > 0 && loudness(rows[len(rows)-1]) <= quiet {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func loudness(r row) float32 {
	var sum float32
	for _, v := range r {
		sum += v
	}
	return sum
}

// newPart removes the band means from a copy of rows. The sum of squares
// before that comes with it.
func newPart(rows []row) (p part, squares float64) {
	var mean [bands]float64
	for _, r := range rows {
		for b, v := range r {
			mean[b] += float64(v) / float64(len(rows))
			squares += float64(v) * float64(v)
		}
	}
	var sum float64
	for _, r := range rows {
		for b := range r {
			r[b] -= float32(mean[b])
			sum += float64(r[b]) * float64(r[b])
		}
		p.rows = append(p.rows, r)
	}
	p.norm = math.Sqrt(sum)
	return p, squares
}

// write takes a row of the stream and returns the score of a reference that
// ended [slack] rows ago.
func (m *matcher) write(r row) float64 {
	m.remember(r)
	var score float64
	for i := range m.parts {
		p := &m.parts[i]
		p.scores[m.seen%len(p.scores)] = m.correlate(p)
		if p.norm > 0 {
			score += p.norm / m.weight * m.best(p)
		}
	}
	m.seen++
	return max(0, score)
}

// remember adds a row to the past and to the running sums.
func (m *matcher) remember(r row) {
	at, before := m.seen%len(m.past), (m.seen+len(m.past)-1)%len(m.past)
	if at == 0 {
		m.rebase()
	}
	total := m.sums[before]
	for b, v := range r {
		total.band[b] += float64(v)
		total.squares += float64(v) * float64(v)
	}
	m.past[at], m.sums[at] = r, total
}

// rebase counts the running sums from the oldest row, so that they do not
// outgrow their precision in a long call.
func (m *matcher) rebase() {
	base := m.sums[0]
	for i := range m.sums {
		s := &m.sums[i]
		s.squares -= base.squares
		for b := range s.band {
			s.band[b] -= base.band[b]
		}
	}
}

// correlate is the correlation coefficient of a part with the newest rows of
// the stream.
func (m *matcher) correlate(p *part) float64 {
	n := len(p.rows)
	if m.seen+1 < n || p.norm == 0 {
		return 0
	}
	from := (m.seen + 1 - n) % len(m.past)
	last, first := &m.sums[m.seen%len(m.past)], &m.sums[(from+len(m.past)-1)%len(m.past)]
	varied := last.squares - first.squares
	for b := range bands {
		sum := last.band[b] - first.band[b]
		varied -= sum * sum / float64(n)
	}
	// What is left of silence after rounding is no sound.
	if varied <= 1e-9*last.squares || varied <= 1e-3 {
		return 0
	}
	head := min(n, len(m.past)-from)
	dot := product(p.rows[:head], m.past[from:]) + product(p.rows[head:], m.past)
	return dot / (p.norm * math.Sqrt(varied))
}

// product is the inner product of a and as many rows of b.
func product(a, b []row) float64 {
	var sum float32
	for i := range a {
		x, y := &a[i], &b[i]
		for k := range bands {
			sum += x[k] * y[k]
		}
	}
	return float64(sum)
}

// best is the best score that a part had within the slack of where it
// belongs.
func (m *matcher) best(p *part) float64 {
	// The reference ends slack rows ago, the part before rows before that;
	// scores holds exactly the rows from there less slack to now.
	best := math.Inf(-1)
	for d := range 2*slack + 1 {
		if at := m.seen - p.before - d; at >= 0 {
			best = max(best, p.scores[at%len(p.scores)])
		}
	}
	if math.IsInf(best, -1) {
		return 0
	}
	return best
}

// Similarity says, from 0 to 1, how surely reference was heard: it is the
// best score of any place in heard. It does not mind a delay, a gain, a
// codec, or the loss and concealment of single frames; the same speech over
// G.711 with 2 % loss scores above 0.9, other speech, noise and tones below
// 0.5. A reference that is too short, too long or too steady to be recognised
// scores 0; [Ear.Listen] says which.
func Similarity(reference, heard []int16) float64 {
	m, err := newMatcher(reference)
	if err != nil {
		return 0
	}
	var best float64
	f := newFeatures()
	score := func(r row) { best = max(best, m.write(r)) }
	f.write(heard, score)
	f.write(make([]int16, rowWindow+2*slack*hop), score)
	return best
}
