package matcher

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBenchFolderTakesPeopleWithTwoPhotosFirst(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.jpg", "b/1.jpg", "b/2.JPEG", "b/3.png", "c/1.jpg", "c/2.jpg", "d/notes.txt"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := BenchFolder(dir, 5)
	if err != nil || len(got) != 3 || len(got[0]) != 2 || len(got[1]) != 2 || len(got[2]) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if got, _ := BenchFolder(dir, 3); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if got, err := BenchFolder(filepath.Join(dir, "none"), 5); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// The two models see the same face: a person's two photos are as near to each other in either.
func TestBenchPhotosAgree(t *testing.T) {
	m := open(t)
	files, err := filepath.Glob(filepath.Join(mediaDir, "franck_0*.jpg"))
	if err != nil || len(files) < 2 {
		t.Skip("no photos")
	}
	people, err := BenchPhotos(t.Context(), m, "../models", BenchPeople{files[:2]})
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != 1 || len(people[0]) != 2 {
		t.Fatalf("%d people", len(people))
	}
	a, b := people[0][0], people[0][1]
	if off := cosine(a.Short, b.Short) - cosine(a.Long, b.Long); off > 0.001 || off < -0.001 {
		t.Errorf("the models differ by %.5f", off)
	}
	if len(a.Short) >= len(a.Long) {
		t.Errorf("%d numbers for %d", len(a.Short), len(a.Long))
	}
	if _, err := BenchPhotos(t.Context(), m, "../models", BenchPeople{{"no such file"}}); err == nil {
		t.Error("read what is not there")
	}
}
