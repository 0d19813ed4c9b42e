package scenario

import "github.com/sleeptalk/sleeptalk/phone/event"

// iceForm reads "PHASE [with TEXT]".
func iceForm(a *args) (meaning, *problem) {
	phase, p := stepOf(a, event.ICEPhases())
	if p != nil {
		return meaning{}, p
	}
	rest, p := a.options("with")
	if p != nil {
		return meaning{}, p
	}
	ok := func(e event.ICE) bool {
		_, detail := e.Text()
		return e.Phase == phase && contains(detail, rest["with"].text)
	}
	m := happens(ok).while(func(f *event.Fold) bool { return f.Sound().Media.Phase != event.MediaStop && ok(f.Sound().ICE) })
	return keeping(m, func(e event.ICE) string { return e.Remote }, func(f *event.Fold) string { return f.Sound().ICE.Remote }), nil
}
