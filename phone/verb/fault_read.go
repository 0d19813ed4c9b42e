package verb

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func readNetwork(r *reader, f *Fault) *Error {
	first, err := r.oneOf("network", Networks())
	if err != nil {
		return err
	}
	f.Network = first
	if !r.skip("->") {
		return nil
	}
	at := r.at
	if f.Network, err = r.oneOf("network", Networks()); err != nil {
		return err
	}
	f.From = first
	if f.From == f.Network {
		return r.wrong(at, "from %s to %s nothing changes", first, first)
	}
	return nil
}

func readNAT(r *reader, f *Fault) (err *Error) {
	known := append(NATs(), off, "drop")
	if f.Preset, err = r.oneOf("kind of NAT", known); err != nil {
		return err
	}
	if f.Preset == off {
		return nil
	}
	if f.Reset = r.skip("reset"); !f.Reset {
		r.skip("silent")
	}
	return nil
}

func readTime(r *reader, f *Fault) *Error {
	text := r.next()
	if r.skip(off) {
		return nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case text == "":
		return r.wrong(r.at, "a time is missing, such as 300ms")
	case err != nil || d < 0:
		e := r.wrong(r.at, "%q is no time: write it as 300ms or 1.5s", text)
		if n, notNumber := strconv.ParseFloat(text, 64); notNumber == nil && n > 0 {
			e.Meant = text + "ms"
		}
		return e
	case d > maxDelay:
		return r.wrong(r.at, "%s is more than any network takes: at most %s", d, maxDelay)
	}
	r.at++
	f.Time = d
	return nil
}

// readShare reads "5%" or "5 %".
func readShare(r *reader, f *Fault) *Error {
	text := r.next()
	if r.skip(off) {
		return nil
	}
	number, sign := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	switch {
	case text == "":
		return r.wrong(r.at, "a share is missing, such as 5%%")
	case err != nil || math.IsNaN(share):
		return r.wrong(r.at, "%q is no share: write it as 5%%", text)
	case share < 0 || share > 100:
		return r.wrong(r.at, "%s %% of all packets is not possible: from 0%% to 100%%", number)
	}
	r.at++
	if !sign && !r.skip("%") {
		e := r.wrong(r.at-1, "%q has no unit", text)
		e.Meant = text + "%"
		return e
	}
	f.Share = share / 100
	return nil
}

var rateUnits = map[string]float64{"bit/s": 1, "kbit/s": 1e3, "mbit/s": 1e6}

// readBandwidth reads "64 kbit/s" or "64kbit/s".
func readBandwidth(r *reader, f *Fault) *Error {
	if r.skip(off) {
		return nil
	}
	at := r.at
	text := r.next()
	digits := strings.TrimRight(text, "bitkm/s")
	unit := text[len(digits):]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return r.wrong(at, "%q is no bandwidth: write it as 64 kbit/s", text)
	}
	r.at++
	if unit == "" {
		unit = r.next()
		r.at++
	}
	factor, ok := rateUnits[unit]
	bits := n * factor
	switch {
	case !ok:
		return &Error{Word: min(r.at-1, len(r.words)), Message: fmt.Sprintf("%s is no unit of bandwidth", cmp.Or(unit, "nothing")), Kind: "there are", Known: []string{"kbit/s", "Mbit/s", "bit/s"}}
	case !(bits >= 1 && bits <= maxBandwidth): // NaN is neither
		return r.wrong(at, "%s %s is not possible: from 1 bit/s to %d Mbit/s", digits, unit, maxBandwidth/1_000_000)
	}
	f.Rate = int(bits)
	return nil
}

// The bounds of what a fault can be told: far more than any network does, and
// far from where a sum overflows.
const (
	maxDelay     = time.Minute
	maxBandwidth = 1_000_000_000
)
