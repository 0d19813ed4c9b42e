package sdp

import (
	"strconv"
	"strings"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// maxParameters bounds the parameters of one a=fmtp that are read: RFC 7587 has ten for Opus.
const maxParameters = 32

// A formatParameters is the parameters in a=fmtp, by their names in small letters; the first of
// a name counts.
type formatParameters map[string]string

// formatParameters reads the a=fmtp of a format (RFC 8866 §6.15), "name=value; name=value".
func (d *description) formatParameters(m *section, entry string) formatParameters {
	p := make(formatParameters)
	for _, list := range [...][]attribute{m.attributes, d.attributes} {
		for _, a := range list {
			rest, of := formatOf(a, fmtp, entry)
			if !of {
				continue
			}
			for one := range strings.SplitSeq(rest, ";") {
				name, value, _ := strings.Cut(one, "=")
				name = strings.ToLower(strings.TrimSpace(name))
				if _, known := p[name]; name != "" && !known && len(p) < maxParameters {
					p[name] = strings.TrimSpace(value)
				}
			}
		}
	}
	return p
}

// on reports whether a parameter is 1; others than 0 and 1 are none that anybody knows.
func (p formatParameters) on(d *description, name string) bool {
	value, ok := p[name]
	if ok && value != "0" && value != "1" {
		d.faults.add("a parameter of Opus is neither 0 nor 1: " + name)
	}
	return value == "1"
}

// number is a parameter that is a number of such a range; 0: it is not said, or none.
func (p formatParameters) number(d *description, name string, least, most int) int {
	value, ok := p[name]
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		d.faults.add("a parameter of Opus is out of its range: " + name)
		return 0
	}
	return n
}

// opus reads what a peer wants to be sent (RFC 7587 §6.1), and the shortest packet of it.
// What it will send itself (sprop-stereo, sprop-maxcapturerate) is decoded whatever it says;
// stereo is what it can play, and of one channel it can.
func (p formatParameters) opus(d *description) (codec.Terms, time.Duration) {
	p.on(d, "stereo")
	return codec.Terms{
		Playback: p.number(d, "maxplaybackrate", 8000, 48000),
		Bitrate:  p.number(d, "maxaveragebitrate", 6000, 510000),
		Constant: p.on(d, "cbr"),
		FEC:      p.on(d, "useinbandfec"),
		DTX:      p.on(d, "usedtx"),
	}, time.Duration(p.number(d, "minptime", 3, 120)) * time.Millisecond
}

// opusParameters are ours: what lies above our sample rate is in vain, what was lost may be
// said once more, and silence need not be sent where comfort noise is welcome.
func opusParameters(c codec.Codec, quiet bool) string {
	params := "useinbandfec=1"
	if c.SampleRate < c.ClockRate {
		rate := strconv.Itoa(c.SampleRate)
		params += "; maxplaybackrate=" + rate + "; sprop-maxcapturerate=" + rate
	}
	if quiet {
		params += "; usedtx=1"
	}
	return params
}
