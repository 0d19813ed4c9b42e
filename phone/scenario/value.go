package scenario

import (
	"strconv"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

// MaxDuration bounds what a line can wait for: a month is longer than any
// test, and far from where durations overflow.
const MaxDuration = 31 * 24 * time.Hour

// parseDuration reads a time such as 2s, 500ms, 10m or 1h30m.
func parseDuration(t token) (time.Duration, *problem) {
	d, err := time.ParseDuration(t.text)
	switch {
	case err != nil:
		p := wrong(t, "%q is no time", t.text).advise("write it as 2s, 500ms, 10m or 1h30m")
		if n, err := strconv.ParseFloat(t.text, 64); err == nil && n > 0 {
			p.meant = t.text + "s"
		}
		return 0, p
	case d <= 0:
		return 0, wrong(t, "%q is no time to wait: it must be more than nothing", t.text)
	case d > MaxDuration:
		return 0, wrong(t, "%q is more than %d days", t.text, MaxDuration/(24*time.Hour))
	}
	return d, nil
}

// parseRate reads a rate such as x60.
func parseRate(t token) (float64, *problem) {
	rate, err := verb.ParseRate(t.text)
	if err != nil {
		return 0, &problem{token: t, message: err.Message, meant: err.Meant, advice: err.Advice}
	}
	return rate, nil
}
