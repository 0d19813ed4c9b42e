//go:build unix

package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sleeptalk/sleeptalk/phone/secure"
)

// TestWriteCAToStreams writes a certificate to a named pipe, which is not read
// first: that would wait for itself.
func TestWriteCAToStreams(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := secure.SelfMade(time.Now(), "lab.test")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan []byte)
	go func() {
		f, err := os.Open(fifo)
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		defer f.Close()
		text, _ := io.ReadAll(f)
		got <- text
	}()
	if err := WriteCA(CAFile("--write-ca", fifo, false), c); err != nil {
		t.Fatal(err)
	}
	if text := <-got; !bytes.Equal(text, secure.PEM(c)) {
		t.Errorf("the pipe has %d bytes", len(text))
	}
}

// TestWriteCAAgain leaves a file with the same certificate as it is.
func TestWriteCAAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	c, err := secure.SelfMade(time.Now(), "lab.test")
	if err != nil {
		t.Fatal(err)
	}
	var before os.FileInfo
	for range 2 {
		if err := WriteCA(CAFile("--write-ca", file, false), c); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !os.SameFile(before, after) {
			t.Error("it was written again")
		}
		before = after
	}
}
