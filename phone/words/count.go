package words

import "strconv"

// Count is a number of things: "1 wake", "2 wakes".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
