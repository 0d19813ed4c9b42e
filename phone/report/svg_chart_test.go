package report

import (
	"testing"
)

func TestChart(t *testing.T) {
	bars := []Bar{
		{Group: "ios-voip-socket", Label: "voip-socket", Note: "8.2 wakes/h", Answered: 48},
		{Group: "ios-voip-socket", Label: "wake-socket", Note: "8.2 wakes/h", Answered: 20, Rung: 3, Missed: 25},
		{Group: "desktop <1>", Label: "none", Missed: 48},
	}
	for name, dark := range map[string]bool{"chart-light.svg": false, "chart-dark.svg": true} {
		svg, err := Chart("48 calls & a day", bars, dark)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, svg)
	}
	if _, err := Chart("nothing", nil, false); err == nil {
		t.Error("a chart of nothing")
	}
}
