package matcher

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"testing"
)

// Who takes part: people with so many photos, half of them for each of two templates.
const (
	twiceShots  = 3
	twicePeople = 60
)

// TestOnePersonTwiceIsNearerThanStrangers makes two templates of other photos of real people, where they are at hand, and
// compares all with all: by the thresholds for so many people nearly all who came twice are found, and no strangers.
func TestOnePersonTwiceIsNearerThanStrangers(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some hundred photos")
	}
	m := open(t)
	w := m.queue.tryTake()
	defer m.queue.put(w)
	first, second := lfwTwice(t, w)
	var same, others []float64
	for i, a := range first {
		for j, b := range second {
			if i == j {
				same = append(same, cosine(a, b))
			} else {
				others = append(others, cosine(a, b))
			}
		}
	}
	sort.Float64s(same)
	sort.Float64s(others)
	reach := func(all []float64, from float64) float64 {
		at, _ := slices.BinarySearch(all, from)
		return float64(len(all)-at) / float64(len(all))
	}
	for _, people := range []int{12, 1000, 100_000, 1_200_000} {
		alike, twice := m.policy.Alike(people), m.policy.Twice(people)
		t.Logf("%d people: of one person %.1f %% are look-alikes, %.1f %% are asked whether they came twice; of %d pairs of strangers %.3f %% and %.3f %%",
			people, 100*reach(same, alike), 100*reach(same, twice), len(others), 100*reach(others, alike), 100*reach(others, twice))
	}
	if few := m.policy; reach(same, few.Alike(1000)) < 0.95 || reach(same, few.Twice(1000)) < 0.7 || reach(others, few.Twice(1000)) > 0 {
		t.Errorf("of %d people who came twice too few are found", len(same))
	}
}

// lfwTwice makes two templates of each of some people, of photos that the other has not.
func lfwTwice(t *testing.T, w *workspace) (first, second [][]float32) {
	t.Helper()
	dir := os.Getenv("KAOPASS_FACES")
	if dir == "" {
		dir = "../../shared/faces"
	}
	names, err := filepath.Glob(filepath.Join(dir, "lfw", "*"))
	if err != nil || len(names) == 0 {
		t.Skipf("no labeled faces in %s: not measured (KAOPASS_FACES names their folder)", dir)
	}
	for _, name := range names {
		shots, err := filepath.Glob(filepath.Join(name, "*.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		if len(shots) < 2*twiceShots {
			continue
		}
		vectors := make([][]float32, 2*twiceShots)
		for i := range vectors {
			vectors[i] = lfwVector(t, w, shots[i], true)
		}
		first, second = append(first, fuse(vectors[:twiceShots])), append(second, fuse(vectors[twiceShots:]))
		if len(first) == twicePeople {
			break
		}
	}
	if len(first) < twicePeople/2 {
		t.Skip(fmt.Sprint("only ", len(first), " people with enough photos"))
	}
	return first, second
}
