// Package assets is what the program carries in itself: the device profiles,
// the raw protocols, the rules that explain what happened, the speech sample, the scenarios and
// the pictures of the README.
//
// A scenario is added as scenarios/NAME.talk: it is then listed, played by
// "sleeptalk run builtin:" and tested with the others. Its first comment says
// in a sentence what it shows. Where it is to notice a misbehaviour of the lab
// that no other does, it gets a line in the table of mutations, in
// phone/stage.
package assets

import "embed"

// Files holds profiles/*.yaml, raw/*.yaml, rules/*.yaml, sounds/*.wav and
// scenarios/*.talk.
//
//go:embed profiles raw rules scenarios sounds
var Files embed.FS
