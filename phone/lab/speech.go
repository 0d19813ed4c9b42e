package lab

import (
	"fmt"
	"sync"

	"github.com/sleeptalk/sleeptalk/assets"
	"github.com/sleeptalk/sleeptalk/audio/pcm"
)

// sample is the name of the speech that robots speak and recognise.
const sample = "en-hello"

// speech is a sample, and what an ear recognises it by. Nobody changes either.
type speech struct {
	audio     pcm.Audio
	reference *pcm.Reference
}

// hello reads the speech of the program, once: it is the same for all labs.
var hello = sync.OnceValues(func() (speech, error) {
	audio, err := readSpeech()
	if err != nil {
		return speech{}, fmt.Errorf("the built-in sample %s: %w", sample, err)
	}
	reference, err := pcm.NewReference(sample, audio)
	return speech{audio, reference}, err
})

func readSpeech() (pcm.Audio, error) {
	f, err := assets.Files.Open("sounds/" + sample + ".wav")
	if err != nil {
		return pcm.Audio{}, err
	}
	defer f.Close()
	return pcm.ReadWAV(f)
}

// Hello is what an ear recognises the speech of robots by.
func Hello() (*pcm.Reference, error) {
	s, err := hello()
	return s.reference, err
}
