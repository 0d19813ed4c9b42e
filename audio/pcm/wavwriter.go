package pcm

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// headerSize is the size of our WAV header: the format, and who wrote it.
const headerSize = 44 + 8 + int64(len(software))

// software is the content of the LIST chunk: the program, by which a recording
// of ours is known (phone/keep).
const software = "INFOISFT\x0a\x00\x00\x00sleeptalk\x00"

// maxData is the limit of the sound in bytes: the header counts them in 32
// bits.
const maxData = 1<<32 - headerSize

// errFull means that a recording has reached its limit.
var errFull = errors.New("wav: the file is full at 4 GiB")

// A WAVWriter writes a WAV file: mono, 16 bit, at the rate of the first frame. Frames
// of another rate are converted to that.
//
// The header is updated once a second, so that any player can open a recording
// that was cut off by a crash or a full disk. Write is not buffered.
type WAVWriter struct {
	w       io.WriteSeeker
	rate    int    // 0: nothing is written yet
	fitter  Fitter // of the frames that have another rate
	data    int64  // bytes of sound written
	claimed int64  // bytes of sound in the header
	buf     []byte
}

// NewWAVWriter starts a WAV file at the start of w.
func NewWAVWriter(w io.WriteSeeker) (*WAVWriter, error) {
	f := &WAVWriter{w: w}
	if err := f.writeHeader(); err != nil {
		return nil, err
	}
	return f, nil
}

// Rate implements [Sink].
func (f *WAVWriter) Rate() int { return f.rate }

// Write adds a frame.
func (f *WAVWriter) Write(rate int, frame []int16) error {
	if f.rate == 0 {
		f.rate = rate
		if err := f.writeHeader(); err != nil {
			return err
		}
	}
	frame = f.fitter.Fit(frame, rate, f.rate)
	if f.data+int64(2*len(frame)) > maxData {
		return errFull
	}
	f.buf = f.buf[:0]
	for _, s := range frame {
		f.buf = binary.LittleEndian.AppendUint16(f.buf, uint16(s))
	}
	n, err := f.w.Write(f.buf)
	f.data += int64(n)
	if err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if f.data-f.claimed >= 2*int64(f.rate) {
		return f.writeHeader()
	}
	return nil
}

// Close completes the header. It does not close the underlying file.
func (f *WAVWriter) Close() error {
	if f.claimed == f.data {
		return nil
	}
	return f.writeHeader()
}

// writeHeader writes the header and returns to the end.
func (f *WAVWriter) writeHeader() error {
	if _, err := f.w.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if _, err := f.w.Write(wavHeader(cmp.Or(f.rate, Rate), f.data)); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if _, err := f.w.Seek(headerSize+f.data, io.SeekStart); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	f.claimed = f.data
	return nil
}

// wavHeader is the header of a file with that many bytes of sound.
func wavHeader(rate int, data int64) []byte {
	const channels, width = 1, 2
	le := binary.LittleEndian
	b := make([]byte, 0, headerSize)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(headerSize-8+data))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, formatPCM)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*width))
	b = le.AppendUint16(b, channels*width)
	b = le.AppendUint16(b, 8*width)
	b = append(b, "LIST"...)
	b = le.AppendUint32(b, uint32(len(software)))
	b = append(b, software...)
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(data))
}

// WriteWAV writes a whole WAV file: mono, 16 bit.
func WriteWAV(w io.Writer, sound Audio) error {
	if _, err := w.Write(wavHeader(sound.Rate, int64(2*len(sound.Samples)))); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if err := binary.Write(w, binary.LittleEndian, sound.Samples); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}
