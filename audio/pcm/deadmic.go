package pcm

// A DeadMic detects a microphone that gives only zeros. A real one is never
// that quiet: on macOS it means that the program was denied the microphone,
// elsewhere a mute switch on the headset.
type DeadMic struct {
	frames  int
	settled bool
}

// Write takes a frame of 20 ms and reports true once: when the first second was all
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
	d.frames++
	d.settled = d.frames >= framesPerSecond
	return d.settled
}

// framesPerSecond is how many frames of 20 ms a second has.
const framesPerSecond = 50
