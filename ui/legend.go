package ui

// A legend has the first key of each action, by its id, as a person writes it: what a sentence
// says of a key is true of keys that are others, too.
type legend map[string]string

func legendOf(keys []binding) legend {
	l := legend{}
	for i := range keys {
		if b := &keys[i]; l[b.id] == "" && len(b.Keys()) > 0 {
			l[b.id] = keyName(b.Keys()[0])
		}
	}
	return l
}

// keyOf is the first key of an action.
func (s scene) keyOf(id string) string { return s.legend[id] }
