package grade

// An Effect is a request of the examiner to the lab or the tester, or a report
// of progress.
type Effect interface{ effect() }

// Ask is a request to the lab (see
// [github.com/sleeptalk/sleeptalk/phone/verb.Specs]). If the lab refuses it, the
// caller must call [Examiner.Refused], unless it is Optional: an optional
// request restores a state that may be right already.
type Ask struct {
	Line     string
	Optional bool
	check    string // that wants it
}

// Began reports that a check has begun.
type Began struct{ ID, Title string }

// Tell is an instruction to the tester at the phone.
type Tell struct{ Text string }

// Decided is the outcome of a check.
type Decided struct{ Mark Mark }

func (Ask) effect()     {}
func (Began) effect()   {}
func (Tell) effect()    {}
func (Decided) effect() {}
