//go:build cgo

package audio

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stddef.h>

typedef void (*alsa_handler)(const char *, int, const char *, int, const char *, ...);

static void quiet(const char *file, int line, const char *function, int err, const char *format, ...) {}

// The library stays open, so that miniaudio gets the same one with the handler in it.
static void silence_alsa(void) {
	void *alsa = dlopen("libasound.so.2", RTLD_NOW);
	if (alsa == NULL) {
		return;
	}
	int (*set)(alsa_handler) = (int (*)(alsa_handler))dlsym(alsa, "snd_lib_error_set_handler");
	if (set != NULL) {
		set(quiet);
	}
}

// The functions are those of libpulsecommon, on which libpulse rests. It stays open, too.
static void silence_pulse(void) {
	void *pulse = dlopen("libpulse.so.0", RTLD_NOW);
	if (pulse == NULL) {
		return;
	}
	void *(*parse)(const char *) = (void *(*)(const char *))dlsym(pulse, "pa_log_parse_target");
	int (*set)(void *) = (int (*)(void *))dlsym(pulse, "pa_log_set_target");
	if (parse != NULL && set != NULL) {
		void *nowhere = parse("null");
		if (nowhere != NULL) {
			set(nowhere);
		}
	}
}
*/
import "C"

import (
	"path/filepath"
	"strings"
	"sync"
)

// quietALSA keeps the ALSA library from writing its errors across the screen:
// it prints a dozen lines on standard error for a device that is not there.
// The error itself comes back from miniaudio.
var quietALSA = sync.OnceFunc(func() { C.silence_alsa() })

// quietPulse does so for the library of PulseAudio, which complains of a server
// that does not answer, and of a home that is somebody else's.
var quietPulse = sync.OnceFunc(func() { C.silence_pulse() })

// alsaPresent reports whether the kernel has a sound card. Without one the ALSA
// library still opens, and offers a null device.
func alsaPresent() bool {
	nodes, err := filepath.Glob("/dev/snd/pcm*")
	if err != nil || len(nodes) == 0 {
		return false
	}
	quietALSA()
	return true
}

// alsaPlugin reports whether an ALSA device is only a plug-in of the library:
// the null device, rate converters and the like have names without a card.
func alsaPlugin(id string) bool {
	return id != "default" && !strings.Contains(id, ":")
}
