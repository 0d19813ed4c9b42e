package endpoint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

func TestParseEndpoints(t *testing.T) {
	for _, s := range []string{"device", "device:USB", "file:a:b.wav", "tone:440", "silence", "none"} {
		if e, err := ParseMic(s); err != nil || e.String() != s {
			t.Errorf("%s: %v, %v", s, e, err)
		}
	}
	for _, tt := range []struct {
		parse    func(string) (Endpoint, error)
		in, want string
	}{
		{ParseMic, "devise:USB", `microphone "devise:USB": unknown kind "devise"; did you mean device?`},
		{ParseMic, "tone", "write  tone:440"},
		{ParseMic, "tone:NaN", "write  tone:440"},
		{ParseMic, "tone:20001", "20 to 20000 Hz"},
		{ParseMic, "file:", "which file?"},
		{ParseMic, "none:x", "none takes no argument"},
		{ParseSpeaker, "tone:440", "it is one of device[:NAME], file:PATH, none"},
		{ParseSpeaker, "", "it is one of"},
	} {
		if _, err := tt.parse(tt.in); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %q in it", tt.in, err, tt.want)
		}
	}
}

func TestFileEndpoints(t *testing.T) {
	e := Endpoint{Kind: KindFile, Arg: filepath.Join(t.TempDir(), "out.wav")}
	sink, err := e.Sink(false)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]int16, pcm.FrameSamples)
	pcm.Tone(pcm.Rate, 440, -10).Read(want)
	if sink.Rate() != 0 {
		t.Errorf("a recording of nothing has %d Hz", sink.Rate())
	}
	if err := sink.Write(pcm.Rate, want); err != nil || sink.Rate() != pcm.Rate {
		t.Fatal(err, sink.Rate())
	}
	if err := sink.Close(true); err != nil {
		t.Fatal(err)
	}
	open, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int16, pcm.FrameSamples)
	if open(pcm.Rate).Read(got); !slices.Equal(got, want) {
		t.Errorf("what was recorded comes back as %v", got)
	}
	if _, err := (Endpoint{Kind: KindFile, Arg: t.TempDir()}).Open(); err == nil {
		t.Error("a directory was read as a WAV file")
	}
}

// TestRecordingAgain: a recording replaces an earlier one, once there is
// something to write, and nobody else's file.
func TestRecordingAgain(t *testing.T) {
	e := Endpoint{Kind: KindFile, Arg: filepath.Join(t.TempDir(), "out.wav")}
	stands := func(what string, want int64) {
		t.Helper()
		if info, err := os.Stat(e.Arg); err != nil || info.Size() != want {
			t.Errorf("%s: %v, %v; want %d bytes", what, info, err, want)
		}
	}
	record := func(frames int, started bool) {
		t.Helper()
		sink, err := e.Sink(false)
		if err != nil {
			t.Fatal(err)
		}
		for range frames {
			if err := sink.Write(pcm.Rate, make([]int16, pcm.FrameSamples)); err != nil {
				t.Fatal(err)
			}
		}
		if err := sink.Close(started); err != nil {
			t.Fatal(err)
		}
	}
	record(0, false)
	if _, err := os.Stat(e.Arg); err == nil {
		t.Error("a run that did not start has left a file")
	}
	const header = 74
	record(2, true)
	stands("a recording", header+2*2*pcm.FrameSamples)
	record(0, false)
	stands("behind a run that did not start", header+2*2*pcm.FrameSamples)
	record(0, true)
	stands("behind a run without a call", header)
	if err := os.WriteFile(e.Arg, []byte("RIFF of theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Sink(false); err == nil {
		t.Error("a file of somebody else's was taken")
	}
	stands("theirs", int64(len("RIFF of theirs")))
	if _, err := e.Sink(true); err != nil {
		t.Error(err)
	}
}
