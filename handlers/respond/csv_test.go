package respond_test

import (
	"testing"

	"github.com/kaopass/kaopass/handlers/respond"
)

func TestSpreadsheetsRunNothing(t *testing.T) {
	for place, want := range map[string]string{"Ramen": "Ramen", "=1+1": "'=1+1", "+1": "'+1", "\n=1": "'\n=1", "@a": "'@a", "＝1": "'＝1", "": ""} {
		if got := respond.Cell(place); got != want {
			t.Errorf("%q: %q", place, got)
		}
	}
}
