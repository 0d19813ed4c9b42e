package config

import (
	"maps"
	"slices"
	"testing"
)

func TestDevice(t *testing.T) {
	f, err := Parse("c.yaml", []byte(`devices:
  ios-voip-socket: {wake-window: 5s, grace: 1s}
  ios-voip-socket@ios4: {grace: 2s}
  door: {base: ios-voip-socket@ios4, settle: 1s}
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Device{
		"ios-voip-socket":      {Base: "ios-voip-socket", Numbers: map[string]string{"wake-window": "5s", "grace": "1s"}},
		"ios-voip-socket@ios4": {Base: "ios-voip-socket@ios4", Numbers: map[string]string{"wake-window": "5s", "grace": "2s"}},
		"ios-voip-socket@ios7": {Base: "ios-voip-socket@ios7", Numbers: map[string]string{"wake-window": "5s", "grace": "1s"}},
		"desktop":              {Base: "desktop"},
		"door":                 {Name: "door", Base: "ios-voip-socket@ios4", Numbers: map[string]string{"settle": "1s"}},
	} {
		if got := f.Device(name); got.Name != want.Name || got.Base != want.Base || !maps.Equal(got.Numbers, want.Numbers) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if got := f.OwnDevices(); !slices.Equal(got, []string{"door"}) {
		t.Errorf("own devices %v", got)
	}
	if f.Devices["door"]["base"] == "" {
		t.Error("Device changed the file")
	}
}
