package codec

import (
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/audio/codec/opus"
)

// TestOpusSettings: the terms of a receiver bound what is sent, and its own rate does.
func TestOpusSettings(t *testing.T) {
	for _, tt := range []struct {
		rate  int
		terms Terms
		want  opus.Settings
	}{
		{48000, Terms{}, opus.Settings{Rate: 48000, Playback: 48000, Bitrate: 40000}},
		{48000, Terms{Playback: 12000, FEC: true}, opus.Settings{Rate: 48000, Playback: 12000, Bitrate: 40000, FEC: true}},
		{16000, Terms{Playback: 48000, DTX: true}, opus.Settings{Rate: 16000, Playback: 16000, Bitrate: 28000, DTX: true}},
		{24000, Terms{Bitrate: 510000}, opus.Settings{Rate: 24000, Playback: 24000, Bitrate: 32000}},
		{8000, Terms{Bitrate: 9000, Constant: true}, opus.Settings{Rate: 8000, Playback: 8000, Bitrate: 9000, Constant: true}},
		{8000, Terms{FEC: true}, opus.Settings{Rate: 8000, Playback: 8000, Bitrate: 22000, FEC: true}},
		{8000, Terms{FEC: true, Bitrate: 14000}, opus.Settings{Rate: 8000, Playback: 8000, Bitrate: 14000, FEC: true}},
		{8000, Terms{Bitrate: 500}, opus.Settings{Rate: 8000, Playback: 8000, Bitrate: 6000}},
	} {
		c := Opus.At(tt.rate).Under(tt.terms)
		if got := c.scheme.(opusScheme).settings(); got != tt.want || c.SampleRate != tt.rate || c.Asked() != tt.terms {
			t.Errorf("at %d Hz, %+v: %+v", tt.rate, tt.terms, got)
		}
	}
	if Opus.At(12000) != Opus || Opus.At(0) != Opus || PCMU.At(16000) != PCMU || G722.Under(Terms{FEC: true}) != G722 {
		t.Error("a codec takes what it has not")
	}
}

// TestContents: the length of a payload of Opus is in it, at whatever rate.
func TestContents(t *testing.T) {
	recovers := []byte{9 << 3, 0x40, 0} // 20 ms of SILK
	for rate, want := range map[int]Contents{48000: {960, 960, false}, 24000: {480, 480, false}, 16000: {320, 320, false}, 8000: {160, 160, false}} {
		if got, ok := Opus.At(rate).Contents(recovers); got != want || !ok {
			t.Errorf("%d Hz: %+v, %t", rate, got, ok)
		}
	}
	if got, ok := Opus.Contents([]byte{9 << 3}); got != (Contents{Samples: 960, Quiet: true}) || !ok {
		t.Errorf("%+v, %t", got, ok)
	}
	if _, ok := Opus.Contents(nil); ok {
		t.Error("nothing is a payload")
	}
	for _, c := range All() {
		if c != Opus && c.Samples(160) == 0 || c == Opus && c.Samples(160) != 0 {
			t.Errorf("%s: 160 octets are %d samples", c, c.Samples(160))
		}
	}
}

// TestUnreadable: in all codecs but Opus every payload has a meaning; of one that breaks the
// rules of Opus there are no samples.
func TestUnreadable(t *testing.T) {
	broken := []byte{9<<3 | 1, 0x40, 0x40, 0x40} // two frames of the same length, in three octets
	for _, c := range All() {
		_, ok := c.Contents(broken)
		if got := len(c.NewDecoder().Decode(nil, broken)); ok != (c != Opus) || ok != (got > 0) {
			t.Errorf("%s: %d samples, %t", c, got, ok)
		}
	}
}

// TestPacketTime: an encoder of Opus has frames of few lengths.
func TestPacketTime(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{5: 10, 10: 10, 15: 10, 20: 20, 39: 20, 40: 40, 60: 60, 120: 60} {
		if got := Opus.PacketTime(asked*time.Millisecond, 0); got != want*time.Millisecond {
			t.Errorf("%d ms asked for: %s", asked, got)
		}
		if got := PCMU.PacketTime(asked*time.Millisecond, time.Second); got != asked*time.Millisecond {
			t.Errorf("%d ms of PCMU asked for: %s", asked, got)
		}
	}
	if got := Opus.PacketTime(20*time.Millisecond, 30*time.Millisecond); got != 40*time.Millisecond {
		t.Errorf("no less than 30 ms: %s", got)
	}
}

// TestTicks: the clock of Opus is 48000 Hz, and of G.722 half of its samples'.
func TestTicks(t *testing.T) {
	for c, want := range map[Codec]int64{PCMU: 320, G722: 160, L16Wide: 320, Opus: 320, Opus.At(16000): 960, Opus.At(8000): 1920} {
		if got := c.Ticks(320); got != want {
			t.Errorf("%s at %d Hz: %d", c, c.SampleRate, got)
		}
	}
}

// TestHere: what is missing on this machine is not among those that can be spoken.
func TestHere(t *testing.T) {
	want := len(All())
	if Opus.Missing() != nil {
		want--
	}
	if got := len(Here()); got != want || PCMU.Missing() != nil {
		t.Errorf("%d codecs are here, want %d", got, want)
	}
}
