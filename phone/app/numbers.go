package app

import "github.com/sleeptalk/sleeptalk/phone/system"

// numbers names what the app has named nothing by before.
type numbers struct {
	socket system.Socket
	call   int
	card   int
}

func (n *numbers) nextSocket() system.Socket {
	n.socket++
	return n.socket
}

// nextCard is for a notification, or a call on the call screen.
func (n *numbers) nextCard() int {
	n.card++
	return n.card
}

// nextCall is for a call, on whatever line.
func (n *numbers) nextCall() int {
	n.call++
	return n.call
}
