package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// seesProcesses says that the kernel tells about other processes, in a way
// that is known here.
const seesProcesses = true

// cpuTime is the processor time that a process has taken in user and system
// mode, all its threads together. /proc/PID/stat has it too, but in ticks of
// 10 ms; the process's own clock counts nanoseconds. Its number is that of
// clock_getcpuclockid(3): the PID's complement, and CPUCLOCK_SCHED.
func cpuTime(pid int) (time.Duration, error) {
	const sched = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &ts); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// residentMemory is how many bytes of memory a process holds: VmRSS of proc(5).
func residentMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kB, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 64)
			return kB * 1024, err
		}
	}
	return 0, errors.New("no VmRSS in /proc/PID/status")
}
