package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// TestWhoComesTwiceIsNoticed enrols one man three times by the command: beside the running server, which says so at once,
// and while none ran, which the next one finds out by itself.
func TestWhoComesTwiceIsNoticed(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	_, later, err := laptopLater(&v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	n := 0
	enrol := func(photos [][]byte) (kaopass.EnrolmentID, string) {
		t.Helper()
		n++
		args := []string{"enrol", "--name", "Somebody", "--consent", "payment", "--consent-ref", "form 1"}
		for i, photo := range photos {
			args = append(args, "--image", file(t, folder, fmt.Sprint(n, "-", i, ".jpg"), photo))
		}
		answer, failed := v.script(t, args...)
		if failed {
			t.Fatalf("refused: %v", answer)
		}
		return kaopass.EnrolmentID(answer["enrolment_id"].(string)), fmt.Sprint(answer["notices"])
	}
	if _, said := enrol(d.face); said != "[]" {
		t.Errorf("a first man: %s", said)
	}
	if _, said := enrol(d.stranger); said != "[]" {
		t.Errorf("another man: %s", said)
	}
	if _, said := enrol(later); said != "[alike twice]" {
		t.Errorf("the other again, in another take: %s", said)
	}
	if answer, _ := v.script(t, "recheck"); answer["people"] != 3.0 {
		t.Errorf("recheck: %v", answer)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	third, said := enrol(slices.Concat(d.stranger[:1], later[:1]))
	if said != "[not_compared]" {
		t.Errorf("with no server: %s", said)
	}
	if v.program, err = start(t.Context(), &v.cfg, output{stdout: v.log, stderr: v.log}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everybody is compared", func() bool {
		left, err := v.store.Uncompared(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		return len(left) == 0
	})
	if among, err := v.store.Resemblance(t.Context(), third); err != nil || !among.Alike || !among.Twice {
		t.Errorf("who came while nobody looked: %+v, %v", among, err)
	}
}
