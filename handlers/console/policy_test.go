package console_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// measured stores a measurement of the gallery that loosens by so much.
func (r room) measured(t *testing.T, loosens float64) kaopass.Calibration {
	t.Helper()
	c, err := matcher.DefaultCalibration()
	if err != nil {
		t.Fatal(err)
	}
	c.Own, c.Models = true, []string{r.Faces.Model()}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	standing, err := r.DB.CalibrationInForce(t.Context(), r.Faces.Model())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := r.DB.KeepCalibration(t.Context(), kaopass.Calibration{By: "venue", Model: r.Faces.Model(), People: 900, Strangers: 800,
		Loosens: loosens, Body: b.Bytes()}, standing.ID)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestThePolicyIsShownToAdministrators(t *testing.T) {
	r := open(t)
	admin := r.as(t, kaopass.Admin)
	status, page := admin.get(t, "/console/policy?population=1200000&on_site=150000")
	for _, want := range []string{"1,200,000", "150,000", "Labeled Faces", "From 500 on it measures itself", "Nothing measured yet", "Face size", "Living"} {
		if status != 200 || !strings.Contains(page, want) {
			t.Errorf("%d: no %q", status, want)
		}
	}
	if strings.Contains(page, "console.policy") || strings.Contains(page, "NaN") {
		t.Error("a word is missing, or a number")
	}
	for _, wrong := range []string{"population=0", "population=-5&on_site=-1", "population=x", "population=99999999999", "said=<script>"} {
		if status, page := admin.get(t, "/console/policy?"+wrong); status != 200 || strings.Contains(page, "<script>\"") {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

func TestAnAdministratorDecidesAboutAMeasurement(t *testing.T) {
	r := open(t)
	admin, manager := r.as(t, kaopass.Admin), r.as(t, kaopass.Manager)
	waits := r.measured(t, 0.063)
	path := "/console/policy/" + string(waits.ID)
	if _, page := admin.get(t, "/console/policy"); !strings.Contains(page, "0.063") || !strings.Contains(page, path) {
		t.Error("what waits is not shown")
	}
	if status, _ := manager.post(t, path, "decision", "approve"); status != 403 {
		t.Errorf("a manager decides: %d", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+path, strings.NewReader("decision=approve"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := admin.do(t, req); status != 403 {
		t.Errorf("another site decides: %d", status)
	}
	if status, _ := admin.post(t, path, "decision", "perhaps"); status != 404 {
		t.Errorf("neither yes nor no: %d", status)
	}
	if status, page := admin.post(t, path, "decision", "approve"); status != 200 || !strings.Contains(page, "is in force") || !strings.Contains(page, "In force") {
		t.Errorf("approving: %d", status)
	}
	if status, page := admin.post(t, path, "decision", "decline"); status != 200 || !strings.Contains(page, "does not wait any more") {
		t.Errorf("deciding twice: %d", status)
	}
	second := r.measured(t, 1)
	if status, page := admin.post(t, "/console/policy/"+string(second.ID), "decision", "decline"); status != 200 || !strings.Contains(page, "Not taken") {
		t.Errorf("declining: %d", status)
	}
	if status, _ := admin.post(t, "/console/policy/cal_none", "decision", "approve"); status != 404 {
		t.Errorf("one that is not there: %d", status)
	}
	if _, page := admin.get(t, "/console/events?kind=calibration"); strings.Count(page, "calibration.") < 4 {
		t.Error("decisions are not in the log")
	}
}
