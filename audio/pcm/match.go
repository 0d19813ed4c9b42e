package pcm

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
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
	partRows = 32
	slack    = 3 // rows either way
	// pastRows is how much of a stream is remembered: the longest part, and
	// the row before it.
	pastRows = 2*partRows + 1
	// A reference must be long enough to be recognised.
	minRefRows = rowsPerSecond / 2
	maxRefRows = 30 * rowsPerSecond
	// steady is the share of its amplitude by which a reference must move, and
	// a piece of a stream to be compared with one. A tone or an even noise
	// moves less.
	steady = 0.15
)

// Errors of a reference that cannot be recognised.
var (
	errShort  = errors.New("too short to be recognised: at least half a second")
	errLong   = fmt.Errorf("too long to be recognised: at most %d s", maxRefRows/rowsPerSecond)
	errSteady = errors.New("too steady to be recognised: use speech or music; a tone is recognised by its frequency")
)

// A Reference is a sample, prepared for an [Ear] to recognise at the rate of what it
// listens to. It never changes: any number of ears may share one, in any goroutine.
type Reference struct {
	name   string
	length time.Duration
	narrow *cuts
	other  map[int]func() *cuts // at the other [Rates], made when they are first asked for
}

// cuts are a reference at one rate, cut into parts.
type cuts struct {
	parts  []part
	weight float64 // of all parts
	rows   int
}

// at is the reference for streams of a rate.
func (r *Reference) at(rate int) *cuts {
	if cuts, ok := r.other[rate]; ok {
		return cuts()
	}
	return r.narrow
}

// A part is a piece of a reference.
type part struct {
	rows   []row   // band means removed
	norm   float64 // the length of rows as one vector
	before int     // rows of the reference after this part
}

// NewReference prepares a sample: from half a second to 30 s of a sound that
// changes, such as speech. The error says what is wrong with it.
func NewReference(name string, sample Audio) (*Reference, error) {
	r := &Reference{name: name, length: sample.Length()}
	// What is longer is refused; it need not be looked at whole.
	sample.Samples = sample.Samples[:min(len(sample.Samples), (maxRefRows/rowsPerSecond+1)*sample.Rate)]
	var err error
	if r.narrow, err = newCuts(sample, Rate); err != nil {
		return nil, fmt.Errorf("listen for %s: %w", name, err)
	}
	r.other = make(map[int]func() *cuts)
	for _, rate := range Rates()[1:] {
		r.other[rate] = sync.OnceValue(func() *cuts {
			wide, err := newCuts(sample, rate)
			if err != nil { // its telephone band is a sound that changes
				return r.narrow
			}
			return wide
		})
	}
	return r, nil
}

func newCuts(sample Audio, rate int) (*cuts, error) {
	c := new(cuts)
	if err := c.prepare(referenceRows(sample.At(rate))); err != nil {
		return nil, err
	}
	return c, nil
}

func (r *cuts) prepare(rows []row) error {
	switch {
	case len(rows) < minRefRows:
		return errShort
	case len(rows) > maxRefRows:
		return errLong
	}
	r.rows = len(rows)
	count := max(1, len(rows)/partRows)
	var power, moves float64
	for i := range count {
		from, to := i*len(rows)/count, (i+1)*len(rows)/count
		p, squares := newPart(rows[from:to])
		p.before = len(rows) - to
		r.parts = append(r.parts, p)
		r.weight += p.norm
		power += squares
		moves += p.norm * p.norm
	}
	if moves <= steady*steady*power {
		return errSteady
	}
	return nil
}

// referenceRows turns a reference into rows, without the silence around it.
func referenceRows(sample Audio) []row {
	var rows []row
	newFeatures(sample.Rate).write(sample.Samples, func(r row) { rows = append(rows, r) })
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

// A past is the last rows of a stream. All references share it.
type past struct {
	seen int            // rows of the stream
	rows [pastRows]row  // a ring of the last of them
	sums [pastRows]sums // the running sums up to and with each of those
}

// sums are running sums over a stream: of each band, and of all squares.
type sums struct {
	band    [bands]float64
	squares float64
}

// add adds a row.
func (p *past) add(r row) {
	at, before := p.seen%pastRows, (p.seen+pastRows-1)%pastRows
	if at == 0 {
		p.rebase()
	}
	total := p.sums[before]
	for b, v := range r {
		total.band[b] += float64(v)
		total.squares += float64(v) * float64(v)
	}
	p.rows[at], p.sums[at] = r, total
	p.seen++
}

// rebase counts the running sums from the oldest row, so that they do not
// outgrow their precision in a long call.
func (p *past) rebase() {
	base := p.sums[0]
	for i := range p.sums {
		s := &p.sums[i]
		s.squares -= base.squares
		for b := range s.band {
			s.band[b] -= base.band[b]
		}
	}
}

// moves is by how much the last n rows move: the squares of them with the mean
// of each band removed. It is 0 for steady sound, such as silence or a tone,
// which is no part of any reference.
func (p *past) moves(n int) float64 {
	last, first := &p.sums[(p.seen-1)%pastRows], &p.sums[(p.seen-1-n+pastRows)%pastRows]
	squares := last.squares - first.squares
	moves := squares
	for b := range bands {
		sum := last.band[b] - first.band[b]
		moves -= sum * sum / float64(n)
	}
	// The rounding errors of silence are not sound.
	if moves <= steady*steady*squares || moves <= 1e-3 {
		return 0
	}
	return moves
}

// correlate is the correlation coefficient of a part with the last rows.
func (p *past) correlate(of *part) float64 {
	n := len(of.rows)
	if p.seen < n || of.norm == 0 {
		return 0
	}
	moves := p.moves(n)
	if moves == 0 {
		return 0
	}
	from := (p.seen - n) % pastRows
	head := min(n, pastRows-from)
	dot := product(of.rows[:head], p.rows[from:]) + product(of.rows[head:], p.rows[:])
	return dot / (of.norm * math.Sqrt(moves))
}

// product is the inner product of a and as many rows of b.
func product(a, b []row) float64 {
	var s0, s1, s2, s3 float32 // four, so that none waits for another
	b = b[:len(a)]
	for i := range a {
		x, y := &a[i], &b[i]
		for k := 0; k < bands; k += 4 {
			s0 += x[k] * y[k]
			s1 += x[k+1] * y[k+1]
			s2 += x[k+2] * y[k+2]
			s3 += x[k+3] * y[k+3]
		}
	}
	return float64(s0 + s1 + s2 + s3)
}

// A matcher looks for one reference in a stream of rows.
type matcher struct {
	of *Reference
	*cuts
	scores [][]float64 // of each part: a ring of its last scores
}

func newMatcher(r *Reference, rate int) matcher {
	m := matcher{of: r, cuts: r.at(rate)}
	for _, p := range m.parts {
		m.scores = append(m.scores, make([]float64, p.before+2*slack+1))
	}
	return m
}

// score is the score of a reference that ended [slack] rows before the last
// one of the stream.
func (m *matcher) score(stream *past) float64 {
	now := stream.seen - 1
	var score float64
	for i := range m.parts {
		p, scores := &m.parts[i], m.scores[i]
		scores[now%len(scores)] = stream.correlate(p)
		score += p.norm / m.weight * best(scores, now, p.before)
	}
	return max(0, score)
}

// best is the best score that a part had within the slack of where it belongs.
// The reference ends slack rows ago, the part before rows before that; scores
// holds exactly the rows from there less slack to now.
func best(scores []float64, now, before int) float64 {
	from, to := max(0, now-before-2*slack), now-before
	if to < 0 {
		return 0
	}
	best := math.Inf(-1)
	for at := from; at <= to; at++ {
		best = max(best, scores[at%len(scores)])
	}
	return best
}

// Similarity returns, from 0 to 1, how surely heard contains reference: the
// best score of any place in heard. It tolerates a delay, a gain, a codec, and
// the loss and concealment of single frames; the same speech over G.711 with 2
// % loss scores above 0.9, other speech, noise and tones below 0.5. Both are compared
// at the rate of heard. A reference that is too short, too long or too steady to be
// recognised scores 0; [NewReference] says which.
func Similarity(reference, heard Audio) float64 {
	r, err := NewReference("the reference", reference)
	if err != nil {
		return 0
	}
	var best float64
	var stream past
	m, f := newMatcher(r, heard.Rate), newFeatures(heard.Rate)
	score := func(r row) {
		stream.add(r)
		best = max(best, m.score(&stream))
	}
	f.write(heard.Samples, score)
	f.write(make([]int16, cap(f.window)+2*slack*f.hop), score)
	return best
}
