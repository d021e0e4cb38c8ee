package evaluate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder makes empty files, which are as good as images until they are read.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAlbumWithGroups(t *testing.T) {
	a, err := OpenAlbum(folder(t, "north/Anna/a.jpg", "north/Anna/b.PNG", "south/Berta/Berta_0007.jpeg", "Carl/1.jpg", "notes.txt", "Carl/list.txt"), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.people) != 3 || len(a.photos) != 4 || !slices.Equal(a.groups(), []string{"north", "south"}) {
		t.Errorf("%d people, %d photos, groups %v", len(a.people), len(a.photos), a.groups())
	}
	photos, err := a.Keep([]Pair{{NameA: "Anna", NameB: "Anna", PhotoA: 1, PhotoB: 2}, {NameA: "Berta", NameB: "Dora", PhotoA: 7, PhotoB: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Base(a.photos[photos[0][1]].Path); got != "b.PNG" {
		t.Errorf("the second of Anna's is %s", got)
	}
	if dora := a.photos[photos[1][1]]; dora.Fault != faultMissing || len(a.wanted()) != 4 {
		t.Errorf("somebody who is not there: %+v, %d wanted", dora, len(a.wanted()))
	}
}

func TestAlbumsThatCannotBeMeasured(t *testing.T) {
	for name, dir := range map[string]string{
		"no images":      folder(t, "Anna/notes.txt"),
		"deeper than":    folder(t, "a/b/c/d.jpg"),
		"no such file":   filepath.Join(t.TempDir(), "nowhere"),
		"at the top, no": folder(t, "a.jpg"),
	} {
		_, err := OpenAlbum(dir, "")
		if err == nil || name != "at the top, no" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two, err := OpenAlbum(folder(t, "n/Anna/1.jpg", "s/Anna/1.jpg"), "")
	if err != nil || len(two.people) != 2 {
		t.Fatal("one name in two groups is two people", err)
	}
	if _, err := two.Keep([]Pair{{Line: "5", NameA: "Anna", NameB: "Anna", PhotoA: 1, PhotoB: 1}}); err == nil || !strings.Contains(err.Error(), "line 5") {
		t.Errorf("err = %v", err)
	}
	if _, err := two.Keep(nil); err == nil {
		t.Error("no pairs name no photo")
	}
}

func TestAGalleryOfItsOwn(t *testing.T) {
	a, err := OpenAlbum(folder(t, "Anna/1.jpg", "Berta/1.jpg"), folder(t, "Anna/x.jpg", "Carl/y.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.photos {
		a.photos[i].probe, a.photos[i].frame = []float32{1}, []float32{1}
	}
	anna, berta, carl := int(a.byName["Anna"]), int(a.byName["Berta"]), int(a.byName["Carl"])
	if len(a.probesOf(anna)) != 1 || len(a.templatesOf(anna)) != 1 || a.probesOf(anna)[0] == a.templatesOf(anna)[0] {
		t.Error("Anna has one photo of either kind")
	}
	if len(a.templatesOf(berta)) != 0 || len(a.probesOf(carl)) != 0 || len(a.wanted()) != 4 {
		t.Error("Berta is a stranger, Carl never comes")
	}
}

// The same person under two names is no stranger; the pairs given are as they are.
func TestSecondNames(t *testing.T) {
	a, err := OpenAlbum(folder(t, "Anna/1.jpg", "Anne/1.jpg", "Carl/1.jpg"), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.photos {
		a.photos[i].probe, a.photos[i].frame = []float32{1}, []float32{1}
	}
	if err := a.SetAside([][2]string{{"Anna", "Anne"}}); err != nil {
		t.Fatal(err)
	}
	if s := plainly(a.allPairs()); s.Impostors != 1 || len(a.wanted()) != 3 {
		t.Errorf("%d comparisons of two people, %d photos read", s.Impostors, len(a.wanted()))
	}
	if a.SetAside([][2]string{{"Anna", "Nobody"}}) == nil {
		t.Error("nobody was set aside")
	}
	if names, err := ReadNames(strings.NewReader("# twice here\nAnna Anne\nJo Ann\tJo-Ann\n")); err != nil || len(names) != 2 || names[1][0] != "Jo Ann" {
		t.Errorf("%v %v", names, err)
	}
	if _, err := ReadNames(strings.NewReader("\nAnna\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("err = %v", err)
	}
}
