package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/place"
)

// TestReadIsBounded: what is named by mistake does not fill the memory.
func TestReadIsBounded(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if _, err := ReadProfile(file("most.yaml", place.MaxSize), "device", ""); err != nil {
		t.Error(err)
	}
	if _, err := ReadProfile(file("more.yaml", place.MaxSize+1), "device", ""); err == nil || !strings.Contains(err.Error(), "no device profile") {
		t.Errorf("a profile that is too long: %v", err)
	}
	if _, err := ReadProfile(filepath.Join(dir, "mots.yaml"), "device", ""); err == nil || !strings.Contains(err.Error(), "most.yaml?") {
		t.Errorf("a profile that is not there: %v", err)
	}
	for size, want := range map[int]string{maxCA: "there is no certificate in", maxCA + 1: "has more than"} {
		_, err := ReadAuthorities("ca", file("ca.pem", size))
		if f, ok := errors.AsType[*Failure](err); !ok || f.Code != ExitInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes of authorities: %v", size, err)
		}
	}
	if f, ok := errors.AsType[*Failure](second(ReadAuthorities("ca", filepath.Join(dir, "none")))); !ok || f.Code != ExitCannot {
		t.Errorf("authorities that are not there: %v", f)
	}
}

func second[T any](_ T, err error) error { return err }
