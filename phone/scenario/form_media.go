package scenario

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// toneToleranceHz is how far a heard tone may be from the expected one: the
// detector works in blocks of 100 ms, which resolve 10 Hz.
const toneToleranceHz = 10

// SampleName is the name by which a sound is recognised.
func SampleName(file string) string { return verb.SampleName(file) }

func audio(a *args) (meaning, *problem) {
	what, p := a.oneOf("audio", "audio", append([]string{"tone", "like", "silence"}, namesOf(event.MediaPhases())...))
	switch {
	case p != nil:
		return meaning{}, p
	case what == "tone":
		return tone(a)
	case what == "like":
		return sample(a)
	case what == "silence":
		return heardThat("silence", nil), nil
	}
	return happens(func(e event.Media) bool { return e.Phase == event.MediaPhase(what) }), nil
}

func heard(a *args) (meaning, *problem) {
	what, p := a.oneOf("sound", "sounds", []string{"tone", "sample", "silence"})
	switch {
	case p != nil:
		return meaning{}, p
	case what == "tone":
		return tone(a)
	case what == "sample" && len(a.tokens) > 0:
		return sample(a)
	}
	return heardThat(what, nil), nil
}

// codecForm reads "[NAME]".
func codecForm(a *args) (meaning, *problem) {
	t, named := a.next()
	meant := codec.Named(t.text)
	if named && len(meant) == 0 {
		return meaning{}, unknown(t, "codec", "codecs", codec.Names())
	}
	ok := func(e event.Media) bool {
		return e.Phase != event.MediaStop && e.Codec != "" &&
			(!named || slices.ContainsFunc(meant, func(c codec.Codec) bool { return c.String() == e.Codec }))
	}
	m := happens(ok).while(func(f *event.Fold) bool { return ok(f.Sound().Media) })
	return keeping(m, func(e event.Media) string { return e.Codec }, func(f *event.Fold) string { return f.Sound().Media.Codec }), nil
}

// srtpForm reads "[sdes|dtls] [SUITE]".
func srtpForm(a *args) (meaning, *problem) {
	by, suite := "", ""
	for t, more := a.next(); more; t, more = a.next() {
		word := strings.ToUpper(t.text)
		switch {
		case by == "" && suite == "" && among(strings.ToLower(t.text), srtp.Keyings()):
			by = strings.ToLower(t.text)
		case suite == "" && among(word, srtp.Suites()):
			suite = word
		default:
			return meaning{}, unknown(t, "kind of keys or suite", "kinds and suites", append(srtp.Keyings(), srtp.Suites()...))
		}
	}
	ok := func(e event.Media) bool {
		with, which, _ := strings.Cut(e.SRTP, " ")
		return e.Phase != event.MediaStop && e.SRTP != "" && (by == "" || by == with) && (suite == "" || suite == which)
	}
	m := happens(ok).while(func(f *event.Fold) bool { return ok(f.Sound().Media) })
	return keeping(m, func(e event.Media) string { return e.SRTP }, func(f *event.Fold) string { return f.Sound().Media.SRTP }), nil
}

// soundCard is a step of the sound card, in one direction or any.
func soundCard(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.SoundCardPhases())
	if p != nil {
		return meaning{}, p
	}
	way := event.SoundWay("")
	if a.skip("of") {
		if way, p = stepOf(a, []event.SoundWay{event.Microphone, event.Speaker}); p != nil {
			return meaning{}, p
		}
	}
	rest, p := a.options("with")
	if p != nil {
		return meaning{}, p
	}
	m := happens(func(e event.SoundCard) bool {
		_, detail := e.Text()
		return e.Phase == phase && (way == "" || e.Way == way) && contains(detail, rest["with"].text)
	})
	return keeping(m, func(e event.SoundCard) string { return e.Name }, nil), nil
}

func heardThat(what string, ok func(event.Heard) bool) meaning {
	m := happens(func(e event.Heard) bool { return e.What == what && (ok == nil || ok(e)) })
	return keeping(m, func(e event.Heard) string {
		if e.What == "tone" {
			return strconv.FormatFloat(e.Hz, 'f', 0, 64)
		}
		return e.Name
	}, nil)
}

func tone(a *args) (meaning, *problem) {
	t, ok := a.next()
	if !ok {
		return heardThat("tone", nil), nil
	}
	hz, p := parseHz(t)
	return heardThat("tone", func(e event.Heard) bool { return math.Abs(e.Hz-hz) <= toneToleranceHz }), p
}

func parseHz(t token) (float64, *problem) {
	hz, err := verb.ParseHz(t.text)
	if err != nil {
		return 0, wrong(t, "%v", err)
	}
	return hz, nil
}

// sample reads "NAME [>= SCORE]".
func sample(a *args) (meaning, *problem) {
	t, p := a.need("the name of a sound")
	if p != nil {
		return meaning{}, p
	}
	name, least := SampleName(t.text), comparison{}
	if len(a.tokens) > 0 {
		if least, p = a.comparison("a score from 0 to 1", parseScore); p != nil {
			return meaning{}, p
		}
	}
	return heardThat("sample", func(e event.Heard) bool { return e.Name == name && least.ok(e.Score) }), nil
}

func parseScore(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v >= 0 && v <= 1
}

// A quantity is a number of a call's audio.
type quantity struct {
	name, unit string
	of         func(event.RTP) float64
	parse      func(string) (float64, bool)
	known      func(event.RTP) bool // whether there is anything to measure; nil: always
}

// comes reports whether audio has come, or is missing: without either there is no loss
// and no jitter.
func comes(e event.RTP) bool { return e.Received+e.Lost > 0 }

// reported reports whether the far end has said what it receives.
func reported(e event.RTP) bool { return e.FarOf > 0 }

// extended reports whether it has said so by RTCP XR, too.
func extended(e event.RTP) bool { return e.FarXR.Known() }

// received reports whether audio has come.
func received(e event.RTP) bool { return e.Received > 0 }

var quantities = []quantity{
	{"loss", "a percentage such as 1%", func(e event.RTP) float64 { return e.LossPct }, parsePercent, comes},
	{"jitter", "a time such as 30ms", func(e event.RTP) float64 { return e.Jitter.D().Seconds() }, parseSeconds, received},
	{"jitter-max", "a time such as 30ms", func(e event.RTP) float64 { return e.JitterMax.D().Seconds() }, parseSeconds, received},
	{"delay", "a time such as 60ms", func(e event.RTP) float64 { return e.Delay.D().Seconds() }, parseSeconds, received},
	{"rtt", "a time such as 150ms", func(e event.RTP) float64 { return e.RTT.D().Seconds() }, parseSeconds, func(e event.RTP) bool { return e.RTT > 0 }},
	{"mos", "a number from 1 to 5", func(e event.RTP) float64 { return e.MOS }, parseNumber, func(e event.RTP) bool { return e.MOS > 0 }},
	{"lost", "a number of packets", func(e event.RTP) float64 { return float64(e.Lost) }, parseNumber, comes},
	{"late", "a number of packets", func(e event.RTP) float64 { return float64(e.Late) }, parseNumber, received},
	{"concealed", "a number of frames", func(e event.RTP) float64 { return float64(e.Concealed) }, parseNumber, received},
	{"sent", "a number of packets", func(e event.RTP) float64 { return float64(e.Sent) }, parseNumber, nil},
	{"unplayed", "a number of packets", func(e event.RTP) float64 { return float64(e.Unplayed) }, parseNumber, received},
	{"noise", "a number of packets", func(e event.RTP) float64 { return float64(e.Noise) }, parseNumber, received},
	{"recovered", "a number of packets", func(e event.RTP) float64 { return float64(e.Recovered) }, parseNumber, received},
	{"refused", "a number of packets", func(e event.RTP) float64 { return float64(e.Refused) }, parseNumber, nil},
	{"foreign", "a number of datagrams", func(e event.RTP) float64 { return float64(e.Foreign) }, parseNumber, nil},
	{"unopened", "a number of packets", func(e event.RTP) float64 { return float64(e.Unopened) }, parseNumber, nil},
	{"replayed", "a number of packets", func(e event.RTP) float64 { return float64(e.Replayed) }, parseNumber, nil},
	{"unsent", "a number of packets", func(e event.RTP) float64 { return float64(e.Unsent) }, parseNumber, nil},
	{"received", "a number of packets", func(e event.RTP) float64 { return float64(e.Received) }, parseNumber, nil},
	{"far-lost", "a number of packets", func(e event.RTP) float64 { return float64(e.FarLost) }, parseNumber, reported},
	{"far-loss", "a percentage such as 1%", func(e event.RTP) float64 { return e.FarLossPct }, parsePercent, reported},
	{"far-xr-loss", "a percentage such as 1%", func(e event.RTP) float64 { return e.FarXR.LossPct }, parsePercent, extended},
	{"far-discard", "a percentage such as 1%", func(e event.RTP) float64 { return e.FarXR.DiscardPct }, parsePercent, extended},
	{"far-burst-loss", "a percentage such as 1%", func(e event.RTP) float64 { return e.FarXR.BurstLossPct }, parsePercent, extended},
	{"far-burst", "a time such as 200ms", func(e event.RTP) float64 { return e.FarXR.Burst.D().Seconds() }, parseSeconds, extended},
	{"far-gap-loss", "a percentage such as 1%", func(e event.RTP) float64 { return e.FarXR.GapLossPct }, parsePercent, extended},
	{"far-rtt", "a time such as 150ms", func(e event.RTP) float64 { return e.FarXR.RTT.D().Seconds() }, parseSeconds, func(e event.RTP) bool { return e.FarXR.RTT > 0 }},
	{"far-delay", "a time such as 60ms", func(e event.RTP) float64 { return e.FarXR.EndSystem.D().Seconds() }, parseSeconds, func(e event.RTP) bool { return e.FarXR.EndSystem > 0 }},
	{"far-r", "a number from 0 to 100", func(e event.RTP) float64 { return float64(e.FarXR.R.Value) }, parseNumber, func(e event.RTP) bool { return e.FarXR.R.Known }},
	{"far-mos-lq", "a number from 1 to 5", func(e event.RTP) float64 { return e.FarXR.MOSLQ }, parseNumber, func(e event.RTP) bool { return e.FarXR.MOSLQ > 0 }},
	{"far-mos-cq", "a number from 1 to 5", func(e event.RTP) float64 { return e.FarXR.MOSCQ }, parseNumber, func(e event.RTP) bool { return e.FarXR.MOSCQ > 0 }},
}

func quantityNames() []string {
	names := make([]string, len(quantities))
	for i, q := range quantities {
		names[i] = q.name
	}
	return names
}

// rtp reads "QUANTITY OP VALUE".
func rtp(a *args) (meaning, *problem) {
	name, p := a.oneOf("quantity", "quantities", quantityNames())
	if p != nil {
		return meaning{}, p
	}
	var q quantity
	for _, q = range quantities {
		if q.name == name {
			break
		}
	}
	c, p := a.comparison(q.unit, q.parse)
	if p != nil {
		return meaning{}, p
	}
	known := func(e event.RTP) bool { return q.known == nil || q.known(e) }
	ok := func(e event.RTP) bool { return known(e) && c.ok(q.of(e)) }
	m := happens(ok)
	m.measured = true
	m.holds = func(f *event.Fold) (bool, bool) {
		sound := f.Sound()
		return sound.Counted && ok(sound.RTP), sound.Counted && known(sound.RTP)
	}
	number := func(e event.RTP) string { return strconv.FormatFloat(q.of(e), 'g', -1, 64) }
	return keeping(m, number, func(f *event.Fold) string { return number(f.Sound().RTP) }), nil
}

// A comparison is "OP VALUE"; the zero one always holds.
type comparison struct {
	op    string
	value float64
}

// operators are those of comparisons; the longer before those that they begin
// with.
var operators = []string{"<=", ">=", "<", ">", "="}

// comparison reads "OP VALUE", which may stand without a blank.
func (a *args) comparison(what string, parse func(string) (float64, bool)) (comparison, *problem) {
	t, p := a.need("a comparison")
	if p != nil {
		return comparison{}, p.advise("such as <= and " + what)
	}
	c := comparison{}
	for _, op := range operators {
		if !t.quoted && strings.HasPrefix(t.text, op) {
			c.op = op
			break
		}
	}
	if c.op == "" {
		return c, &problem{token: t, message: "a comparison is missing", kind: "there are", known: operators}
	}
	t.text, t.col, t.width = t.text[len(c.op):], t.col+len(c.op), t.width-len(c.op)
	if t.text == "" {
		if t, p = a.need(what); p != nil {
			return c, p
		}
	}
	ok := false
	if c.value, ok = parse(t.text); !ok {
		return c, wrong(t, "%q is not %s", t.text, what)
	}
	return c, nil
}

func (c comparison) ok(v float64) bool {
	switch c.op {
	case "<=":
		return v <= c.value
	case ">=":
		return v >= c.value
	case "<":
		return v < c.value
	case ">":
		return v > c.value
	case "=":
		return v == c.value
	}
	return true
}

func parseNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v >= 0 && !math.IsInf(v, 0)
}

func parsePercent(s string) (float64, bool) {
	digits, ok := strings.CutSuffix(s, "%")
	v, number := parseNumber(digits)
	return v, ok && number && v <= 100
}

func parseSeconds(s string) (float64, bool) {
	d, err := time.ParseDuration(s)
	return d.Seconds(), err == nil && d >= 0
}

// digitWays are how a digit comes: in the audio (RFC 4733), or by INFO.
var digitWays = []string{"audio", event.DTMFByInfo}

func dtmf(a *args) (meaning, *problem) {
	digit := a.unless("by").text
	rest, p := a.options("by")
	if p != nil {
		return meaning{}, p
	}
	way := rest["by"]
	if way.text != "" && !among(way.text, digitWays) {
		return meaning{}, unknown(way, "way of a digit", "ways", digitWays)
	}
	m := happens(func(e event.DTMF) bool {
		return !e.Out && (digit == "" || strings.EqualFold(e.Digit, digit)) &&
			(way.text == "" || strings.EqualFold(cmp.Or(e.By, "audio"), way.text))
	})
	return keeping(m, func(e event.DTMF) string { return e.Digit }, nil), nil
}
