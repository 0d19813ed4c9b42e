package pcm

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The limits of ReadWAV. A file beyond them is an error: a telephone call does
// not need more, and files are untrusted.
const (
	maxChunk   = 1 << 20 // a chunk that describes the sound, in bytes
	maxSeconds = 600     // of sound
	minRate    = 1000    // Hz
	maxRate    = 384000  // Hz
	maxChunks  = 1000    // before the sound
)

// convert is the remedy in the errors.
const convert = "convert it:  sox in.wav -r 48000 -c 1 -b 16 out.wav"

// The formats of a WAV file (RFC 2361 and Microsoft's mmreg.h).
const (
	formatPCM        = 0x0001
	formatFloat      = 0x0003
	formatALaw       = 0x0006
	formatMuLaw      = 0x0007
	formatExtensible = 0xFFFE
)

// ReadWAV reads a WAV file: 8, 16, 24 or 32 bit PCM, 32 or 64 bit float, A-law or
// mu-law, at any rate, with one or two channels (two are averaged), up to ten minutes. The
// sound has the rate of the file, but not more than any call has: [FullRate]. A truncated
// file gives the sound that it has.
func ReadWAV(r io.Reader) (Audio, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if err := readRIFF(in); err != nil {
		return Audio{}, err
	}
	var format wavFormat
	for range maxChunks {
		id, size, err := readChunk(in)
		if err != nil {
			return Audio{}, fmt.Errorf("wav: no data chunk: %w", err)
		}
		switch id {
		case "fmt ":
			if format, err = readFormat(in, size); err != nil {
				return Audio{}, err
			}
		case "data":
			return format.read(in, size)
		default:
			if err := skip(in, size); err != nil {
				return Audio{}, fmt.Errorf("wav: chunk %q: %w", id, err)
			}
		}
	}
	return Audio{}, fmt.Errorf("wav: no data chunk among the first %d", maxChunks)
}

// readRIFF reads the 12 bytes that every WAV file starts with.
func readRIFF(r io.Reader) error {
	var head [12]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		return fmt.Errorf("wav: only %d bytes: %w", n, unexpected(err))
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return fmt.Errorf("wav: starts with %q %q, not with RIFF WAVE; %s", head[:4], head[8:], convert)
	}
	return nil
}

// readChunk reads the name and the size of a chunk.
func readChunk(r io.Reader) (id string, size int64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", 0, unexpected(err)
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// skip passes over a chunk, which is padded to an even size.
func skip(r *bufio.Reader, size int64) error {
	_, err := io.CopyN(io.Discard, r, size+size&1)
	return unexpected(err)
}

// unexpected replaces io.EOF by an error that says that the file is truncated.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readFormat reads the format chunk.
func readFormat(r *bufio.Reader, size int64) (wavFormat, error) {
	if size < 16 || size > maxChunk {
		return wavFormat{}, fmt.Errorf("wav: chunk \"fmt \" has %d bytes; it must have 16 to 40", size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, b); err != nil {
		return wavFormat{}, fmt.Errorf("wav: chunk \"fmt \": %w", unexpected(err))
	}
	f := wavFormat{
		tag:      binary.LittleEndian.Uint16(b),
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		rate:     int64(binary.LittleEndian.Uint32(b[4:])),
		bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	if f.tag == formatExtensible && size >= 26 {
		// The format proper opens the GUID at byte 24.
		f.tag = binary.LittleEndian.Uint16(b[24:])
	}
	return f, f.check()
}
