package setup

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/device"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

func profileOf(t *testing.T, name string) device.Profile {
	t.Helper()
	p, err := device.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rowOf is the row of a key; of the device, or of the table.
func rowOf(t *testing.T, rows []Row, key string, ofDevice bool) Row {
	t.Helper()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Key == key && r.OfDevice == ofDevice })
	if i < 0 {
		t.Fatalf("no row %s", key)
	}
	return rows[i]
}

// TestRows: a row says what its setting is now, what it was at the start, and who was it.
func TestRows(t *testing.T) {
	p := profileOf(t, "ios-voip-socket")
	began := event.Start{Profile: p.Name, Settings: []string{"grace=3s"}, Display: "Alice"}
	now := began
	now.Settings, now.App = []string{"grace=3s", "wake-window=5s"}, []string{"keepalive=15m"}
	rows := Rows(&p, began, now, Values{"user": "alice", "server": "pbx", "password": "hidden", "display": "Alice"})
	for _, c := range []struct {
		key, value, usual string
		ofDevice, yours   bool
	}{
		{"grace", "3s", "3s", true, false},
		{"wake-window", "5s", "10s", true, true},
		{"keepalive", "on", "on", true, false},
		{"keepalive", "15m", "10m", false, true},
		{"display", "Alice", "", false, false},
		{"user", "alice", "", false, false},
		{"strategy", "voip-socket", "voip-socket", false, false},
		{"auto", "", "", false, false},
	} {
		r := rowOf(t, rows, c.key, c.ofDevice)
		if r.Value != c.value || r.Usual != c.usual || r.Yours != c.yours {
			t.Errorf("%s: value %q, usual %q, yours %v", c.key, r.Value, r.Usual, r.Yours)
		}
	}
	for _, r := range rows {
		if strings.Contains(r.Value, "hidden") {
			t.Errorf("%s shows a secret", r.Key)
		}
		if r.Takes == "" {
			t.Errorf("%s does not say what it takes", r.Key)
		}
	}
	if r := rowOf(t, rows, "suspends", true); r.Live {
		t.Error("suspends can be changed while the device runs")
	}
	if r := rowOf(t, rows, "wake-window", true); r.Confidence == "" || r.Source == "" || r.Limit != "no more than 30s" {
		t.Errorf("where the window comes from: %+v", r)
	}
}

// TestRowsOfALog: of a recording only what its log tells is a row, and a device that is not
// known has the numbers that the log names.
func TestRowsOfALog(t *testing.T) {
	p := profileOf(t, "ios-pushkit")
	rows := Rows(&p, event.Start{}, event.Start{}, nil)
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Key == "ca" || r.Key == "user" }) {
		t.Error("the log does not tell of ca and user")
	}
	start := event.Start{Profile: "ours.yaml", Settings: []string{"grace=3s"}, Choices: []event.Choice{{Key: "rearm", Value: "on", About: "why"}, {Key: "grace", Value: "3s"}}}
	rows = Rows(nil, start, start, nil)
	if r := rowOf(t, rows, "grace", true); r.Value != "3s" || r.Live {
		t.Errorf("%+v", r)
	}
	if r := rowOf(t, rows, "rearm", true); r.Value != "on" || r.Help != "why" {
		t.Errorf("%+v", r)
	}
	if _, err := rowOf(t, rows, "grace", true).Judge(nil, "4s"); err == nil {
		t.Error("judged without a profile")
	}
}

// TestJudge holds values against what the device would say to them.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		profile, key   string
		ofDevice       bool
		value          string
		warning, fails string
	}{
		{"ios-voip-socket", "keepalive", false, "10m", "", ""},
		{"ios-voip-socket", "keepalive", false, "240s", "240s: the device says no (the minimum is 600 s)", ""},
		{"ios-pushkit", "keepalive", false, "10m", "this system has no keepalive handler", ""},
		{"desktop", "keepalive", false, "10m", "this system has no keepalive handler", ""},
		{"android-doze", "keepalive", false, "1m", "", ""},
		{"ios-voip-socket", "keepalive", false, "soon", "", "soon"},
		{"ios-voip-socket", "wake-window", true, "12s", "", ""},
		{"ios-voip-socket", "wake-window", true, "45s", "the real system allowed no more than 30s", ""},
		{"ios-voip-socket", "wake-window", true, "0s", "", "wake-window must be more than 0"},
		{"ios-voip-socket", "auto", false, "shout", "", "shout"},
	} {
		p := profileOf(t, c.profile)
		r := rowOf(t, Rows(&p, event.Start{}, event.Start{}, nil), c.key, c.ofDevice)
		warning, err := r.Judge(&p, c.value)
		if !strings.Contains(warning, c.warning) || (warning == "") != (c.warning == "") {
			t.Errorf("%s, %s=%s: warning %q", c.profile, c.key, c.value, warning)
		}
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s, %s=%s: %v", c.profile, c.key, c.value, err)
		}
	}
}
