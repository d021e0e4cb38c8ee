package browsertest

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"
)

//go:embed actor.js
var actorScript string

// Actor is what a camera shows when somebody sits before it who does what the capture page asks, half a second later:
// pictures (JPEG, all of one size) of the front, and of the head turned to the person's own left and right. It is a
// script for Options.Before. A film cannot stand in for it: it does not know when to turn.
func Actor(t testing.TB, front, left, right [][]byte) string {
	t.Helper()
	poses, err := json.Marshal(map[string][][]byte{"front": front, "turn_left": left, "turn_right": right})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(actorScript, "{}", string(poses), 1)
}
