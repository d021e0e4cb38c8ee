package matcher

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// lfwPairsMax bounds how many pairs of Labeled Faces in the Wild are compared; KAOPASS_LFW_PAIRS asks for more.
const lfwPairsMax = 100

// TestLabeledFaces compares pairs of real people, where they are at hand: far more than by chance, the same person is
// let in at a gate and another is not.
func TestLabeledFaces(t *testing.T) {
	m := open(t)
	most := lfwPairsMax
	if n, err := strconv.Atoi(os.Getenv("KAOPASS_LFW_PAIRS")); err == nil {
		most = n
	}
	pairs := lfwPairs(t, most)
	w := m.queue.tryTake()
	defer m.queue.put(w)
	var same, refused, others, passed int
	for _, p := range pairs {
		score := cosine(lfwVector(t, w, p.a, true), lfwVector(t, w, p.b, false))
		accepted := score >= m.policy.Threshold(m.policy.GateFMR, 1, 1)
		switch {
		case p.same && !accepted:
			same, refused = same+1, refused+1
		case p.same:
			same++
		case accepted:
			others, passed = others+1, passed+1
		default:
			others++
		}
	}
	t.Logf("%d pairs of one person, %d refused; %d of two, %d passed", same, refused, others, passed)
	if float64(refused) > 0.10*float64(same) || passed > others/100 {
		t.Error("the pipeline is not the one that was measured")
	}
}

type lfwPair struct {
	a, b string
	same bool
}

func lfwPairs(t *testing.T, most int) (pairs []lfwPair) {
	dir := os.Getenv("KAOPASS_FACES")
	if dir == "" {
		dir = "../../shared/faces"
	}
	list, err := os.ReadFile(filepath.Join(dir, "lfw-pairs.tsv"))
	if err != nil {
		t.Skipf("no labeled faces in %s: not measured (KAOPASS_FACES names their folder)", dir)
	}
	file := func(name, number string) string {
		n, _ := strconv.Atoi(number)
		return filepath.Join(dir, "lfw", name, fmt.Sprintf("%s_%04d.jpg", name, n))
	}
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	for i := 0; i < len(lines); i += max(len(lines)/most, 1) {
		switch f := strings.Fields(lines[i]); len(f) {
		case 4:
			pairs = append(pairs, lfwPair{file(f[1], f[2]), file(f[1], f[3]), true})
		case 5:
			pairs = append(pairs, lfwPair{file(f[1], f[2]), file(f[3], f[4]), false})
		}
	}
	return pairs
}

// lfwVector embeds the face nearest to the middle: there the labelled person is.
func lfwVector(t *testing.T, w *workspace, name string, mirrored bool) []float32 {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(b)
	if err != nil {
		t.Fatal(name, err)
	}
	pic := img.(*image.YCbCr)
	found, err := w.detect(pic)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d faces, %v", name, len(found), err)
	}
	points, err := w.landmark(pic, middleFace(found, pic.Bounds()))
	if err != nil {
		t.Fatal(err)
	}
	w.align(pic, points.five())
	vector, err := w.embed(mirrored)
	if err != nil {
		t.Fatal(err)
	}
	return vector
}
