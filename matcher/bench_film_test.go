package matcher

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass"
)

// franckOnFilm are scenes of the man who turns his head, as kaopass bench attack plays them.
func franckOnFilm(t testing.TB) (f AttackFilm) {
	frames := clip(t, franck)
	for _, i := range []int{22, 23, 24, 25, 26} {
		f.Front = append(f.Front, frames[i])
	}
	for _, i := range []int{31, 35} {
		f.Left, f.Right = append(f.Left, frames[i]), append(f.Right, mirrored(frames[i]))
	}
	return f
}

// A film of an enrolment that went well is no better than chance against the next one, and somebody who plays what is
// asked for enrols: that is what is known not to be stopped.
func TestARecordedEnrolmentPlayedAgain(t *testing.T) {
	tries := lieCount(4)
	var rates AttackFilms
	if err := open(t).attackFilms(t.Context(), &rates, "", AttackSet{Film: franckOnFilm(t), Captures: tries}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", rates)
	if rates.Films != tries || rates.Recorded != tries || rates.Looped != tries {
		t.Fatalf("tried %+v", rates)
	}
	if rates.Film == 0 {
		t.Error("whoever plays what is asked for does not enrol: then nobody does")
	}
	if enrolled := rates.Record * float64(tries); tries >= 4 && enrolled > 0.34*float64(tries)+3 {
		t.Errorf("%.0f of %d recordings enrolled", enrolled, tries)
	}
}

func TestALoopRepeatsItself(t *testing.T) {
	film, err := franckOnFilm(t).play("", 0)
	if err != nil {
		t.Fatal(err)
	}
	fixed := shortLoop()
	show := looping(rand.New(rand.NewPCG(1, 1)), film, fixed)
	for n := range len(fixed) {
		if a, b := show("", n), show(kaopass.HintTurnLeft, n+2*len(fixed)); a != b {
			t.Fatalf("frame %d: another one two rounds later, or another because something was asked", n)
		}
	}
	var a image.Image = film[sceneLeft][0]
	if len(film[sceneLeft]) != 4 || a == nil {
		t.Errorf("%d frames of a turn", len(film[sceneLeft]))
	}
}
