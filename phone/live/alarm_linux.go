package live

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An alarm tells the loop that a time has come. It is a kernel timer, and a
// goroutine waits for it as for a socket. A timer of Go's runtime also wakes
// the scheduler's monitor thread each time it fires; at 50 frames of sound a
// second that took a quarter of a call's processor time.
type alarm struct {
	rang chan struct{} // holds one token
	file *os.File
	fd   uintptr
}

// newAlarm returns an alarm that is not set. Its goroutine ends when it is
// closed.
func (c *crew) newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	a := &alarm{rang: make(chan struct{}, 1), file: os.NewFile(uintptr(fd), "timer"), fd: uintptr(fd)}
	raw, err := a.file.SyscallConn()
	if err != nil {
		a.file.Close()
		return nil, err
	}
	c.safego("alarm", func() { a.listen(raw) })
	return a, nil
}

// listen tells the loop each time the timer expires, until the timer is closed.
// It stays in one call of Read: returning false from the callback waits for the
// next expiry.
func (a *alarm) listen(raw syscall.RawConn) {
	var count [8]byte // how often it has expired
	_ = raw.Read(func(fd uintptr) bool {
		n, _, _ := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&count)), uintptr(len(count)))
		if n == uintptr(len(count)) {
			select {
			case a.rang <- struct{}{}:
			default:
			}
		}
		return false
	})
}

// set makes the alarm ring after d, once, and at no other time.
func (a *alarm) set(d time.Duration) {
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(max(1, d.Nanoseconds()))} // 0 would stop it
	_, _, errno := unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, a.fd, 0, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
	if errno != 0 {
		panic("live: timerfd_settime: " + errno.Error()) // it takes every time that is not negative
	}
}

func (a *alarm) close() { a.file.Close() }
