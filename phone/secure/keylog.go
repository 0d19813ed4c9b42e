package secure

import (
	"io"

	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A KeyLog is a file that takes the secrets of connections, in the format that
// Wireshark reads (draft-ietf-tls-keylogfile). It belongs to one program. Those of one
// run that add to the same file open it each, to append whole lines.
type KeyLog struct {
	Name string // of the file, for the log
	W    io.Writer

	failed error // the first write that failed
	told   bool
}

// Write takes a line. It does not fail: a full disk must not cost a connection.
func (k *KeyLog) Write(line []byte) (int, error) {
	if _, err := k.W.Write(line); err != nil && k.failed == nil {
		k.failed = err
	}
	return len(line), nil
}

// Taker takes the lines of those who write nothing else, and returns what there is to say of
// it; nil: there is no file.
func (k *KeyLog) Taker() func(line []byte) []system.Effect {
	if k == nil {
		return nil
	}
	return func(line []byte) []system.Effect {
		_, _ = k.Write(line)
		return k.unwritten(nil)
	}
}

// Warning says that secrets are written, for the beginning of a log.
func (k *KeyLog) Warning() event.Warning {
	return event.Warning{
		Rule: event.RuleKeysWritten, Note: "the secrets of TLS and DTLS are written to " + k.Name + ": whoever has it can read what was captured",
		Hint: "remove the file when it has served",
	}
}

// unwritten logs, once, that the secrets could not be written.
func (k *KeyLog) unwritten(out []system.Effect) []system.Effect {
	if k == nil || k.failed == nil || k.told {
		return out
	}
	k.told = true
	return append(out, system.Log{Event: event.Error{
		Op: "write the secrets of TLS and DTLS to " + k.Name, Err: k.failed.Error(), Hint: "a capture of these connections stays unreadable", Rule: event.RuleKeysWritten,
	}})
}
