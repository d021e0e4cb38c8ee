package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
)

func TestNextAt(t *testing.T) {
	for _, c := range []struct{ now, clock, want string }{ // the venue's clock is nine hours ahead of UTC
		{"2027-05-02T20:00:00Z", "06:30", "2027-05-02T21:30:00Z"},
		{"2027-05-02T21:30:00Z", "06:30", "2027-05-03T21:30:00Z"},
		{"2027-05-02T14:59:59Z", "00:00", "2027-05-02T15:00:00Z"},
		{"2027-05-02T15:00:00Z", "23:59", "2027-05-03T14:59:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := nextAt(now, c.clock); err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s, %s: %v, %v", c.now, c.clock, got.UTC(), err)
		}
	}
	for _, wrong := range []string{"", "25:00", "6.30", "noon"} {
		if at, err := nextAt(time.Now(), wrong); err == nil {
			t.Errorf("%q is %v", wrong, at)
		}
	}
}

// people brings strangers with made-up faces into the venue: points about a common one, three pictures each.
func (v *venue) people(t *testing.T, n int) {
	t.Helper()
	manifest, err := matcher.DefaultManifest()
	if err != nil {
		t.Fatal(err)
	}
	embed, err := manifest.Model("embed")
	if err != nil {
		t.Fatal(err)
	}
	dim := int(embed.Outputs[0].Shape[1])
	random := rand.New(rand.NewPCG(1, 2))
	about := func(centre []float32, near float64) []float32 {
		out := make([]float32, dim)
		var square float64
		for i := range out {
			x := random.NormFloat64() * math.Sqrt((1-near*near)/float64(dim))
			if centre != nil {
				x += near * float64(centre[i])
			}
			out[i], square = float32(x), square+x*x
		}
		for i := range out {
			out[i] /= float32(math.Sqrt(square))
		}
		return out
	}
	common := about(nil, 0)
	consent := kaopass.Consent{Purpose: kaopass.ForPayment, TextVersion: "test", TextHash: strings.Repeat("0", 64), Method: kaopass.SignedPaper, Mark: "form 12"}
	for i := range n {
		face := about(common, 0.5)
		out, err := v.store.Import(t.Context(), db.Import{Name: fmt.Sprint("Guest ", i), Consents: []kaopass.Consent{consent}, ConsentRef: "form 12",
			Template: kaopass.Template{Model: v.faces.Model(), Frames: [][]float32{about(face, 0.9), about(face, 0.9), about(face, 0.9)}}})
		if err != nil || out.Reason != "" {
			t.Fatal(out.Reason, err)
		}
	}
	waitFor(t, "everyone is in the gallery", func() bool { return v.faces.GallerySize(kaopass.ForPayment) >= n })
}

func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it is not so: %s", what)
		}
	}
}

// A gallery measures itself: too few people say nothing; the first result ends the caution, so it waits for an
// administrator; approved, it is in force here, after a restart, and in what is explained; the next night's is no looser
// and needs nobody.
func TestAVenueCalibratesItself(t *testing.T) {
	v := open(t, nil)
	if kept, err := measureGallery(t.Context(), v.store, v.faces, byVenue); err != nil || kept.State != "" {
		t.Fatalf("an empty gallery: %v, %+v", err, kept)
	}
	v.people(t, kaopass.CalibrationPeople+50)
	first, err := measureGallery(t.Context(), v.store, v.faces, byVenue)
	if err != nil || first.State != kaopass.CalibrationWaits || v.faces.Policy().Calibration.Own {
		t.Fatalf("%v, %s, loosens by %.3f", err, first.State, first.Loosens)
	}
	admin, err := v.store.AddStaff(t.Context(), kaopass.Staff{Login: "boss", Name: "Boss", Role: kaopass.Admin}, "a password", byVenue)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.store.DecideCalibration(t.Context(), first.ID, true, admin.ID); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the approved one is in force", func() bool { return v.faces.Policy().Calibration.Own })
	v.log.keepsQuiet(t)
	t.Setenv("DATABASE_URL", v.store.URL)
	t.Setenv("KAOPASS_DATA", v.cfg.Data)
	t.Setenv("KAOPASS_PACKAGES", v.cfg.Packages)
	t.Setenv("KAOPASS_MODELS", v.cfg.Models)
	if text, err := explain(t); err != nil || !strings.Contains(text, "this venue's own people") {
		t.Errorf("%v\n%s", err, text)
	}
	var out, log bytes.Buffer
	var kept calibrated
	err = run(t.Context(), []string{"policy", "calibrate", "--json"}, &out, &log)
	if err = errors.Join(err, json.Unmarshal(out.Bytes(), &kept)); err != nil || kept.State != kaopass.CalibrationStands || kept.Loosens > kept.Step {
		t.Errorf("%v, %s\n%s", err, out.String(), log.String())
	}
	waitFor(t, "the next one is followed", func() bool {
		standing, err := v.store.CalibrationInForce(t.Context(), v.faces.Model())
		return err == nil && standing.ID == kept.ID
	})
}

// At night of several servers one measures; a calibration that was named stays in force whatever the database says.
func TestANamedCalibrationStays(t *testing.T) {
	named, err := matcher.DefaultCalibration()
	if err != nil {
		t.Fatal(err)
	}
	named.Source = "a file"
	var b bytes.Buffer
	file := filepath.Join(t.TempDir(), "named.json")
	if err := errors.Join(named.Write(&b), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	v := open(t, func(c *Config) { c.Calibration, c.CalibrateAt = file, "06:30" })
	named.Own, named.Source = true, "the database"
	b.Reset()
	if err := named.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := v.store.KeepCalibration(t.Context(), kaopass.Calibration{By: byVenue, Model: v.faces.Model(), Body: b.Bytes()}, ""); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if source := v.faces.Policy().Calibration.Source; source != "a file" {
		t.Errorf("%s is in force", source)
	}
}

// A calibration that cannot be read leaves the one before in force, and the venue open.
func TestACalibrationThatCannotBeReadIsSaid(t *testing.T) {
	v := open(t, nil)
	if _, err := v.store.KeepCalibration(t.Context(), kaopass.Calibration{By: byVenue, Model: v.faces.Model(), Body: []byte("{}")}, ""); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it is said", func() bool { return strings.Contains(v.log.String(), "is not used") })
	if v.faces.Policy().Calibration.Own {
		t.Error("it is in force")
	}
}
