package matcher

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// movingRate is how many frames a second of a clip are looked at.
const movingRate = 25

// footage is a clip as it moves, not its key frames alone, with what the matcher reads in each frame.
type footage struct {
	files [][]byte // JPEG
	seen  []view   // without their pictures
	moves []movement
}

var sharedFootage sync.Map

// moving reads a part of a clip, in seconds; ffmpeg decodes it, since what lies between key frames is not decoded here.
func moving(t testing.TB, clip string, from, seconds int) *footage {
	t.Helper()
	if testing.Short() {
		t.Skip("reads hundreds of frames")
	}
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg here, which decodes what lies between key frames")
	}
	testConfig(t)
	key := clip + strconv.Itoa(from) + "+" + strconv.Itoa(seconds)
	if f, ok := sharedFootage.Load(key); ok {
		return f.(*footage)
	}
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-ss", strconv.Itoa(from), "-t", strconv.Itoa(seconds), //nolint:gosec // a test's own file
		"-i", filepath.Join(mediaDir, clip), "-r", strconv.Itoa(movingRate), "-q:v", "2", filepath.Join(dir, "%05d.jpg"))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d frames, %v", len(files), err)
	}
	slices.Sort(files)
	f := &footage{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f.files = append(f.files, b)
	}
	f.read(t)
	sharedFootage.Store(key, f)
	return f
}

func (f *footage) picture(t testing.TB, i int) *image.YCbCr {
	t.Helper()
	img, err := Decode(f.files[i])
	if err != nil {
		t.Fatal(err)
	}
	return toYCbCr(img)
}

func (f *footage) read(t testing.TB) {
	m := open(t)
	w, err := m.queue.take(t.Context(), m.frames)
	if err != nil {
		t.Fatal(err)
	}
	defer m.queue.put(w)
	for i := range f.files {
		v, err := w.look(f.picture(t, i))
		if err != nil {
			t.Fatal(err)
		}
		v.picture = nil
		f.seen = append(f.seen, v)
		f.moves = append(f.moves, v.movement())
	}
}
