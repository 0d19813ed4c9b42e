package pcm

import (
	"math"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/event"
)

// The thresholds of an [Ear] for a tone, for silence and for a sample.
const (
	toneLevel   = -50.0 // dBFS: a tone is louder
	tonePure    = 0.75  // the purity of a block that begins a tone,
	toneGoesOn  = 0.5   // and of one that carries it on, lost frames and all
	toneBlocks  = 3     // 300 ms of it are a tone
	toneGap     = 3     // and 300 ms without it are the end
	toneDrift   = 0.02  // of the frequency, from block to block,
	toneDriftHz = 8.0   // or this, which is one line of the transform
	silenceFor  = 10    // blocks: a second; speech pauses for less
	sampleScore = 0.6   // a reference has been heard; see [Similarity]
	samplePast  = 5     // rows after the best score that settle it
)

// SilenceLevel is the level in dBFS below which there is silence; PCMA's own is -72.
const SilenceLevel = -60.0

// blockLength is how long one block of a [ToneDetector] is.
const blockLength = time.Second / blocksPerSecond

// An Ear listens to a stream and reports what it recognises: a tone, once it
// has lasted 300 ms and again when it is over; silence, once it has lasted a
// second and again when it is over; and every sample that it listens for, at
// its end.
//
//	frames ─┬─▶ ToneDetector ─▶ runs of tone, runs of silence ─┐
//	        └─▶ features ─▶ a matcher for each reference ──────┴─▶ event.Heard
//
// Its memory does not grow with the length of the stream.
type Ear struct {
	tones   *ToneDetector
	tone    run
	next    run // a tone that has not lasted long enough
	silence int // blocks

	features *features
	past     past
	known    []known
}

// A run is a tone over some blocks.
type run struct {
	hz      float64 // mean of the blocks that carry it
	carried int     // blocks that carry it
	blocks  int     // blocks from its first to its last
	missed  int     // blocks since the last
}

// known is a reference that an ear listens for.
type known struct {
	matcher
	best  float64 // since the score rose above sampleScore
	since int     // rows since then
	deaf  int     // rows in which the same reference cannot end again
}

// NewEar returns an ear that listens for tones, silence and the references, to a
// stream of a rate.
func NewEar(rate int, references ...*Reference) *Ear {
	e := &Ear{tones: NewToneDetector(rate), features: newFeatures(rate)}
	for _, r := range references {
		e.known = append(e.known, known{matcher: newMatcher(r, rate)})
	}
	return e
}

// Write takes a frame and returns what has been recognised with it.
func (e *Ear) Write(frame []int16) []event.Heard {
	var heard []event.Heard
	for _, b := range e.tones.Write(frame) {
		heard = append(heard, e.hearSilence(b)...)
		heard = append(heard, e.hearTone(b)...)
	}
	if len(e.known) == 0 {
		return heard
	}
	e.features.write(frame, func(r row) {
		e.past.add(r)
		for i := range e.known {
			k := &e.known[i]
			heard = append(heard, k.hear(k.score(&e.past))...)
		}
	})
	return heard
}

// End returns what was still going on at the end of the stream.
func (e *Ear) End() []event.Heard {
	var heard []event.Heard
	for i := range e.known {
		heard = append(heard, e.known[i].settle()...)
	}
	heard = append(heard, e.endSilence()...)
	return append(heard, e.endTone()...)
}

// hearTone carries the tone on, ends it, or begins one.
func (e *Ear) hearTone(b Block) []event.Heard {
	e.next.listen(b)
	if e.tone.blocks > 0 {
		if e.tone.carry(b) {
			e.next = run{}
			return nil
		}
		if e.tone.missed < toneGap {
			return nil
		}
	}
	heard := e.endTone()
	if e.next.blocks >= toneBlocks {
		e.tone, e.next = e.next, run{}
		heard = append(heard, e.tone.heard())
	}
	return heard
}

func (e *Ear) endTone() []event.Heard {
	if e.tone.blocks == 0 {
		return nil
	}
	over := e.tone.heard()
	e.tone = run{}
	return []event.Heard{over}
}

// listen carries on a tone that has just begun, or begins one.
func (r *run) listen(b Block) {
	pure := b.Level > toneLevel && b.Purity >= tonePure
	switch {
	case pure && r.blocks > 0 && r.carry(b):
	case pure:
		*r = run{hz: b.Hz, carried: 1, blocks: 1}
	default:
		*r = run{}
	}
}

// carry adds a block to the run if it is of the same tone.
func (r *run) carry(b Block) bool {
	if b.Level <= toneLevel || b.Purity < toneGoesOn ||
		math.Abs(b.Hz-r.hz) > max(toneDriftHz, toneDrift*r.hz) {
		r.missed++
		return false
	}
	r.carried++
	r.hz += (b.Hz - r.hz) / float64(r.carried)
	r.blocks += r.missed + 1
	r.missed = 0
	return true
}

func (r *run) heard() event.Heard {
	length := time.Duration(r.blocks) * blockLength
	return event.Heard{What: "tone", Hz: math.Round(r.hz*10) / 10, For: event.Seconds(length)}
}

// hearSilence counts blocks of silence.
func (e *Ear) hearSilence(b Block) []event.Heard {
	if b.Level >= SilenceLevel {
		return e.endSilence()
	}
	e.silence++
	if e.silence == silenceFor {
		return []event.Heard{silenceHeard(e.silence)}
	}
	return nil
}

// endSilence reports the length of a silence that was reported before.
func (e *Ear) endSilence() []event.Heard {
	blocks := e.silence
	e.silence = 0
	if blocks < silenceFor {
		return nil
	}
	return []event.Heard{silenceHeard(blocks)}
}

func silenceHeard(blocks int) event.Heard {
	return event.Heard{What: "silence", For: event.Seconds(time.Duration(blocks) * blockLength)}
}

// hear takes the score of one row, and reports the sample once the best score
// has passed.
func (k *known) hear(score float64) []event.Heard {
	if k.deaf > 0 {
		k.deaf--
		return nil
	}
	switch {
	case score >= sampleScore && score > k.best:
		k.best, k.since = score, 0
	case k.best > 0:
		if k.since++; k.since >= samplePast {
			return k.settle()
		}
	}
	return nil
}

// settle reports the best score, if there was one.
func (k *known) settle() []event.Heard {
	if k.best == 0 {
		return nil
	}
	score := math.Round(k.best*1000) / 1000
	k.best, k.deaf = 0, k.rows/2
	return []event.Heard{{What: "sample", Name: k.of.name, Score: score, For: event.Seconds(k.of.length)}}
}
