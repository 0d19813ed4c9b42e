// Package assets embeds the program's data: the device profiles, the raw
// protocols, the rules that explain what happened, the manual, the speech sample and
// the scenarios. Its folder also has the pictures of the README.
//
// To add a page to the manual, add help/NAME.md and a line to help/README.md.
//
// To add a scenario, add scenarios/NAME.talk: it is then listed, played by
// "sleeptalk run builtin:" and tested with the others. Its first comment says
// in a sentence what it shows. If it is the only one to notice a misbehaviour of
// the lab, add a line to the table of mutations in phone/stage.
package assets

import "embed"

// Files holds help/*.md, profiles/*.yaml, raw/*.yaml, rules/*.yaml, sounds/*.wav and
// scenarios/*.talk.
//
//go:embed help profiles raw rules scenarios sounds
var Files embed.FS
