package world

import "errors"

var errNoSound = errors.New("the virtual world has no sound card")
