package link

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/internal/golden"
)

func TestReference(t *testing.T) { golden.File(t, "testdata/reference.md", Reference()) }

func TestParse(t *testing.T) {
	for text, want := range map[string]Fault{
		"network cell":            {Name: "network", Network: Cell},
		"Network WIFI -> cell":    {Name: "network", From: Wifi, Network: Cell},
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
		"network offline -> wifi": {Name: "network", From: Offline, Network: Wifi},
	} {
		got, err := Parse(strings.Fields(text))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := Parse(strings.Fields(got.String()))
		if err != nil || again != got {
			t.Errorf("%s is written %q, which is read as %+v, %v", text, got, again, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
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
		_, err := Parse(strings.Fields(text))
		var wrong *SyntaxError
		if !errors.As(err, &wrong) || wrong.Word != want.word || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%.40s: %v at %+v, want %q at %d", text, err, wrong, want.says, want.word)
		}
	}
}

func TestParseList(t *testing.T) {
	list, err := ParseList(" nat short,latency 200ms, ")
	if err != nil || len(list) != 2 || list[1].Time != 200*time.Millisecond {
		t.Errorf("%+v, %v", list, err)
	}
	for text, want := range map[string]string{
		"loss 5%, nat home, loss 10%":   "loss 5% and loss 10% cannot both be on",
		"nat short, nat carrier":        "nat short and nat carrier cannot both be on",
		"nat drop":                      "nat drop is no fault to begin with: no socket is open",
		"server close":                  "server close is no fault to begin with: no connection",
		"network offline, server reset": "server reset is no fault to begin with: ",
		"network cell -> wifi":          "network cell -> wifi is no fault to begin with: the handset is on wifi, not on cell",
		"network offline, latency 1s":   "",
	} {
		if _, err := ParseList(text); want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseList("nat short, loss"); err == nil {
		t.Error("half a fault was taken")
	}
}

func TestEveryFaultSaysTheTruth(t *testing.T) {
	for _, s := range Specs() {
		if s.do == nil || s.Does == "" || s.Name != "clear" && (s.App == "" || s.Server == "" || s.Real == "") {
			t.Errorf("%s leaves something out", s.Name)
		}
		if (s.Args == "") != (s.parse == nil) {
			t.Errorf("%s has arguments that nobody reads, or the other way round", s.Name)
		}
	}
}

// FuzzParse wants what is read to be written so that it is read the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"nat short reset", "network wifi -> cell", "loss 2.5 %", "bandwidth 64 kbit/s", "latency 1.5s", "server half-open", "loss 1e-320%", "bandwidth 1e9 bit/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(strings.Fields(text))
		if err != nil {
			var wrong *SyntaxError
			if !errors.As(err, &wrong) || wrong.Word < 0 || wrong.Word > len(strings.Fields(text)) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if got.Share < 0 || got.Share > 1 || got.Time < 0 || got.Time > maxDelay || got.Rate < 0 || got.Rate > maxRate {
			t.Fatalf("%q: %+v", text, got)
		}
		again, err := Parse(strings.Fields(got.String()))
		if err != nil || again.Name != got.Name {
			t.Fatalf("%q is written %q: %+v, %v", text, got, again, err)
		}
	})
}
