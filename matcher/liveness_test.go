package matcher

import (
	"os"
	"path/filepath"
	"testing"
)

// Prints and people of NUAA, every fourth frame, by the thresholds of each use (ISO/IEC 30107-3: APCER is the share of
// attacks taken for people, BPCER that of people taken for attacks). All frames: kaopass evaluate --pad.
func TestLivenessOfPrintsAndPeople(t *testing.T) {
	dir := os.Getenv("KAOPASS_FACES")
	if dir == "" {
		dir = "../../shared/faces"
	}
	m := open(t)
	w := m.queue.tryTake()
	defer m.queue.put(w)
	scores := map[string][]float64{}
	for _, kind := range []string{"live", "print"} {
		files, err := filepath.Glob(filepath.Join(dir, "pad", kind, "*", "*.jpg"))
		if err != nil || len(files) == 0 {
			t.Skipf("no faces in %s", dir)
		}
		for i := 0; i < len(files); i += 4 {
			b, err := os.ReadFile(files[i])
			if err != nil {
				t.Fatal(err)
			}
			if s := w.see(b, limitsOf(UseGate), false); s.err == nil && s.reason == "" {
				scores[kind] = append(scores[kind], s.live)
			}
		}
	}
	for use, least := range map[string]float64{"capture": captureLiveMin, "gate": m.policy.liveMin(UseGate), "till": m.policy.liveMin(UseTill)} {
		bad := map[string]float64{}
		for kind, all := range scores {
			for _, s := range all {
				if (s >= least) != (kind == "live") {
					bad[kind]++
				}
			}
			bad[kind] /= float64(len(all))
		}
		t.Logf("%s at %.1f: APCER %.2f %%, BPCER %.2f %%", use, least, 100*bad["print"], 100*bad["live"])
		if bad["print"] > 0.01 || bad["live"] > 0.02 {
			t.Errorf("%s: %v", use, bad)
		}
	}
}

// A second look settles what the first leaves open, and is not taken where it leaves nothing open.
func TestTheSecondLook(t *testing.T) {
	m := open(t)
	w := m.queue.tryTake()
	defer m.queue.put(w)
	doubts := 0
	for _, p := range clip(t, cap13) {
		v, err := w.look(p)
		if err != nil || v.faces != 1 {
			continue
		}
		wide, err1 := w.liveWithin(p, v.box, padWide)
		near, err2 := w.liveWithin(p, v.box, padNear)
		got, err3 := w.live(p, v.box)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		want := wide
		if wide > padPrint && wide < padPerson {
			want = (wide + near) / 2
			doubts++
		}
		if got != want || got < captureLiveMin {
			t.Errorf("wide %.3f, near %.3f: %.3f", wide, near, got)
		}
	}
	t.Logf("%d doubts", doubts)
}
