package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// places are the modes as a person knows them, in the order in which a key is looked for.
var places = []struct {
	mode mode
	name string
}{
	{mainMode, "on the main screen"},
	{runMode, "in a run"},
	{surveyMode, "in a table of cases"},
	{hostMode, "at a lab of its own"},
	{ladderMode, "in the ladder"},
	{messageMode, "in a message"},
	{eventsMode, "in what happened"},
	{helpMode, "in the help"},
	{explainMode, "in why"},
	{settingsMode, "in the settings"},
	{settingMode, "at a setting"},
	{dialMode, "in the dialler"},
	{transferMode, "in a transfer"},
	{tonesMode, "on the keypad"},
	{promptMode, "in a command"},
	{filterMode, "in the filter"},
	{confirmMode, "in a question"},
	{labMode, "in the lab"},
	{saidMode, "in what was said"},
	{inboxMode, "in the inbox"},
	{breakMode, "where the network is broken"},
}

// placeOf is where a binding counts.
func placeOf(b *binding) string {
	for _, p := range places {
		if b.active(p.mode) {
			return p.name
		}
	}
	return ""
}

// elsewhere says of a key that means nothing here what it means elsewhere.
func elsewhere(keys []binding, s situation, k tea.KeyPressMsg) string {
	name := keyName(k.String())
	for i := range keys {
		b := &keys[i]
		if b.help != "" && key.Matches(k, b.Binding) && b.listed(s.base) {
			return name + " does nothing here; " + placeOf(b) + ": " + b.help
		}
	}
	if s.mode&(screenModes|baseModes|eventsMode) == 0 {
		return name + " does nothing here; " + s.keyOf("esc") + " leads back"
	}
	return name + " does nothing here; " + s.keyOf("help") + " lists the keys that do"
}
