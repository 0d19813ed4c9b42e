package picture

import (
	"testing"
)

// TestEverySignHasALook: a sign without a row in the table is drawn as nothing.
func TestEverySignHasALook(t *testing.T) {
	for s := Posted; s < signs; s++ {
		if s.Glyph() == "" || len(s.ASCII()) != 1 {
			t.Errorf("sign %d is %q, in ASCII %q", s, s.Glyph(), s.ASCII())
		}
	}
	for i := Text; i < Inks; i++ {
		if h := i.Shade(); len(h.Light.RGB) != 7 || len(h.Dark.RGB) != 7 || h.Light == h.Dark {
			t.Errorf("ink %d is %+v", i, h)
		}
	}
}
