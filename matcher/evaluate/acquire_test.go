package evaluate

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// Photos of which nothing came, people of whom nothing came, and what each use would have refused: counted by hand.
func TestWhatWasAcquired(t *testing.T) {
	good := []float32{1}
	gate := map[matcher.Use]kaopass.Reason{matcher.UseGate: kaopass.FaceTurned, matcher.UseEnrol: kaopass.FaceTurned}
	a := &Album{photos: []Photo{
		{probe: good}, {Fault: faultNoFace}, // Anna: one of two
		{Fault: faultNoFace}, {Fault: faultMissing}, // Berta: none
		{probe: good, Refused: gate}, {probe: good, Refused: map[matcher.Use]kaopass.Reason{matcher.UseEnrol: kaopass.FaceUnclear}}, // Carl, one enrolled
		{Fault: faultNoFace}, // nobody asks for it
	}, people: []person{{photos: []int{0, 1}}, {photos: []int{2, 3}}, {photos: []int{4}, gallery: []int{5}}, {}}}
	got := a.Acquisition()
	if got.Photos != 6 || got.People != 3 || got.Failures != 3 || got.Lost != 1 || got.Rate != 0.5 || got.FTE != 1.0/3 {
		t.Errorf("%+v", got)
	}
	if len(got.Reasons) != 2 || got.Reasons[faultNoFace] != 2 || got.Reasons[faultMissing] != 1 {
		t.Errorf("%v", got.Reasons)
	}
	enrol, gates := got.Refused[matcher.UseEnrol], got.Refused[matcher.UseGate]
	if enrol[kaopass.FaceTurned] != 1 || enrol[kaopass.FaceUnclear] != 1 || len(gates) != 1 || gates[kaopass.FaceTurned] != 1 || len(got.Refused[matcher.UseTill]) != 0 {
		t.Errorf("%v", got.Refused)
	}
	if none := (&Album{}).Acquisition(); none.Rate != 0 || none.FTE != 0 || none.Photos != 0 {
		t.Errorf("of nothing: %+v", none)
	}
}

// A file that is missing, no image, too large or without a face is a photo with a fault, and no error.
func TestAFileIsReadOrHasAFault(t *testing.T) {
	m := open(t)
	dir := copies(t, map[string]string{"face.jpg": "franck_01829.jpg", "none.png": "icon_sad.png"})
	raw := m.Raw(permitted())
	wish := matcher.RawWish{Vectors: true}
	face, err := readFace(t.Context(), raw, dir+"/face.jpg", wish)
	if err != nil || face.fault != "" || len(face.Probe) == 0 || len(face.Frame) != len(face.Probe) || slices.Equal(face.Probe, face.Frame) {
		t.Errorf("%q %v: a template's vector is mirrored and summed, a probe's is not", face.fault, err)
	}
	for name, fault := range map[string]string{"/nowhere.jpg": faultMissing, "/none.png": string(matcher.ImageUnreadable)} {
		if got, err := readFace(t.Context(), raw, dir+name, wish); err != nil || got.fault != fault || got.Probe != nil {
			t.Errorf("%s: %q %v", name, got.fault, err)
		}
	}
}

// Everything is done once, by no more hands than there are, and by one where none was named.
func TestEachOfOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 50} {
		var lock sync.Mutex
		times := make([]int, 40)
		var now, most atomic.Int64
		err := eachOf(t.Context(), "things", len(times), workers, quiet, func(i int) error {
			at := now.Add(1)
			defer now.Add(-1)
			lock.Lock()
			defer lock.Unlock()
			most.Store(max(most.Load(), at))
			times[i]++
			return nil
		})
		if err != nil || slices.ContainsFunc(times, func(n int) bool { return n != 1 }) || most.Load() > int64(max(workers, 1)) {
			t.Errorf("%d workers: %v, %v at once, %v", workers, times, most.Load(), err)
		}
	}
	if err := eachOf(t.Context(), "nothing", 0, 2, quiet, func(int) error { return errors.New("something") }); err != nil {
		t.Errorf("nothing was to be done: %v", err)
	}
}

// After a fault nothing more is begun, and the fault is the answer.
func TestAFaultEndsTheWork(t *testing.T) {
	fault := errors.New("broken")
	var begun atomic.Int64
	err := eachOf(t.Context(), "things", 10_000, 2, quiet, func(i int) error {
		begun.Add(1)
		if i == 5 {
			return fault
		}
		return nil
	})
	if !errors.Is(err, fault) || begun.Load() == 10_000 {
		t.Errorf("%d begun: %v", begun.Load(), err)
	}
}
