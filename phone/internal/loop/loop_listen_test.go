package loop

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/phone/system"
)

// TestListenHint says what to do about each way in which an address cannot be taken.
func TestListenHint(t *testing.T) {
	for want, err := range map[string]error{
		"an address of this machine": fmt.Errorf("listen: %w", system.NotLocal),
		"a port from 1024 on":        fmt.Errorf("listen: %w", system.Forbidden),
		"another port, such as":      fmt.Errorf("listen: %w", system.AddrInUse),
		"another port":               errors.New("listen: anything"),
	} {
		if got := listenHint(err); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
}
