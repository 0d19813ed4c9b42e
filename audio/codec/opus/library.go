//go:build cgo

package opus

/*
#cgo linux LDFLAGS: -ldl
#include <stdint.h>
#include <stddef.h>

#ifdef _WIN32
#define _WIN32_WINNT 0x0602
#include <windows.h>
static void *st_open(const char *name) {
	return (void *)LoadLibraryExA(name, NULL, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
}
static void *st_symbol(void *lib, const char *name) { return (void *)GetProcAddress((HMODULE)lib, name); }
#else
#include <dlfcn.h>
static void *st_open(const char *name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL); }
static void *st_symbol(void *lib, const char *name) { return dlsym(lib, name); }
#endif

// The functions of libopus, as opus.h has had them since 1.0.
static struct {
	const char *(*version)(void);
	int (*encoder_size)(int channels);
	int (*encoder_init)(void *state, int32_t rate, int channels, int application);
	int (*encoder_ctl)(void *state, int request, ...);
	int32_t (*encode)(void *state, const int16_t *pcm, int samples, unsigned char *data, int32_t most);
	int (*decoder_size)(int channels);
	int (*decoder_init)(void *state, int32_t rate, int channels);
	int (*decode)(void *state, const unsigned char *data, int32_t octets, int16_t *pcm, int samples, int fec);
} st;

// st_load takes the functions out of a library of that name: 1 if it has them all.
static int st_load(const char *name) {
	void *lib = st_open(name);
	if (lib == NULL) return 0;
	st.version = st_symbol(lib, "opus_get_version_string");
	st.encoder_size = st_symbol(lib, "opus_encoder_get_size");
	st.encoder_init = st_symbol(lib, "opus_encoder_init");
	st.encoder_ctl = st_symbol(lib, "opus_encoder_ctl");
	st.encode = st_symbol(lib, "opus_encode");
	st.decoder_size = st_symbol(lib, "opus_decoder_get_size");
	st.decoder_init = st_symbol(lib, "opus_decoder_init");
	st.decode = st_symbol(lib, "opus_decode");
	return st.version && st.encoder_size && st.encoder_init && st.encoder_ctl && st.encode &&
		st.decoder_size && st.decoder_init && st.decode;
}

static const char *st_version(void) { return st.version(); }
static int st_encoder_size(void) { return st.encoder_size(1); }
static int st_encoder_init(void *s, int32_t rate, int application) { return st.encoder_init(s, rate, 1, application); }
static int st_set(void *s, int request, int32_t value) { return st.encoder_ctl(s, request, value); }
static int32_t st_encode(void *s, const int16_t *pcm, int n, unsigned char *data, int32_t most) {
	return st.encode(s, pcm, n, data, most);
}
static int st_decoder_size(void) { return st.decoder_size(1); }
static int st_decoder_init(void *s, int32_t rate) { return st.decoder_init(s, rate, 1); }
static int st_decode(void *s, const unsigned char *data, int32_t octets, int16_t *pcm, int n, int fec) {
	return st.decode(s, data, octets, pcm, n, fec);
}
*/
import "C"

import (
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// load loads the library, once.
var load = sync.OnceValue(func() error {
	for _, name := range names(runtime.GOOS) {
		file := append([]byte(name), 0)
		if C.st_load((*C.char)(unsafe.Pointer(&file[0]))) != 0 {
			return nil
		}
	}
	return &MissingError{"libopus is not here (" + strings.Join(names(runtime.GOOS), ", ") + ")", wayTo(runtime.GOOS)}
})

// names are how the library is called, and where Homebrew puts it, which is no place that
// macOS looks at.
func names(system string) []string {
	switch system {
	case "darwin", "ios":
		return []string{"libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib"}
	case "windows":
		return []string{"opus.dll", "libopus-0.dll"}
	}
	return []string{"libopus.so.0"}
}

// wayTo is how to get the library.
func wayTo(system string) string {
	switch system {
	case "darwin", "ios":
		return "brew install opus"
	case "windows":
		return "opus.dll beside sleeptalk.exe (MSYS2 has it as mingw-w64-x86_64-opus)"
	}
	return "apt install libopus0, or opus as other distributions call it"
}

// Missing says why there is no Opus; nil: there is.
func Missing() error { return load() }

// Version is the library's name and version; "" if there is none.
func Version() string {
	if load() != nil {
		return ""
	}
	return C.GoString(C.st_version())
}

// Constants of libopus (opus_defines.h).
const (
	applicationAudio = 2049
	setBitrate       = 4002
	setMaxBandwidth  = 4004
	setVBR           = 4006
	setComplexity    = 4010
	setInbandFEC     = 4012
	setPacketLoss    = 4014
	setDTX           = 4016
)

// state is memory for libopus, in words, so that it is aligned.
func state(octets C.int) []uint64 { return make([]uint64, (octets+7)/8) }

// leastLoss is what an encoder is told of any loss, in percent: of less than 9, libopus keeps
// to the layer of music, which cannot recover anything (opus_encoder.c).
const leastLoss = 10

// An Encoder is the state of a stream that is sent.
type Encoder struct {
	settings Settings
	state    []uint64
	quiet    bool // the last payload said that there is silence
}

// NewEncoder begins a stream. Without a library it gives nothing.
func NewEncoder(s Settings) *Encoder {
	if load() != nil {
		return nil
	}
	e := &Encoder{settings: s, state: state(C.st_encoder_size())}
	if code := C.st_encoder_init(e.at(), C.int32_t(s.Rate), applicationAudio); code != 0 {
		panic(wrong("a new encoder", int(code)))
	}
	e.set(setBitrate, s.Bitrate)
	e.set(setMaxBandwidth, bandwidth(s.Playback))
	e.set(setVBR, flag(!s.Constant))
	e.set(setInbandFEC, flag(s.FEC))
	e.set(setDTX, flag(s.DTX))
	e.set(setComplexity, s.complexity())
	return e
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}

func (e *Encoder) at() unsafe.Pointer { return unsafe.Pointer(&e.state[0]) }

func (e *Encoder) set(request, value int) {
	if code := C.st_set(e.at(), C.int(request), C.int32_t(value)); code != 0 {
		panic(wrong("a setting", int(code)))
	}
}

// Expect says how many packets of a hundred are lost, which decides how much is spent on
// what may recover them.
func (e *Encoder) Expect(percent int) {
	if e == nil || !e.settings.FEC {
		return
	}
	if percent > 0 {
		percent = max(percent, leastLoss)
	}
	e.set(setPacketLoss, min(max(percent, 0), 100))
}

// Encode appends the payload of samples: 2.5 to 60 ms of them, of a length that Opus has;
// of others it gives nothing. Nor does it of silence that the payload before has said.
func (e *Encoder) Encode(dst []byte, samples []int16) []byte {
	if e == nil || len(samples) == 0 {
		return dst
	}
	start, most := len(dst), e.settings.most(len(samples))
	dst = append(dst, make([]byte, most)...)
	n := C.st_encode(e.at(), (*C.int16_t)(&samples[0]), C.int(len(samples)), (*C.uchar)(&dst[start]), C.int32_t(most))
	before := e.quiet
	// Two octets or fewer "need not be transmitted" (opus_encode in opus.h); the first of
	// them tells the decoder that a pause begins.
	if e.quiet = n <= 2; n < 0 || e.quiet && before && e.settings.DTX {
		return dst[:start]
	}
	return dst[:start+int(n)]
}

// A Decoder is the state of a stream that is received.
type Decoder struct {
	rate   int
	state  []uint64
	before []uint64 // the state when what is made up began
	made   bool     // since the last payload something was made up
}

// NewDecoder begins a stream whose samples have a rate. Without a library it gives silence.
func NewDecoder(rate int) *Decoder {
	d := &Decoder{rate: rate}
	if load() != nil {
		return d
	}
	d.state = state(C.st_decoder_size())
	if code := C.st_decoder_init(unsafe.Pointer(&d.state[0]), C.int32_t(rate)); code != 0 {
		panic(wrong("a new decoder", int(code)))
	}
	return d
}

// Decode appends the samples of a payload; of one that cannot be read, nothing.
func (d *Decoder) Decode(dst []int16, payload []byte) []int16 {
	p, ok := Parse(payload)
	if !ok {
		return dst
	}
	dst, _ = d.decode(dst, payload, p.Samples*d.rate/Clock, false)
	d.made = false
	return dst
}

// Conceal appends samples in place of a payload that is missing, of which Opus has multiples
// of 2.5 ms; after a payload that was quiet, the noise of the pause.
func (d *Decoder) Conceal(dst []int16, samples int) []int16 {
	if !d.made {
		d.before, d.made = append(d.before[:0], d.state...), true
	}
	dst, _ = d.decode(dst, nil, samples, false)
	return dst
}

// Recover appends the samples before a payload that it has once more: a frame of its own
// length.
func (d *Decoder) Recover(dst []int16, payload []byte, samples int) []int16 {
	dst, _ = d.decode(dst, payload, samples, true)
	d.made = false
	return dst
}

// Rewind takes back what was made up since the last payload. A payload that comes too late to
// be heard whole is decoded as if nothing had been missing: each is a difference from the one
// before, so what was made up would be heard in those that follow, too.
func (d *Decoder) Rewind() {
	if d.made {
		copy(d.state, d.before)
		d.made = false
	}
}

// decode appends as many samples; ok: libopus has made them. Those that it refuses to make
// are silence.
func (d *Decoder) decode(dst []int16, payload []byte, samples int, fec bool) (out []int16, ok bool) {
	start := len(dst)
	dst = append(dst, make([]int16, samples)...)
	if d.state == nil || samples == 0 {
		return dst, false
	}
	var data *C.uchar
	if len(payload) > 0 {
		data = (*C.uchar)(&payload[0])
	}
	n := C.st_decode(unsafe.Pointer(&d.state[0]), data, C.int32_t(len(payload)), (*C.int16_t)(&dst[start]), C.int(samples), C.int(flag(fec)))
	return dst, int(n) == samples
}
