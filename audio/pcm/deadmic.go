package pcm

// A DeadMic detects a microphone that gives only zeros. A real one is never
// that quiet: on macOS it means that the program was denied the microphone,
// elsewhere a mute switch on the headset.
type DeadMic struct {
	samples int
	settled bool
}

// Write takes a frame and reports true once: when the first second was all
// zeros.
func (d *DeadMic) Write(frame []int16) bool {
	if d.settled {
		return false
	}
	for _, s := range frame {
		if s != 0 {
			d.settled = true
			return false
		}
	}
	d.samples += len(frame)
	d.settled = d.samples >= Rate
	return d.settled
}
