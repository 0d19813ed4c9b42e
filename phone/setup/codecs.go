package setup

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/app"
	"github.com/sleeptalk/sleeptalk/phone/internal/srtp"
	"github.com/sleeptalk/sleeptalk/phone/sip/sdp"
	"github.com/sleeptalk/sleeptalk/phone/words"
)

// srtpHelp is for phones and for the robots of the lab.
const srtpHelp = "which audio is protected by SRTP: none (off); what others offer (accept); our offers have plain audio with keys beside it (optional); they have SRTP alone, and of what others offer it is taken first, then plain audio (preferred); all (required); accept by default"

// srtpKeysHelp is for both, too.
const srtpKeysHelp = "how the keys of SRTP are agreed on where the srtp of a phone has it offer some: in the SDP (sdes, RFC 4568), or by a handshake where the audio goes (dtls, RFC 5764); both are answered; sdes by default"

// parseKeying reports whether keys are agreed on by DTLS.
func parseKeying(name string) (byDTLS bool, err error) {
	if !slices.Contains(srtp.Keyings(), name) {
		return false, fmt.Errorf("%q is none of %s", name, strings.Join(srtp.Keyings(), ", "))
	}
	return name == srtp.DTLS, nil
}

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
		check: func(v string) error { _, _, err := parseCodecs(v, codec.Codec.Missing); return err },
		set: func(d *draft, v string) (err error) {
			d.app.Codecs, d.app.NoCodec, err = parseCodecs(v, codec.Codec.Missing)
			return err
		},
		show: func(c phone.Config) string { return codecList(c.App.Codecs) },
	}, {
		Key: "srtp", Of: ThePhone, Value: strings.Join(sdp.Policies(), "|"), Script: true, Guard: Reach, reaches: bares, Example: sdp.Optional.String(),
		Help:  srtpHelp,
		check: parsed(sdp.ParsePolicy), set: func(d *draft, v string) (err error) { d.app.SRTP, err = sdp.ParsePolicy(v); return err },
		show: func(c phone.Config) string { return word(c.App.SRTP != sdp.Accept, c.App.SRTP.String()) },
	}, {
		Key: "srtp-keys", Of: ThePhone, Value: strings.Join(srtp.Keyings(), "|"), Script: true, Example: srtp.DTLS,
		Help:  srtpKeysHelp,
		check: parsed(parseKeying), set: func(d *draft, v string) (err error) { d.app.DTLS, err = parseKeying(v); return err },
		show: func(c phone.Config) string { return word(c.App.DTLS, srtp.DTLS) },
	}, {
		Key: "rtcp-xr", Of: ThePhone, Value: strings.Join(sdp.XRPolicies(), "|"), Script: true, Example: sdp.XROn.String(),
		Help:  "who gets what this phone measures of a call's audio as RTCP XR (RFC 3611), bursts of loss, delays, R and MOS: nobody (off); those whose SDP asks for it, who are asked for theirs (accept); or everybody, and everybody is asked (on). What others send is shown in any case; accept by default, which says nothing new to those who have not asked",
		check: parsed(sdp.ParseXRPolicy), set: func(d *draft, v string) (err error) { d.app.XR, err = sdp.ParseXRPolicy(v); return err },
		show: func(c phone.Config) string { return word(c.App.XR != sdp.XRAccept, c.App.XR.String()) },
	}, {
		Key: "opus-rate", Of: ThePhone, Value: "HZ", Script: true, Example: "16000",
		Help:  "samples a second in calls of Opus: " + strings.Join(opusRates(), ", ") + "; the first by default",
		check: parsed(parseOpusRate), set: func(d *draft, v string) (err error) { d.app.OpusRate, err = parseOpusRate(v); return err },
		show: func(c phone.Config) string {
			if c.App.OpusRate == 0 {
				return ""
			}
			return strconv.Itoa(c.App.OpusRate)
		},
	}}
}

func opusRates() (rates []string) {
	for _, hz := range codec.Opus.Rates() {
		rates = append(rates, strconv.Itoa(hz))
	}
	return rates
}

func parseOpusRate(s string) (int, error) {
	if i := slices.Index(opusRates(), s); i >= 0 {
		return codec.Opus.Rates()[i], nil
	}
	return 0, fmt.Errorf("%q is no sample rate of Opus here; there are %s", s, strings.Join(opusRates(), ", "))
}

// bares says why nobody else may have the phone's audio go unprotected.
func bares(all Values) string {
	if p, err := sdp.ParsePolicy(cmp.Or(all["srtp"], sdp.Optional.String())); err == nil && (p == sdp.Off || p == sdp.Accept) {
		return "only a file that you trust may leave audio unprotected by SRTP"
	}
	return ""
}

func codecList(codecs []codec.Codec) string {
	names := make([]string, len(codecs))
	for i, c := range codecs {
		names[i] = c.Short()
	}
	return strings.Join(names, ", ")
}

// missing says of a codec that cannot be spoken on this machine what is the way out.
func missing(err error) error {
	if m, ok := errors.AsType[*opus.MissingError](err); ok {
		return fmt.Errorf("%w; to have it: %s", m, m.Hint)
	}
	return err
}

// parseCodecs reads names with commas. A name without a rate is all codecs of it. One that
// cannot be spoken here is left out, if there are others, and lacks says so.
func parseCodecs(list string, gone func(codec.Codec) error) (codecs []codec.Codec, lacks *app.MissingCodec, err error) {
	var none error
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		found := codec.Named(name)
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%q is no codec of ours%s; there are %s",
				name, words.DidYouMean(strings.ToLower(name), codec.Names()), strings.Join(codec.Names(), ", "))
		}
		for _, c := range found {
			if err := gone(c); err != nil {
				lacks, none = lackOf(c, err), cmp.Or(none, missing(err))
				continue
			}
			if slices.Contains(codecs, c) {
				return nil, nil, fmt.Errorf("%s is there twice", c.Short())
			}
			codecs = append(codecs, c)
		}
	}
	if len(codecs) == 0 {
		return nil, nil, none
	}
	return codecs, lacks, nil
}

// lackOf is a codec that is not here.
func lackOf(c codec.Codec, err error) *app.MissingCodec {
	lack := &app.MissingCodec{Name: c.Name, Why: err.Error()}
	if m, ok := errors.AsType[*opus.MissingError](err); ok {
		lack.Why, lack.Hint = m.Why, m.Hint
	}
	return lack
}
