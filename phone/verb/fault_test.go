package verb

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"network cell":            {Name: "network", Network: "cell"},
		"Network WIFI -> cell":    {Name: "network", From: "wifi", Network: "cell"},
		"nat drop":                {Name: "nat drop"},
		"nat short reset":         {Name: "nat", Preset: "short", Reset: true},
		"nat short silent":        {Name: "nat", Preset: "short"},
		"nat off":                 {Name: "nat", Preset: "off"},
		"server half-open":        {Name: "server half-open"},
		"latency 300ms":           {Name: "latency", Time: 300 * time.Millisecond},
		"latency off":             {Name: "latency"},
		"loss 2.5 %":              {Name: "loss", Share: 0.025},
		"loss 0%":                 {Name: "loss"},
		"reorder 100%":            {Name: "reorder", Share: 1},
		"bandwidth 64kbit/s":      {Name: "bandwidth", Rate: 64_000},
		"bandwidth 1.5 Mbit/s":    {Name: "bandwidth", Rate: 1_500_000},
		"bandwidth off":           {Name: "bandwidth"},
		"clear":                   {Name: "clear"},
		"network offline -> wifi": {Name: "network", From: "offline", Network: "wifi"},
	} {
		got, err := ParseFault(strings.Fields(text))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := ParseFault(strings.Fields(got.String()))
		if err != nil || again != got {
			t.Errorf("%s is written %q, which is read as %+v, %v", text, got, again, err)
		}
	}
}

func TestParseFaultErrors(t *testing.T) {
	for text, want := range map[string]struct {
		word int
		says string
	}{
		"":                                      {0, "the fault is missing"},
		"latency":                               {1, "such as 300ms"},
		"lateny 3s":                             {0, "did you mean latency?"},
		"nat":                                   {1, "kind of NAT is missing"},
		"nat homme":                             {1, "did you mean home?"},
		"nat home loud":                         {2, `unexpected "loud"`},
		"server":                                {1, "there are: close, reset"},
		"server crash":                          {1, `unknown fault of the server "crash"`},
		"network":                               {1, "network is missing"},
		"network wifi ->":                       {3, "network is missing"},
		"network cell -> cell":                  {3, "nothing changes"},
		"loss 101%":                             {1, "not possible"},
		"loss NaN%":                             {1, "write it as 5%"},
		"loss -1%":                              {1, "not possible"},
		"loss 5":                                {1, "did you mean 5%?"},
		"latency -1s":                           {1, "no time"},
		"jitter 2m":                             {1, "at most 1m0s"},
		"bandwidth":                             {1, "no bandwidth"},
		"bandwidth 0 kbit/s":                    {1, "not possible"},
		"bandwidth 64":                          {2, "no unit"},
		"bandwidth 1000000 Mbit/s":              {1, "not possible"},
		"clear everything":                      {1, "unexpected"},
		"server close now":                      {2, "unexpected"},
		"nat drop " + strings.Repeat("x", 3000): {2, "unexpected"},
	} {
		_, err := ParseFault(strings.Fields(text))
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Word != want.word || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%.40s: %v at %+v, want %q at %d", text, err, wrong, want.says, want.word)
		}
	}
}

// FuzzParseFault wants what is read to be written so that it is read the same.
func FuzzParseFault(f *testing.F) {
	for _, s := range []string{"nat short reset", "network wifi -> cell", "loss 2.5 %", "bandwidth 64 kbit/s", "latency 1.5s", "server half-open", "loss 1e-320%", "bandwidth 1e9 bit/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseFault(strings.Fields(text))
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Word < 0 || wrong.Word > len(strings.Fields(text)) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if got.Share < 0 || got.Share > 1 || got.Time < 0 || got.Time > maxDelay || got.Rate < 0 || got.Rate > maxBandwidth {
			t.Fatalf("%q: %+v", text, got)
		}
		again, err := ParseFault(strings.Fields(got.String()))
		if err != nil || again.Name != got.Name {
			t.Fatalf("%q is written %q: %+v, %v", text, got, again, err)
		}
	})
}
