package evaluate

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Ten living people and two kinds of attack, whose rates can be counted on fingers.
func TestRatesOfAttacks(t *testing.T) {
	kinds := map[string][]stat.Presentation{"screen": {{Subject: 0}}}
	for i := range 10 {
		kinds[living] = append(kinds[living], stat.Presentation{Subject: i, Live: 0.05 + float64(i)/10, Answered: true})
		kinds["print"] = append(kinds["print"], stat.Presentation{Subject: i, Live: float64(i) / 25, Answered: i < 9})
	}
	pad := padOf(kinds, 10, 0.3, stat.Bootstrap{Rounds: 50, Seed: 1})
	if pad.BPCER != 0.3 || pad.APCER["print"] != 1.0/9 || pad.APCER["screen"] != 0 || pad.Lowest != 0.05 || len(pad.APCER) != 2 {
		t.Errorf("%+v", pad)
	}
	for i, p := range pad.Points {
		if i > 0 && (p.Threshold <= pad.Points[i-1].Threshold || p.Living.Rate < pad.Points[i-1].Living.Rate || p.Attacks["print"].Rate > pad.Points[i-1].Attacks["print"].Rate) {
			t.Errorf("at %v: %+v", p.Threshold, p)
		}
	}
	screen := pad.Points[0].Attacks["screen"]
	if screen.NonResponse != 1 || screen.CI95[1] < 0.9 {
		t.Errorf("no face was found in the only try, so nothing is known: %+v", screen)
	}
}

// An approach of many frames is judged by as many as a till looks at, spread over all of it; a frame that cannot be read
// says nothing.
func TestJudgingAnApproach(t *testing.T) {
	m := open(t)
	raw := m.Raw(permitted())
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.jpg", keyFrames(t, filepath.Join(mediaDir, "franck.webm"), 1)[0])
	broken := write("broken.jpg", []byte("no image"))
	one, err := judge(t.Context(), raw, []string{good})
	if err != nil || !one.Answered || one.Live < 0.1 {
		t.Fatalf("%+v %v", one, err)
	}
	frames := make([]string, 2*approachFrames) // the odd ones are skipped
	for i := range frames {
		frames[i] = broken
	}
	frames[2*(approachFrames-1)] = good
	if all, err := judge(t.Context(), raw, frames); err != nil || all.Live != one.Live {
		t.Errorf("%+v %v, want %v of the only frame that can be read", all, err, one.Live)
	}
	if none, err := judge(t.Context(), raw, []string{broken, filepath.Join(dir, "missing.jpg")}); err != nil || none.Answered {
		t.Errorf("%+v %v", none, err)
	}
}

func TestTooManyFilesForAnAttack(t *testing.T) {
	for _, wrong := range []string{"live/a/b/c/d/1.jpg", "1.jpg"} {
		if _, err := openPAD(folder(t, "live/a/1.jpg", wrong)); err == nil {
			t.Errorf("%s is no presentation", wrong)
		}
	}
	all, err := openPAD(folder(t, "live/a/1.jpg", "live/a/2.jpg", "live/a/walk/1.jpg", "live/a/walk/2.png", "mask/a/1.jpeg", "mask/a/notes.txt"))
	if err != nil || len(all) != 4 {
		t.Fatalf("%+v %v", all, err)
	}
	if walk := all[2]; len(walk.frames) != 2 || walk.kind != living || walk.subject != "a" || all[3].kind != "mask" {
		t.Errorf("%+v", all)
	}
}

// What keeps a file from being read is a reason among others, and stops nothing; only the folder's own faults do.
func TestFilesThatGiveNothing(t *testing.T) {
	raw := open(t).Raw(permitted())
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.jpg")
	if err := errors.Join(os.WriteFile(huge, nil, 0o600), os.Truncate(huge, matcher.ImageBytesMax+1)); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.jpg")
	if err := os.WriteFile(text, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	var wall bytes.Buffer
	if err := png.Encode(&wall, image.NewGray(image.Rect(0, 0, 320, 240))); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.png")
	if err := os.WriteFile(empty, wall.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	wish := matcher.RawWish{Vectors: true}
	for path, want := range map[string]string{
		huge: string(matcher.ImageTooLarge), text: "image_type", filepath.Join(dir, "none.jpg"): faultMissing,
		empty: faultNoFace, filepath.Join(mediaDir, "icon_happy.png"): string(matcher.ImageUnreadable),
	} {
		got, err := readFace(t.Context(), raw, path, wish)
		if err != nil || got.fault != want || got.Probe != nil {
			t.Errorf("%s: %q %v, want %q", path, got.fault, err, want)
		}
	}
	if _, err := readFace(t.Context(), raw, dir, wish); err == nil {
		t.Error("a folder was read as a photo")
	}
	got, err := readFace(t.Context(), raw, filepath.Join(mediaDir, "audrey.jpg"), wish)
	if err != nil || got.fault != "" || fmt.Sprintf("%.3f", dot(got.Probe, got.Probe)) != "1.000" || len(got.Frame) != len(got.Probe) {
		t.Errorf("%q %v", got.fault, err)
	}
}
