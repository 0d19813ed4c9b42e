package live

import "syscall"

const errReset = syscall.WSAECONNRESET
