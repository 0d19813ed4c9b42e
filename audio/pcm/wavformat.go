package pcm

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/sleeptalk/sleeptalk/audio/codec"
)

// A wavFormat is the sample format of a WAV file.
type wavFormat struct {
	tag      uint16
	channels int
	rate     int64 // Hz
	bits     int   // of one sample
}

// check returns an error for a format that cannot be read.
func (f wavFormat) check() error {
	switch {
	case f.channels < 1 || f.channels > 2:
		return fmt.Errorf("wav: %d channels; only 1 or 2 are supported; %s", f.channels, convert)
	case f.rate < minRate || f.rate > maxRate:
		return fmt.Errorf("wav: a rate of %d Hz; supported are %d to %d; %s", f.rate, minRate, maxRate, convert)
	case f.decoder() == nil:
		return fmt.Errorf("wav: format 0x%04x with %d bits is not supported; %s", f.tag, f.bits, convert)
	}
	return nil
}

// decoder returns a function that reads one sample, in the range of int16, or
// nil.
func (f wavFormat) decoder() func([]byte) float32 {
	type key struct {
		tag  uint16
		bits int
	}
	switch (key{f.tag, f.bits}) {
	case key{formatPCM, 8}:
		return func(b []byte) float32 { return (float32(b[0]) - 128) * 256 }
	case key{formatPCM, 16}:
		return func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) }
	case key{formatPCM, 24}:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 16)
		}
	case key{formatPCM, 32}:
		return func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 16) }
	case key{formatFloat, 32}:
		return func(b []byte) float32 { return fullScale(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) }
	case key{formatFloat, 64}:
		return func(b []byte) float32 { return fullScale(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case key{formatALaw, 8}:
		return companded(codec.PCMA)
	case key{formatMuLaw, 8}:
		return companded(codec.PCMU)
	}
	return nil
}

// fullScale scales a float sample, with full scale 1, to the range of int16.
// NaN becomes silence.
func fullScale(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(min(max(v, -1), 1) * 32767)
}

func companded(c codec.Codec) func([]byte) float32 {
	var table [256]float32
	for i := range table {
		table[i] = float32(c.NewDecoder().Decode(nil, []byte{byte(i)})[0])
	}
	return func(b []byte) float32 { return table[b[0]] }
}

// read reads the data chunk. A program that writes to a pipe or is interrupted
// leaves a size of zero or of all ones; the sound then extends to the end of
// the file.
func (f wavFormat) read(r *bufio.Reader, size int64) (Audio, error) {
	if f.tag == 0 {
		return Audio{}, errors.New("wav: chunk \"data\" comes before chunk \"fmt \"")
	}
	if size == 0 || size == math.MaxUint32 {
		size = math.MaxInt64
	}
	sound := io.LimitReader(r, size)
	rate := min(int(f.rate), FullRate)
	resample := newResampler(int(f.rate), rate)
	sample := f.decoder()
	block := make([]byte, 1024*f.channels*f.bits/8)
	in := make([]float32, 0, 1024)
	var out []int16
	for {
		n, err := io.ReadFull(sound, block)
		in = f.decode(in[:0], block[:n], sample)
		out = resample.write(out, in)
		if len(out) > maxSeconds*rate {
			return Audio{}, fmt.Errorf("wav: longer than %d minutes; cut it:  sox in.wav out.wav trim 0 %d", maxSeconds/60, maxSeconds)
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return Audio{rate, resample.flush(out)}, nil
		case err != nil:
			return Audio{}, fmt.Errorf("wav: chunk \"data\": %w", err)
		}
	}
}

// decode appends the whole sample frames in b to in, in mono.
func (f wavFormat) decode(in []float32, b []byte, sample func([]byte) float32) []float32 {
	width := f.bits / 8
	for frame := width * f.channels; len(b) >= frame; b = b[frame:] {
		v := sample(b)
		if f.channels == 2 {
			v = (v + sample(b[width:])) / 2
		}
		in = append(in, v)
	}
	return in
}
