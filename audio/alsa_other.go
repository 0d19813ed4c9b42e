//go:build cgo && !linux

package audio

// ALSA is a sound system of Linux.

func alsaPresent() bool { return false }

func alsaPlugin(string) bool { return false }
