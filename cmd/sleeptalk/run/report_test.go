package run

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/script"
)

// TestLabels: files that are called the same have evidence of their own.
func TestLabels(t *testing.T) {
	var all []played
	for _, name := range []string{"a/wake.talk", "b/wake.talk", "wake-2.talk", "a-wake.talk"} {
		all = append(all, played{file: &piece{Script: &script.Script{Name: name, Base: filepath.Base(name)}}})
	}
	if got, want := labelsOf(filesOf(all), false), []string{"wake", "wake-2", "wake-2-2", "a-wake"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := labelsOf(filesOf(all), true), []string{"a-wake", "b-wake", "wake-2", "a-wake-2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
