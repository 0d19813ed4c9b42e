package link

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/words"
)

// A reader goes through the words of a fault.
type reader struct {
	words []string
	at    int
}

// next is the word that comes, in small letters; "" if there is none.
func (r *reader) next() string {
	if r.at >= len(r.words) {
		return ""
	}
	return strings.ToLower(r.words[r.at])
}

// skip takes a word if it comes next.
func (r *reader) skip(word string) bool {
	if r.next() != word {
		return false
	}
	r.at++
	return true
}

func (r *reader) wrong(at int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Word: at, Message: fmt.Sprintf(format, args...)}
}

// unknown says that the word that comes is none of those that could.
func (r *reader) unknown(what, kind string, known []string) *SyntaxError {
	e := &SyntaxError{Word: r.at, Kind: kind, Known: known}
	if r.at >= len(r.words) {
		e.Message = "the " + what + " is missing"
		return e
	}
	e.Message = fmt.Sprintf("unknown %s %q", what, r.words[r.at])
	e.Meant = words.Nearest(r.words[r.at], known)
	return e
}

// oneOf takes a word that must be one of known.
func (r *reader) oneOf(what string, known []string) (string, *SyntaxError) {
	word := r.next()
	if word == "" || !slices.Contains(known, word) {
		return "", r.unknown(what, "there are", known)
	}
	r.at++
	return word, nil
}

var networks = []string{Wifi, Cell, Offline}

func parseNetwork(r *reader, f *Fault) *SyntaxError {
	first, err := r.oneOf("network", networks)
	if err != nil {
		return err
	}
	f.Network = first
	if !r.skip("->") {
		return nil
	}
	at := r.at
	if f.Network, err = r.oneOf("network", networks); err != nil {
		return err
	}
	f.From = first
	if f.From == f.Network {
		return r.wrong(at, "from %s to %s nothing changes", first, first)
	}
	return nil
}

func parseNAT(r *reader, f *Fault) (err *SyntaxError) {
	known := append(presetNames(), off, "drop")
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

func parseTime(r *reader, f *Fault) *SyntaxError {
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

// parseShare reads "5%" or "5 %".
func parseShare(r *reader, f *Fault) *SyntaxError {
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

// parseRate reads "64 kbit/s" or "64kbit/s".
func parseRate(r *reader, f *Fault) *SyntaxError {
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
		return &SyntaxError{Word: min(r.at-1, len(r.words)), Message: fmt.Sprintf("%s is no unit of bandwidth", cmp.Or(unit, "nothing")), Kind: "there are", Known: []string{"kbit/s", "Mbit/s", "bit/s"}}
	case !(bits >= 1 && bits <= maxRate): // NaN is neither
		return r.wrong(at, "%s %s is not possible: from 1 bit/s to %d Mbit/s", digits, unit, maxRate/1_000_000)
	}
	f.Rate = int(bits)
	return nil
}
