package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/matcher"
)

// opened is one start of the program on a data folder that others use before and after it.
func opened(t *testing.T, cfg Config) (*program, *journal) {
	t.Helper()
	said := &journal{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(said, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	p, err := start(t.Context(), &cfg, output{said, said})
	if err != nil {
		t.Fatal(err)
	}
	return p, said
}

func (p *program) ends(t *testing.T) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// made is a template of nobody: a random direction.
func made(p *matcher.Matcher, n int) kaopass.Template {
	random := rand.New(rand.NewPCG(uint64(n), 7))
	v := make([]float32, p.VectorLen())
	var square float64
	for i := range v {
		v[i] = float32(random.NormFloat64())
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return kaopass.Template{Model: p.Model(), Frames: [][]float32{v}}
}

// guests enrols people who were never seen, and waits until they can be found.
func (p *program) guests(t *testing.T, from, to int) (ids []db.Imported) {
	t.Helper()
	for n := from; n < to; n++ {
		in := db.Import{Name: "Guest", Language: kaopass.English, Template: made(p.faces, n), ConsentRef: "test"}
		for _, purpose := range kaopass.Purposes() {
			in.Consents = append(in.Consents, kaopass.Consent{Purpose: purpose, TextVersion: "test", TextHash: kaopass.TextHash("test"),
				Language: kaopass.English, Method: kaopass.SignedPaper, Mark: "test"})
		}
		out, err := p.store.Import(t.Context(), in)
		if err != nil || out.Reason != "" {
			t.Fatal(out.Reason, err)
		}
		ids = append(ids, out)
	}
	p.holds(t, to)
	return ids
}

func (p *program) holds(t *testing.T, people int) {
	t.Helper()
	eventually(t, fmt.Sprint(people, " in the gallery"), func() bool { return p.faces.GallerySize(kaopass.ForPayment) == people })
}

// nearest is who is found for some probes, all of them in order: what a search answers, but for the scores.
func (p *program) nearest() string {
	var all strings.Builder
	for n := range 8 {
		fmt.Fprintln(&all, p.faces.Neighbours(made(p.faces, 1000+n)).Nearest)
	}
	return all.String()
}

func says(t *testing.T, said fmt.Stringer, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(said.String(), word) {
			t.Errorf("the log does not say %q:\n%s", word, said)
		}
	}
}

func TestAStartFromTheSnapshotIsAStartFromTheDatabase(t *testing.T) {
	slow(t)
	cfg := demoConfig(t)
	cfg.Data = filepath.Join(dbtest.Dir(t), "var")
	path := filepath.Join(cfg.Data, snapshotFile)

	p, said := opened(t, cfg)
	says(t, said, "from=database", `why="no snapshot"`)
	guests := p.guests(t, 0, 40)
	p.ends(t)
	says(t, said, "snapshot of the gallery written")

	p, said = opened(t, cfg)
	says(t, said, "from=snapshot", "people=40")
	p.guests(t, 40, 45)
	all := p.nearest()
	stale, err := os.ReadFile(path) // without the last five, and with whoever is erased next
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.store.EraseFace(t.Context(), guests[3].Visitor); err != nil { // as another process would
		t.Fatal(err)
	}
	p.holds(t, 44)
	p.ends(t)
	fresh, err := os.ReadFile(path)
	if err != nil || bytes.Equal(fresh, stale) {
		t.Fatal("the last snapshot is the one before", err)
	}

	for what, c := range map[string]struct {
		file []byte
		want []string
	}{
		"from before an erasure": {stale, []string{"from=database", "its key was destroyed"}},
		"damaged":                {append(bytes.Clone(fresh[:len(fresh)/2]), fresh[len(fresh)/2+1:]...), []string{"from=database", "damaged"}},
		"good":                   {fresh, []string{"from=snapshot", "people=44"}},
	} {
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg.SnapshotEvery = 10 * time.Minute
		p, said = opened(t, cfg)
		says(t, said, c.want...)
		got := p.nearest()
		if strings.Contains(got, string(guests[3].Enrolment)) {
			t.Errorf("%s: an erased person is found", what)
		}
		if want := strings.NewReplacer(" "+string(guests[3].Enrolment), "", string(guests[3].Enrolment)+" ", "").Replace(all); got != want {
			t.Errorf("%s: found\n%s, want\n%s", what, got, want)
		}
		if c.want[0] == "from=snapshot" {
			p.ends(t)
			continue
		}
		p.stop() // no last snapshot: the next one is to find the file that the table names
		p.snapshots.every = 0
		p.ends(t)
	}
}

// The whole program is killed a moment after an erasure; the next start finds nobody who was erased.
func TestAKilledServerForgets(t *testing.T) {
	slow(t)
	cfg := demoConfig(t)
	cfg.Data = filepath.Join(dbtest.Dir(t), "var")
	p, _ := opened(t, cfg)
	guests := p.guests(t, 0, 10)
	p.ends(t)
	for round := range 3 {
		s := serve(t, cfg)
		if round == 0 {
			says(t, s.said, "from=snapshot", "people=10")
		}
		store, err := openStore(t.Context(), &cfg, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.EraseFace(t.Context(), guests[round].Visitor); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond) //nolint:gosec // a pause
		if err := s.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.Wait() // says that it was killed
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p, said := opened(t, cfg)
	defer p.ends(t)
	says(t, said, "from=database", "people=7")
	for n := range 3 {
		if found := p.faces.Neighbours(made(p.faces, n)); len(found.Same) > 0 {
			t.Error("found after the erasure:", found.Same)
		}
	}
}

func TestReadinessNamesTheIndex(t *testing.T) {
	v := open(t, nil)
	ready := func() (status int, h health) {
		res, err := http.Get(v.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // only read
		if err := json.NewDecoder(res.Body).Decode(&h); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, h
	}
	if status, h := ready(); status != 200 || h.Parts["index"] != "ok" {
		t.Error(status, h)
	}
	v.faces.HoldGallery()
	if status, h := ready(); status != 503 || h.Parts["index"] != "loading" || h.Parts["database"] != "ok" {
		t.Error(status, h)
	}
	v.faces.OpenGallery(0)
	res, err := http.Get(v.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{"kaopass_gallery_people 0", "kaopass_gallery_on_site 0", "kaopass_gallery_snapshot_age_seconds ",
		`kaopass_gallery_loaded{from="database",why="no snapshot"} 1`} {
		if !strings.Contains(string(text), metric) {
			t.Errorf("no %q", metric)
		}
	}
}

// An erasure spoils the snapshot; the next one is written soon, whatever the usual interval.
func TestASpoiledSnapshotIsReplacedSoon(t *testing.T) {
	v := open(t, nil)
	guests := v.guests(t, 0, 3)
	v.saveSnapshot(t.Context())
	if v.snapshotAge() == 0 {
		t.Fatal("no snapshot")
	}
	if _, err := v.store.EraseFace(t.Context(), guests[0].Visitor); err != nil {
		t.Fatal(err)
	}
	v.holds(t, 2)
	eventually(t, "spoiled", func() bool { return v.snapshotAge() == 0 })
	v.saveSnapshotIfDue(t.Context())
	if v.snapshotAge() != 0 {
		t.Error("written at once: erasures would keep the disk busy")
	}
	v.snapshots.tried = v.snapshots.tried.Add(-spoiledFor)
	v.saveSnapshotIfDue(t.Context())
	if v.snapshotAge() == 0 {
		t.Error("not written anew")
	}
}

// The feed stands still, because somebody left a transaction open; whoever withdraws on the phone is not found from the
// answer on all the same, nor is what they gave before brought back when the feed goes on.
func TestAWithdrawalDoesNotWaitForTheFeed(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	for _, step := range []func(context.Context) (string, error){d.signUp, d.consent} {
		if _, err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	who, err := d.whoAmI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.store.Enrol(t.Context(), db.Enrol{Visitor: who, Template: made(v.faces, 1), By: "self"}); err != nil {
		t.Fatal(err)
	}
	v.holds(t, 1)
	raw, err := sql.Open("postgres", v.store.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close() //nolint:errcheck // the test's own
	hold, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.ExecContext(t.Context(), "SELECT pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.phone.form(t.Context(), "/me/withdraw/payment", nil); err != nil {
		t.Fatal(err)
	}
	if left := v.faces.GallerySize(kaopass.ForPayment); left != 0 {
		t.Error("found after the answer")
	}
	if err := hold.Rollback(); err != nil {
		t.Fatal(err)
	}
	seq := v.faces.GallerySeq()
	eventually(t, "the feed to go on", func() bool { return v.faces.GallerySeq() > seq })
	if left := v.faces.GallerySize(kaopass.ForPayment); left != 0 {
		t.Error("the feed brought somebody back")
	}
}

// Who goes through a gate is on the site for the tills a moment later, and no longer when they leave or the day ends.
func TestTillsKnowWhoIsOnTheSite(t *testing.T) {
	v := open(t, nil)
	guests := v.guests(t, 0, 2)
	_, code, err := v.store.AddDevice(t.Context(), kaopass.Gate, "test", "east", operator)
	if err != nil {
		t.Fatal(err)
	}
	gate, _, err := v.store.ClaimDevice(t.Context(), code, "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	tickets, err := v.store.IssueTickets(t.Context(), db.IssueTickets{Kind: kaopass.Season, Count: 1, Actor: operator})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.store.BindTicket(t.Context(), guests[0].Visitor, tickets[0].QR); err != nil {
		t.Fatal(err)
	}
	through := func(direction kaopass.Direction) db.Admission {
		t.Helper()
		a, err := v.store.Admit(t.Context(), db.Admit{Device: gate.ID, QR: tickets[0].QR, Direction: direction,
			Compare: func(kaopass.Template) kaopass.Reason { return "" }})
		if err == nil && a.Verdict.Decision == kaopass.Admit {
			_, err = v.store.Passed(t.Context(), kaopass.Key{}, gate.ID, a.ID)
		}
		if err != nil {
			t.Fatal(a.Verdict, err)
		}
		return a
	}
	agree := func(what string, people int) {
		t.Helper()
		eventually(t, what, func() bool { return v.faces.OnSite() == people })
		if s, err := v.store.GateStatus(t.Context(), gate.ID); err != nil || s.Inside != people {
			t.Error(what, s.Inside, err)
		}
	}
	agree("nobody yet", 0)
	through(kaopass.Entry)
	agree("one came", 1)
	through(kaopass.Exit)
	agree("and left", 0)
	a := through(kaopass.Entry)
	agree("and came back", 1)
	if _, err := v.store.Undo(t.Context(), kaopass.Key{}, gate.ID, a.ID, "mistake"); err != nil {
		t.Fatal(err)
	}
	agree("which staff took back", 0)
	through(kaopass.Entry)
	agree("and came again", 1)
	if _, err := v.store.EraseFace(t.Context(), guests[0].Visitor); err != nil {
		t.Fatal(err)
	}
	eventually(t, "erased, still inside, and not to be found", func() bool { return v.faces.OnSite() == 0 })
}
