package cli

import (
	"bytes"
	"crypto/tls"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/sleeptalk/sleeptalk/phone/keep"
	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// ForceFlag declares the flag that allows a command to replace files that are
// not its own.
func ForceFlag(cmd *cobra.Command, force *bool) {
	cmd.Flags().BoolVar(force, "force", false, "overwrite a file that sleeptalk did not write, where a flag names one")
}

// Writable reports the first of the files that may not be written, before a run
// starts. One that has no name is not to be written.
func Writable(files ...keep.File) error {
	for _, f := range files {
		if f.Name == "" {
			continue
		}
		if err := First(f.Check(), f.CheckFolder()); err != nil {
			return NotWritten(err, "")
		}
	}
	return nil
}

// NotWritten is the error of a file that cannot be written, or may not. The hint
// is for the former.
func NotWritten(err error, hint string) error {
	if _, taken := errors.AsType[*keep.TakenError](err); taken {
		return classify(err)
	}
	return Cannot(err, hint)
}

// WriteCAHelp is the help of the flag that names the file of a lab's certificate.
const WriteCAHelp = "write the certificate that is shown over TLS to this file, for --ca of a phone"

// CAFile is the file that a flag names for a certificate.
func CAFile(flag, name string, force bool) keep.File {
	return keep.File{Kind: keep.Certificate, Name: name, By: flag, Force: force}
}

// WriteCA writes a certificate to a file, if one is named. One that is there
// already is not written again.
func WriteCA(f keep.File, c *tls.Certificate) error {
	if f.Name == "" {
		return nil
	}
	text := secure.PEM(c)
	if holds(f.Name, text) {
		return nil
	}
	if err := f.WriteBytes(text); err != nil {
		return NotWritten(err, "")
	}
	return nil
}

// holds reports whether a file has just this text. It reads no stream, which may
// have no end.
func holds(name string, text []byte) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(text)) {
		return false
	}
	before, err := os.ReadFile(name)
	return err == nil && bytes.Equal(before, text)
}
