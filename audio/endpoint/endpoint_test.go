package endpoint

import (
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
		{ParseMic, "tone:5000", "20 to 3900 Hz"},
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
	sink, err := e.Sink()
	if err != nil {
		t.Fatal(err)
	}
	want := make([]int16, pcm.FrameSamples)
	pcm.Tone(440, -10).Read(want)
	if err := sink.Write(want); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	open, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int16, pcm.FrameSamples)
	if open().Read(got); !slices.Equal(got, want) {
		t.Errorf("what was recorded comes back as %v", got)
	}
	if _, err := (Endpoint{Kind: KindFile, Arg: t.TempDir()}).Open(); err == nil {
		t.Error("a directory was read as a WAV file")
	}
}
