//go:build !unix

package config

// sole reports whether files are the work of the user. Here the access lists of
// the home keep others out; they are not looked at.
func sole([]string, bool) (ok bool, why string) { return true, "" }

func shut(string) string { return "" }

func replaceable(string) error { return nil }
