package websocket

import (
	"fmt"
	"io"
	"math/rand/v2"
)

// Ask shakes hands as a client, on a connection that does nothing else, and says why
// the server is none for the subprotocol. It is for who only wants to know.
func Ask(conn io.ReadWriter, rng *rand.Rand, host, path, protocol string) error {
	key := nonce(rng)
	if _, err := conn.Write(request(host, path, protocol, key)); err != nil {
		return err
	}
	var in []byte
	for {
		h, size, err := readHead(in)
		if err == nil && size > 0 {
			err = checkResponse(h, protocol, key)
		}
		if err != nil {
			return atServer(host, path, err)
		}
		if size > 0 {
			return nil
		}
		b := make([]byte, 4<<10)
		n, err := conn.Read(b)
		if in = append(in, b[:n]...); err != nil && n == 0 {
			return atServer(host, path, fmt.Errorf("no answer: %w", err))
		}
	}
}
