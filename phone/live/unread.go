package live

// unread is how many bytes lie in a socket that is readable; known is false if the kernel
// does not say.
func unread(s socket) (n int, known bool) {
	switch s := s.(type) {
	case *stream:
		return unreadNow(s.raw)
	case *datagram:
		return unreadNow(s.packets.raw)
	}
	return 0, false
}
