package setup

import (
	"strings"

	"github.com/sleeptalk/sleeptalk/phone"
	"github.com/sleeptalk/sleeptalk/phone/event"
)

// shown lists the settings of a phone that the log shows nowhere else, KEY=VALUE
// each, for the first line of its log: those that count.
func shown(cfg phone.Config, counts func(Setting) bool) (list []string) {
	for _, s := range table() {
		if s.show == nil || !counts(s) {
			continue
		}
		if value := s.show(cfg); value != "" {
			list = append(list, s.Key+"="+value)
		}
	}
	return list
}

// Recorded reads what is set of a phone off the first line of its log.
func Recorded(start event.Start) Values {
	v := Values{}
	for _, pair := range start.App {
		if key, value, ok := strings.Cut(pair, "="); ok {
			v[key] = value
		}
	}
	for _, s := range table() {
		if s.said == nil {
			continue
		}
		if value := s.said(start); value != "" {
			v[s.Key] = value
		}
	}
	return v
}
