package vq

import (
	"slices"
	"strings"
	"time"
)

// A production is a form that a value can have, by the ABNF of RFC 6035 §4.6.1.
type production func(value string) bool

// A parameter is a "NAME=value" of a line of metrics.
type parameter struct {
	name string
	form production
}

// A line of metrics has parameters, each of which may be left out.
type line struct {
	name       string
	parameters []parameter
}

// timestamps is the line that a set of metrics begins with.
const timestamps = "Timestamps"

// metricLines are the lines of a set of metrics, in their order.
var metricLines = [...]line{
	{timestamps, []parameter{{"START", dateTime}, {"STOP", dateTime}}},
	{"SessionDesc", []parameter{
		{"PT", digits(3)},
		{"PD", wordOrQuoted},
		{"SR", digits(6)},
		{"PPS", digits(5)},
		{"FD", digits(4)},
		{"FO", digits(5)},
		{"FPP", digits(2)},
		{"FMTP", quoted},
		{"PLC", among("0", "1", "2", "3")},
		{"SSUP", among("on", "off")},
	}},
	{"JitterBuffer", []parameter{{"JBA", among("0", "1", "2", "3")}, {"JBR", digits(2)}, {"JBN", digits(5)}, {"JBM", digits(5)}, {"JBX", digits(5)}}},
	{"PacketLoss", []parameter{{"NLR", percentage}, {"JDR", percentage}}},
	{"BurstGapLoss", []parameter{{"BLD", percentage}, {"BD", digits(7)}, {"GLD", percentage}, {"GD", digits(7)}, {"GMIN", digits(3)}}},
	{"Delay", []parameter{{"RTD", digits(5)}, {"ESD", digits(5)}, {"OWD", digits(5)}, {"SOWD", digits(5)}, {"IAJ", digits(5)}, {"MAJ", digits(5)}}},
	{"Signal", []parameter{{"SL", level}, {"NL", level}, {"RERL", digits(3)}}},
	{"QualityEst", []parameter{
		{"RLQ", digits(3)},
		{"RLQEstAlg", word},
		{"RCQ", digits(3)},
		{"RCQEstAlg", word},
		{"EXTRI", digits(3)},
		{"ExtRIEstAlg", word},
		{"EXTRO", digits(3)},
		{"ExtROEstAlg", word},
		{"MOSLQ", score},
		{"MOSLQEstAlg", word},
		{"MOSCQ", score},
		{"MOSCQEstAlg", word},
		{"QoEEstAlg", word},
	}},
}

// infoLines are those that say whose call it was. All but the last two must be there.
var infoLines = [...]line{
	{"CallID", nil},
	{"LocalID", nil},
	{"RemoteID", nil},
	{"OrigID", nil},
	{"LocalAddr", address},
	{"RemoteAddr", address},
	{"LocalGroup", nil},
	{"RemoteGroup", nil},
	{"LocalMAC", nil},
	{"RemoteMAC", nil},
}

// optionalInfo is how many of them may be left out.
const optionalInfo = 2

var address = []parameter{{"IP", wordOrQuoted}, {"PORT", digits(5)}, {"SSRC", ssrc}}

// all reports whether a value is some characters, so many at most.
func all(value string, most int, is func(r rune) bool) bool {
	return value != "" && len(value) <= most && !strings.ContainsFunc(value, func(r rune) bool { return !is(r) })
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isHex(r rune) bool { return isDigit(r) || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' }

func isWord(r rune) bool {
	return isDigit(r) || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-.!%*_+`'~()<>:\\\"/[]?{}", r)
}

func digits(most int) production {
	return func(value string) bool { return all(value, most, isDigit) }
}

func among(values ...string) production {
	return func(value string) bool { return slices.Contains(values, value) }
}

// fraction is a number with so many digits before a point, and after it.
func fraction(value string, before, after int) bool {
	whole, rest, pointed := strings.Cut(value, ".")
	return all(whole, before, isDigit) && (!pointed || all(rest, after, isDigit))
}

func percentage(value string) bool { return fraction(value, 3, 2) }

func score(value string) bool { return fraction(value, 1, 3) }

func level(value string) bool { return all(strings.TrimPrefix(value, "-"), 2, isDigit) }

func ssrc(value string) bool {
	rest, ok := strings.CutPrefix(value, "0x")
	return ok && all(rest, 8, isHex)
}

func word(value string) bool { return all(value, len(value), isWord) }

// wordPlus is a word that may have blanks and equals signs, and no quotation marks.
func wordPlus(value string) bool {
	return all(value, len(value), func(r rune) bool { return r == ' ' || r == '=' || r != '"' && isWord(r) })
}

func quoted(value string) bool {
	return len(value) > 2 && value[0] == '"' && value[len(value)-1] == '"' && wordPlus(value[1:len(value)-1])
}

func wordOrQuoted(value string) bool { return quoted(value) || word(value) }

// callID is a Call-ID.
func callID(value string) bool {
	local, host, at := strings.Cut(value, "@")
	return word(local) && (!at || word(host))
}

// dateTime is a time of RFC 3339, in UTC.
func dateTime(value string) bool {
	_, err := time.Parse(time.RFC3339Nano, value)
	return err == nil && strings.HasSuffix(value, "Z")
}
