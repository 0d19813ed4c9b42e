package account

import (
	"crypto/sha256"
	"fmt"
	"os"
)

// Instance is the name of this handset at the registrar, the same at every
// start (RFC 5626 §4.1), so that a new registration replaces the old one: a
// UUID of the address and this machine (RFC 9562 §5.8).
func Instance(aor string) string {
	host, _ := os.Hostname() // a machine without a name is a machine, too
	u := sha256.Sum256([]byte(host + " " + aor))
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
