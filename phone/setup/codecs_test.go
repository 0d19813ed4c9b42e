package setup

import (
	"strings"
	"testing"
)

func TestCodecs(t *testing.T) {
	for list, want := range map[string]string{
		"pcmu":               "pcmu",
		" G722 ,PCMU":        "g722, pcmu",
		"l16":                "l16/16000, l16/8000",
		"L16/8000, g722":     "l16/8000, g722",
		"l16/16000,l16/8000": "l16/16000, l16/8000",
	} {
		codecs, err := parseCodecs(list)
		if got := codecList(codecs); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", list, got, err, want)
		}
	}
	for list, want := range map[string]string{
		"g772":         "did you mean g722?",
		"opus":         "there are pcmu, pcma, g722, l16/16000, l16/8000",
		"pcmu,,pcma":   `"" is no codec`,
		"l16,l16/8000": "l16/8000 is there twice",
	} {
		if _, err := parseCodecs(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", list, err, want)
		}
	}
}
