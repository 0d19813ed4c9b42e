package link

import (
	"github.com/sleeptalk/sleeptalk/phone/event"
	"github.com/sleeptalk/sleeptalk/phone/system"
)

// A teller gathers what a link has for the kernel and for the log, and tells of what becomes
// of bytes on their way.
type teller struct {
	out  []system.Effect
	read Reader // of what is swallowed, or held; nil: nobody reads it
}

// ReadBy makes the link tell of what it swallows and holds in the words of a reader. Without
// one, all of it is data.
func (t *teller) ReadBy(read Reader) { t.read = read }

func (t *teller) take() []system.Effect {
	out := t.out
	t.out = nil
	return out
}

func (t *teller) kernel(c system.Effect) { t.out = append(t.out, c) }

func (t *teller) log(e event.Event) { t.kernel(system.Log{Event: e}) }

// drop resets a connection in the kernel: the server's side of it ends.
func (t *teller) drop(f *flow) {
	if f.kernel != 0 {
		t.kernel(system.Close{Socket: f.kernel, Reset: true})
	}
	f.kernel = 0
}
