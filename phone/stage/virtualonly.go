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
		{"distributor-asleep", "it waits for minutes until the device is idle, in which the app runs"},
		{"frozen-app", "it waits for minutes on the screen and off it, in which its clock cannot be hurried"},
		{"ice-restart", "it is in a call for a minute, in which its clock cannot be hurried"},
		{"keepalive-cut", "it waits for twenty minutes of two phones that wake at different times"},
		{"keepalive-too-short", "it waits for an hour of phones of which one wakes"},
		{"local-push-gap", "it waits for half an hour of the provider, whose server's clock nobody hurries"},
		{"long-pocket", "it is awake for ten minutes in all, in which its clock cannot be hurried"},
		{"marked-wrong", "it waits for two minutes of eight phones"},
		{"no-voip-mode", "it waits for ten minutes of a phone that is dead"},
		{"push-after-flight-mode", "it waits for half a minute of the push service's clock"},
		{"service-without-type", "it is in a call for three minutes, in which its clock cannot be hurried"},
		{"session-timer-asleep", "it waits for a minute of the other phone's clock"},
		{"two-flows-die", "it waits on the screen for more than two minutes, in which its clock cannot be hurried"},
		{"window-too-short", "it waits for ten minutes of the server's clock"},
	}
}
