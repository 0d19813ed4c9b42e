//go:build cgo && !linux

package audio

// ALSA and PulseAudio are sound systems of Linux.

func quietPulse() {}

func alsaPresent() bool { return false }

func alsaPlugin(string) bool { return false }
