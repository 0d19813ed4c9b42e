package setup

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/codec"
	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
	"github.com/sleeptalk/sleeptalk/phone/app"
)

// TestMissingCodec: what is not here is an error with the way out, never another codec.
func TestMissingCodec(t *testing.T) {
	err := missing(&opus.MissingError{Why: "libopus is not here", Hint: "apt install libopus0"})
	if err == nil || err.Error() != "no Opus: libopus is not here; to have it: apt install libopus0" {
		t.Error(err)
	}
	if err := missing(codec.PCMU.Missing()); err != nil {
		t.Error(err)
	}
	gone := func(c codec.Codec) error {
		if c == codec.Opus {
			return &opus.MissingError{Why: "libopus is not here", Hint: "apt install libopus0"}
		}
		return nil
	}
	codecs, lacks, err := parseCodecs("opus,pcmu", gone)
	if err != nil || codecList(codecs) != "pcmu" || lacks == nil || *lacks != (app.MissingCodec{Name: "opus", Why: "libopus is not here", Hint: "apt install libopus0"}) {
		t.Errorf("beside another: %v, %v, %v", codecs, lacks, err)
	}
	if codecs, lacks, err := parseCodecs("opus", gone); err == nil || !strings.Contains(err.Error(), "to have it: apt install libopus0") {
		t.Errorf("alone: %v, %v, %v", codecs, lacks, err)
	}
	if codecs, lacks, err := parseCodecs("g722,pcmu", gone); err != nil || lacks != nil || len(codecs) != 2 {
		t.Errorf("without it: %v, %v, %v", codecs, lacks, err)
	}
}

// TestOpusRate takes the rates that there are.
func TestOpusRate(t *testing.T) {
	for _, hz := range []int{8000, 16000, 24000, 48000} {
		if got, err := parseOpusRate(strconv.Itoa(hz)); got != hz || err != nil {
			t.Errorf("%d: %d, %v", hz, got, err)
		}
	}
	for _, s := range []string{"12000", "44100", "016000", "16k", ""} {
		if _, err := parseOpusRate(s); err == nil || !strings.Contains(err.Error(), "there are 48000, 24000, 16000, 8000") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestCodecs(t *testing.T) {
	for list, want := range map[string]string{
		"pcmu":               "pcmu",
		" G722 ,PCMU":        "g722, pcmu",
		"l16":                "l16/16000, l16/8000",
		"L16/8000, g722":     "l16/8000, g722",
		"l16/16000,l16/8000": "l16/16000, l16/8000",
	} {
		codecs, _, err := parseCodecs(list, codec.Codec.Missing)
		if got := codecList(codecs); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", list, got, err, want)
		}
	}
	for list, want := range map[string]string{
		"g772":         "did you mean g722?",
		"speex":        "there are pcmu, pcma, g722, l16/16000, l16/8000, opus",
		"pcmu,,pcma":   `"" is no codec`,
		"l16,l16/8000": "l16/8000 is there twice",
	} {
		if _, _, err := parseCodecs(list, codec.Codec.Missing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", list, err, want)
		}
	}
}
