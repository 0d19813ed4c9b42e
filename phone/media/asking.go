package media

// Constants of how early the speaker asks, in samples at 8000 Hz.
const (
	// frameAsked is what a clock without a sound card asks for at once: 20 ms.
	frameAsked = delayMargin
	// earliest is how early a speaker may ask: one that takes 60 ms at once has no
	// conversation to lose (our own number).
	earliest = 480
)

// An asking watches how early the speaker asks for samples, before they sound: for how many at
// once, and how much earlier at times than at others. What is asked for must be there, so the
// jitter buffer waits for that much more.
//
// Only differences count, as in [transit]: a speaker that has asked latest for what it plays
// has asked in time.
type asking struct {
	scale
	transit transit
	asked   int64 // samples, on a time line of its own
}

// ask notes that the speaker asks for n samples at the time at, and returns how early that is.
func (a *asking) ask(at int64, n int) int64 {
	if n >= a.of(frameAsked) {
		return int64(a.of(frameAsked))
	}
	if a.transit.valid && at-a.transit.last > int64(a.of(cardPause)) {
		a.transit.reset()
	}
	a.transit.scale = a.scale
	a.transit.observe(at, 2*at-a.asked) // the trip is how far it is ahead
	a.asked += int64(n)
	return min(int64(n)+int64(a.transit.peak), int64(a.of(earliest)))
}
