package keep

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxSeats bounds the processes that sit beside each other (our own number).
const maxSeats = 1000

var errTaken = errors.New("another process has it")

// A Seat is one of a row that processes of this user share: its number, from 0, is no
// other process's. A process that has ended, however it did, has left its seat.
type Seat struct {
	N    int
	file *os.File
}

// Sit takes the first free seat of a row, which is named by files in a folder. They are
// left there: to remove a file that another is about to lock would give two the same
// seat.
func Sit(dir, row string) (*Seat, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for n := range maxSeats {
		file, err := lock(filepath.Join(dir, fmt.Sprintf("%s-%d", row, n)))
		if err == nil {
			return &Seat{n, file}, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s: all %d seats are taken", filepath.Join(dir, row), maxSeats)
}

// Close leaves the seat.
func (s *Seat) Close() error { return s.file.Close() }
