package main

import (
	"io"

	"github.com/sleeptalk/sleeptalk/phone/clean"
)

// printJSON writes a value for people and programs.
func printJSON(w io.Writer, v any) error { return clean.WriteJSON(w, v, "  ") }
