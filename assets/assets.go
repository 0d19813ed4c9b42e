// Package assets is what the program carries in itself: the device profiles,
// the speech sample and the pictures of the README.
package assets

import "embed"

// Files holds profiles/*.yaml and sounds/*.wav.
//
//go:embed profiles sounds
var Files embed.FS
