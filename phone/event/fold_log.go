package event

// NewFold returns the state of an actor before its first record. Handsets begin
// their log with a start; robots have none, and get one.
func NewFold(log []Record, actor string) *Fold {
	f := &Fold{Phone: actor}
	for _, rec := range log {
		if rec.Phone == actor {
			if _, ok := rec.Event.(Start); !ok {
				f.Apply(Record{Wall: rec.Wall, Device: rec.Device, Phone: actor, Event: Start{}})
			}
			break
		}
	}
	return f
}

// FoldOf returns the state of an actor at the end of the log.
func FoldOf(log []Record, actor string) *Fold {
	f := NewFold(log, actor)
	for _, rec := range log {
		f.Apply(rec)
	}
	return f
}
