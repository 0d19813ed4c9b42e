package cli

import (
	"reflect"
	"testing"

	"github.com/sleeptalk/sleeptalk/cmd/sleeptalk/config"
)

// TestLook: a flag counts more than the config, and auto is what the terminal
// says.
func TestLook(t *testing.T) {
	for _, c := range []struct {
		flags Look
		file  config.UI
		want  Look
	}{
		{Look{}, config.UI{}, Look{}},
		{Look{}, config.UI{Theme: "dark", ASCII: "on"}, Look{Theme: "dark", ASCII: true}},
		{Look{}, config.UI{Theme: "auto", ASCII: "auto"}, Look{}},
		{Look{}, config.UI{ASCII: "true"}, Look{ASCII: true}},
		{Look{Theme: "mono", ASCII: true, NoMouse: true}, config.UI{Theme: "dark", ASCII: "off"}, Look{Theme: "mono", ASCII: true, NoMouse: true, glyphs: true}},
		{Look{Theme: "auto"}, config.UI{Theme: "dark"}, Look{}},
	} {
		if got := c.flags.With(c.file); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v with %+v: %+v, want %+v", c.flags, c.file, got, c.want)
		}
	}
}
