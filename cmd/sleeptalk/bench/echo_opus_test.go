//go:build peers && cgo

package bench

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// TestEchoOfOpusLosesNoChirp: with losses, what is lost is said once more or made up, and what
// comes too late leaves nothing behind.
func TestEchoOfOpusLosesNoChirp(t *testing.T) {
	wantEchoes(t, codec.Opus, map[road]float64{{}: 0.98, {60 * time.Millisecond, 0}: 0.98, {0, 0.05}: 0.93, {60 * time.Millisecond, 0.05}: 0.94})
}
