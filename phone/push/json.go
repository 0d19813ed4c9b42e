package push

import (
	"bytes"
	"encoding/json"
	"errors"
)

// PayloadOf reads a JSON object as the payload of a push: strings unchanged,
// and other values as their JSON text.
func PayloadOf(body []byte) (map[string]string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, errors.New("the body is not a JSON object")
	}
	payload := make(map[string]string, len(object))
	for key, raw := range object {
		var text string
		if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
			payload[key] = text
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, err
		}
		payload[key] = compact.String()
	}
	return payload, nil
}
