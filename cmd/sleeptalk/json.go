package main

import (
	"encoding/json"
	"io"
)

// printJSON writes a value for people and programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
