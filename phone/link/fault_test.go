package link

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/verb"
)

func TestParseList(t *testing.T) {
	list, err := ParseList(" nat short,latency 200ms, ")
	if err != nil || len(list) != 2 || list[1].Time != 200*time.Millisecond {
		t.Errorf("%+v, %v", list, err)
	}
	for text, want := range map[string]string{
		"loss 5%, nat home, loss 10%":   "loss 5% and loss 10% cannot both be on",
		"nat short, nat carrier":        "nat short and nat carrier cannot both be on",
		"nat drop":                      "nat drop cannot be on from the start: no socket is open",
		"server close":                  "server close cannot be on from the start: no connection",
		"network offline, server reset": "server reset cannot be on from the start: ",
		"network cell -> wifi":          "network cell -> wifi cannot be on from the start: the handset is on wifi, not on cell",
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
	}
}

// TestTheGrammarKnowsTheFaults checks that the names of the faults, the
// networks and the kinds of NAT are those of the grammar.
func TestTheGrammarKnowsTheFaults(t *testing.T) {
	var names, nats []string
	for _, s := range Specs() {
		names = append(names, s.Name)
	}
	for _, p := range presets {
		nats = append(nats, p.name)
	}
	networks := []string{Wifi, Cell, Offline}
	if !slices.Equal(names, verb.FaultNames()) || !slices.Equal(nats, verb.NATs()) || !slices.Equal(networks, verb.Networks()) {
		t.Errorf("%q, %q, %q", names, nats, networks)
	}
	if logged := verb.LoggedFaults(); !slices.Equal(logged[len(logged)-2:], []string{natExpired, handover}) {
		t.Errorf("%q", logged)
	}
}
