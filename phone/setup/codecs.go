package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// soundRows say how the sound of a call is coded.
func soundRows() []Setting {
	return []Setting{{
		Key: "comfort-noise", Of: ThePhone, Value: "on|off", Script: true, Example: "on",
		Help:  "on sends comfort noise (RFC 3389) while the microphone is silent, to those who take it; off by default",
		check: onOff, set: func(d *draft, v string) error { d.app.ComfortNoise = on(v); return nil },
		show: func(c phone.Config) string { return word(c.App.ComfortNoise, "on") },
	}, {
		Key: "codecs", Of: ThePhone, Value: "NAME, …", Script: true, Example: "g722, pcmu",
		Help: "codecs that are offered and accepted, the best first: " + strings.Join(codec.Names(), ", ") +
			"; pcmu, pcma by default, which everybody speaks",
		check: parsed(parseCodecs), set: func(d *draft, v string) (err error) { d.app.Codecs, err = parseCodecs(v); return err },
		show: func(c phone.Config) string { return codecList(c.App.Codecs) },
	}}
}

func codecList(codecs []codec.Codec) string {
	names := make([]string, len(codecs))
	for i, c := range codecs {
		names[i] = c.Short()
	}
	return strings.Join(names, ", ")
}

// parseCodecs reads names with commas. A name without a rate is all codecs of it.
func parseCodecs(list string) (codecs []codec.Codec, err error) {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		found := codec.Named(name)
		if len(found) == 0 {
			return nil, fmt.Errorf("%q is no codec of ours%s; there are %s",
				name, words.DidYouMean(strings.ToLower(name), codec.Names()), strings.Join(codec.Names(), ", "))
		}
		for _, c := range found {
			if slices.Contains(codecs, c) {
				return nil, fmt.Errorf("%s is there twice", c.Short())
			}
		}
		codecs = append(codecs, found...)
	}
	return codecs, nil
}
