package matcher

import "testing"

// Enrolling asks at least as much of a picture as gates and tills do, and a till as much as a gate.
func TestNeeds(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range Needs() {
		if n.Name == "" || seen[n.Name] {
			t.Errorf("%q", n.Name)
		}
		seen[n.Name] = true
		if n.Enrol < n.Till || n.Till < n.Gate || n.Enrol > 100 || n.Gate < 0 {
			t.Errorf("%+v", n)
		}
	}
	if !seen["face size"] || !seen["the whole"] || len(seen) < 10 {
		t.Errorf("%v", seen)
	}
	if enrol, gate, till := DefaultPolicy().Living(); enrol < gate || gate <= 0.03 || till < gate {
		t.Errorf("living from %.2f, %.2f, %.2f; prints reach 0.03", enrol, gate, till)
	}
}
