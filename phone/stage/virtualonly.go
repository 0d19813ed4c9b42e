package stage

// An Unlive is a scenario of the program that plays in virtual time alone, and
// why.
type Unlive struct{ Name, Why string }

// VirtualOnly lists the scenarios of the program that a live run on this machine
// cannot prove within minutes. A device clock is hurried only while the app
// sleeps, and nobody hurries the server's.
func VirtualOnly() []Unlive {
	return []Unlive{
		{"asks-to-stay-awake", "it is awake for ten minutes, in which its clock cannot be hurried"},
		{"binding-refresh", "it waits for sixteen minutes of the server's clock"},
		{"long-pocket", "it is awake for ten minutes in all, in which its clock cannot be hurried"},
		{"session-timer-asleep", "it waits for a minute of the other phone's clock"},
		{"two-flows-die", "it waits on the screen for more than two minutes, in which its clock cannot be hurried"},
		{"window-too-short", "it waits for ten minutes of the server's clock"},
	}
}
