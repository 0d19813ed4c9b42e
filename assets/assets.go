// Package assets embeds the program's data: the device profiles, the raw
// protocols, the rules that explain what happened, the table of what is spoken of
// SIP, the speech sample and the scenarios. Its folder also has the pictures of the README.
//
// To add a scenario, add scenarios/NAME.talk: it is then listed, played by
// "sleeptalk run builtin:" and tested with the others. Its first comment says
// in a sentence what it shows. If it is the only one to notice a misbehaviour of
// the lab, add a line to the table of mutations in phone/stage.
package assets

import "embed"

// Files holds sip.yaml, profiles/*.yaml, raw/*.yaml, rules/*.yaml, sounds/*.wav and
// scenarios/*.talk.
//
//go:embed profiles raw rules scenarios sip.yaml sounds
var Files embed.FS
