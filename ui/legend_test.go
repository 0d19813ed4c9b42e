package ui

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// otherKeys are keys for every action that can have others, none of which means anything else.
func otherKeys() map[string]string {
	keys := map[string]string{}
	for i, k := range KeyTable() {
		keys[k.ID] = string(rune(0x100 + i))
	}
	return keys
}

// actions are the actions that sentences name a key of.
var actions = regexp.MustCompile(`(?:keyOf\(|[kK]eys\[|legend\[)"([^"]+)"`)

// TestLegendNamesActions: what the source asks the legend for is there.
func TestLegendNamesActions(t *testing.T) {
	known := newModel(context.Background(), silent{}, Options{}).legend
	for id, key := range newRunModel(context.Background(), new(conductor), Options{}).legend {
		known[id] = key
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range actions.FindAllStringSubmatch(string(src), -1) {
			if n++; known[m[1]] == "" && !strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s: there is no action %q", file, m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d are named", n)
	}
}

// lone is a letter that stands alone, as a key does in a sentence, or the name of one.
var lone = regexp.MustCompile(`(?:^|[\s·,;:])([b-zB-Z?/]|esc|tab|space|enter)(?:$|[\s,;:])`)

// TestSentencesNameOtherKeys gives every action another key, and reads what is said in every place
// to each of them, and why it is of no use there: no sentence names a key that has gone.
func TestSentencesNameOtherKeys(t *testing.T) {
	keys := otherKeys()
	if err := CheckKeys(keys); err != nil {
		t.Fatal(err)
	}
	read, states := 0, callStates(t)
	for _, state := range []callState{states[8], states[5], {name: "killed", log: load(t, "killed")}} {
		for md := mainMode; md&everyMode != 0; md <<= 1 {
			fresh := func() *model {
				m := newModel(context.Background(), &puppet{log: state.log}, Options{Theme: "mono", Location: time.UTC, Environ: []string{}, Explain: explained, Find: found, Settings: settable, Keys: keys})
				m.resize(80, 24)
				m.take()
				m.Update(tickMsg{moment(t, "call")})
				if md != mainMode {
					m.open(md)
				}
				return m
			}
			m := fresh()
			names := func(words string) {
				read++
				if k := lone.FindStringSubmatch(words); k != nil && !fixed(m, md, k[1]) {
					t.Errorf("%s, %s: %q in %q is no key any more", state.name, placeName(md), k[1], words)
				}
			}
			for i := range m.keys {
				names(m.keys[i].useless(m.situation("")))
			}
			for _, list := range [][]string{{"é"}, {keys["left"], keys["top"], keys["explain"]}, {keys["left"], keys["left"], keys["explain"]}, {keys["transfer"]}, {keys["play"]}} {
				m := fresh()
				for _, k := range list {
					m.Update(keyPress(k))
				}
				names(m.remark.words)
			}
		}
	}
	if read < 1000 {
		t.Errorf("only %d sentences were read", read)
	}
}

// fixed reports whether a key has kept its meaning in a mode: it cannot be another.
func fixed(m *model, md mode, name string) bool {
	return slices.ContainsFunc(m.keys, func(b binding) bool { return !b.mappable() && b.active(md) && slices.Contains(b.Keys(), name) })
}
