package grade

// An Effect is what the examiner wants done, or has to say.
type Effect interface{ effect() }

// Ask is a request to the lab (see [github.com/sleeptalk/sleeptalk/phone/lab.Verbs]). If the lab
// refuses it, [Examiner.Refused] wants to know, unless it is Optional: it then
// only puts right what may be right already.
type Ask struct {
	Line     string
	Optional bool
}

// Began says that a check is at work.
type Began struct{ ID, Title string }

// Tell is for the person at the phone: what to do with it now.
type Tell struct{ Text string }

// Decided is the outcome of a check.
type Decided struct{ Mark Mark }

func (Ask) effect()     {}
func (Began) effect()   {}
func (Tell) effect()    {}
func (Decided) effect() {}
