//go:build !unix

package ui

import "os"

// A keyboard is the console, which Bubble Tea reads itself: its keys have no sequences.
type keyboard struct{ *os.File }

// isTerminal is never true here.
func isTerminal(*os.File) bool { return false }
