package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// script runs a command as an operator's script would, beside the running server, and reads its one JSON object.
func (v *venue) script(t *testing.T, args ...string) (answer map[string]any, failed bool) {
	t.Helper()
	t.Setenv("KAOPASS_DATA", v.cfg.Data)
	t.Setenv("KAOPASS_PACKAGES", v.cfg.Packages)
	t.Setenv("KAOPASS_MODELS", v.cfg.Models)
	t.Setenv("DATABASE_URL", v.cfg.Database)
	var said bytes.Buffer
	err := run(t.Context(), append(args, "--json"), &said, io.Discard)
	if err != nil && !errors.Is(err, errSaid) {
		t.Fatalf("kaopass %s: %v", strings.Join(args, " "), err)
	}
	d := json.NewDecoder(&said)
	if err := d.Decode(&answer); err != nil || d.More() {
		t.Fatalf("kaopass %s: not one JSON object: %v", strings.Join(args, " "), err)
	}
	return answer, err != nil
}

// hasKeys checks the names that scripts rely on.
func hasKeys(t *testing.T, answer map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, there := answer[name]; !there {
			t.Errorf("no %s among %v", name, slices.Collect(maps.Keys(answer)))
		}
	}
}

// TestOperatorImportsSomebody is accreditation: everything by commands beside the running server, then the person comes,
// in another take.
func TestOperatorImportsSomebody(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	folder := t.TempDir()
	photos := d.stranger // the man at a laptop, as he enrols

	added, _ := v.script(t, "device", "add", "--role", "gate", "--name", "press-1", "--zone", "press")
	hasKeys(t, added, "device_id", "claim_code")
	issued, _ := v.script(t, "ticket", "issue", "--kind", "season", "--count", "2")
	tickets := issued["tickets"].([]any)
	ticket := tickets[1].(map[string]any)
	hasKeys(t, ticket, "ticket_id", "number", "qr")
	var gate struct{ Token, Role, Zone string }
	if err := d.gate.call(t.Context(), "/v1/devices/claim", map[string]any{"code": added["claim_code"]}, &gate); err != nil || gate.Zone != "press" {
		t.Fatal(gate.Zone, err)
	}

	args := []string{"enrol", "--name", "Reporter", "--ticket", ticket["qr"].(string), "--consent", "admission,payment", "--code", "4821",
		"--wallet", "5000", "--consent-ref", "paper form 12", "--contact", "reporter@example.com"}
	for i, photo := range photos {
		args = append(args, "--image", file(t, folder, string(rune('a'+i))+".jpg", photo))
	}
	enrolled, failed := v.script(t, args...)
	hasKeys(t, enrolled, "visitor_id", "enrolment_id", "reason")
	if failed || enrolled["reason"] != "" {
		t.Fatalf("refused: %v", enrolled["reason"])
	}
	args[slices.Index(args, "--contact")+1] = "somebody.else@example.com"
	if other, failed := v.script(t, args...); !failed || other["reason"] == "" || other["visitor_id"] != "" {
		t.Errorf("somebody else with the same ticket: %v", other)
	}

	_, later, err := laptopLater(&v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.gate.token = gate.Token
	qr := ticket["qr"].(string)
	if _, err := d.gateSays(t.Context(), qr, d.face, kaopass.Entry, kaopass.Refuse, kaopass.FaceMismatch); err != nil {
		t.Errorf("another man: %v", err)
	}
	if _, err := d.gateSays(t.Context(), qr, later, kaopass.Entry, kaopass.Admit, kaopass.Admitted); err != nil {
		t.Errorf("he, in another take: %v", err)
	}
	d.code = "4821"
	if p, how, err := d.pay(t.Context(), demoMeal, later); err != nil || p.Status != kaopass.Captured {
		t.Errorf("%s %s: %v", p.says(), how, err)
	}
	for _, check := range []string{"ledger", "verify"} {
		audit, failed := v.script(t, "audit", check)
		hasKeys(t, audit, "ok", "breaches")
		if failed || audit["ok"] != true {
			t.Errorf("audit %s: %v", check, audit)
		}
	}
	v.log.keepsQuiet(t, d.till.token, gate.Token, added["claim_code"].(string))
}

// TestOperatorIsToldWhyAPhotoWillNotDo: a photo that shows nobody, two people, or somebody far away is refused by name.
func TestOperatorIsToldWhyAPhotoWillNotDo(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	franck, laptop := picture(t, d.face[0]), picture(t, d.stranger[0])
	folder := t.TempDir()
	for name, c := range map[string]struct {
		photo image.Image
		want  []kaopass.Reason
	}{
		"nobody":   {flat(640, 480), []kaopass.Reason{kaopass.FaceNone}},
		"two":      {beside(franck, laptop), []kaopass.Reason{kaopass.FaceMany}},
		"far away": {inCorner(franck, 4), []kaopass.Reason{kaopass.FaceUnclear, kaopass.FaceNone}},
	} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, c.photo, nil); err != nil {
			t.Fatal(err)
		}
		answer, failed := v.script(t, "enrol", "--name", "X", "--consent", "admission", "--consent-ref", "form 1",
			"--image", file(t, folder, name+".jpg", b.Bytes()))
		hasKeys(t, answer, "visitor_id", "enrolment_id", "reason")
		if !failed || !slices.Contains(c.want, kaopass.Reason(answer["reason"].(string))) || answer["visitor_id"] != "" {
			t.Errorf("%s: %v", name, answer)
		}
	}
	// Two photos of two people are nobody's enrolment.
	answer, failed := v.script(t, "enrol", "--name", "X", "--consent", "admission", "--consent-ref", "form 1",
		"--image", file(t, folder, "a.jpg", d.face[0]), "--image", file(t, folder, "b.jpg", d.stranger[0]))
	if !failed || answer["reason"] == "" {
		t.Errorf("two people: %v", answer)
	}
}

func TestOperatorSeesNoSecretInTheConfiguration(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://me:hunter2@db.example/kaopass")
	t.Setenv("KAOPASS_SMTP", "smtp://me:hunter2@mail.example:587")
	t.Setenv("KAOPASS_METRICS_TOKEN", "hunter2")
	for _, args := range [][]string{{"config"}, {"config", "--json"}} {
		var said bytes.Buffer
		if err := run(t.Context(), args, &said, &said); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said.String(), "hunter2") || !strings.Contains(said.String(), "mail.example") {
			t.Errorf("%v: %s", args, said.String())
		}
	}
}

func file(t *testing.T, folder, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func picture(t *testing.T, photo []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(photo))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func flat(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{120, 130, 140, 255}), image.Point{}, draw.Src)
	return img
}

// beside puts two people into one photo.
func beside(a, b image.Image) image.Image {
	w, h := a.Bounds().Dx(), max(a.Bounds().Dy(), b.Bounds().Dy())
	img := flat(w+b.Bounds().Dx(), h)
	draw.Draw(img, a.Bounds(), a, a.Bounds().Min, draw.Src)
	draw.Draw(img, b.Bounds().Add(image.Pt(w, 0)), b, b.Bounds().Min, draw.Src)
	return img
}

// inCorner shows a photo so many times smaller.
func inCorner(a image.Image, times int) image.Image {
	img := flat(a.Bounds().Dx(), a.Bounds().Dy())
	for y := range img.Rect.Dy() / times {
		for x := range img.Rect.Dx() / times {
			img.Set(x, y, a.At(x*times, y*times))
		}
	}
	return img
}
