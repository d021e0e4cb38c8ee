package matcher

import (
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass"
)

// Whoever stole a code shows their own face for a hundred days: the template never learns it.
func TestAStrangerWithTheCodeTeachesNothing(t *testing.T) {
	mine, theirs := framesOf(t, franck, UseTill), append(framesOf(t, cap12, UseTill), framesOf(t, cap13, UseTill)...)
	template := kaopass.Template{Model: "m", Frames: choose(mine[:10], kaopass.EnrolledFramesMax)}
	enrolled := len(template.Frames)
	var ok bool
	for day := range 100 {
		if template, ok = learned(template, enrolled, theirs[day%len(theirs)]); ok {
			t.Fatalf("day %d: it learned a stranger", day)
		}
	}
	if _, ok = learned(template, enrolled, mine[10:]...); !ok {
		t.Error("it does not learn its own person either")
	}
}

// The worst that could be shown: every day a face that is just near enough to be learned, as far towards the stranger as
// that allows (a mask, a morph, a drawn face), and none of it helps the stranger: what is compared is what was enrolled.
func TestATemplateDoesNotDrift(t *testing.T) {
	mine, theirs := framesOf(t, franck, UseTill), vectorsOf(framesOf(t, cap12, UseTill))
	template := kaopass.Template{Frames: choose(mine[:10], kaopass.EnrolledFramesMax)}
	enrolled := len(template.Frames)
	anchor, stranger := template.Fused(), fuse(theirs)
	before := cosine(anchor, stranger)
	near := DefaultPolicy().gate(1, enrolled) + growMargin
	lessons := 0
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		shown := towards(anchor, astray(random, stranger, 0.9), near+0.002)
		next, ok := learned(template, enrolled, frame{shown, 100})
		if ok {
			lessons++
		}
		template = next
	}
	after, gate := cosine(template.Fused(), stranger), DefaultPolicy().gate(1, kaopass.TemplateFramesMax)
	t.Logf("%d lessons in 100 days: the stranger is at %.3f, from %.3f at first; a gate asks for %.3f", lessons, after, before, gate)
	if lessons < 3 || after > gate-0.1 || len(template.Frames) > kaopass.TemplateFramesMax {
		t.Errorf("%d lessons, %d frames, the stranger at %.3f", lessons, len(template.Frames), after)
	}
	if own := lowest(template.Frames, mine[10:]); own < gate {
		t.Errorf("its own person is not known any more: %.3f", own)
	}
}

// astray is a unit vector at random with this cosine to another: what is shown twice has to differ to be learned.
func astray(random *rand.Rand, v []float32, near float64) []float32 {
	off := make([]float32, len(v))
	for i := range off {
		off[i] = float32(random.NormFloat64())
	}
	normalise(off)
	return towards(v, off, near)
}

// towards is the unit vector between two that has this cosine to the first.
func towards(from, to []float32, near float64) []float32 {
	low, high := 0.0, 1.0
	at := func(share float64) []float32 {
		v := make([]float32, len(from))
		for i := range v {
			v[i] = float32(1-share)*from[i] + float32(share)*to[i]
		}
		normalise(v)
		return v
	}
	for range 40 {
		if middle := (low + high) / 2; cosine(at(middle), from) > near {
			low = middle
		} else {
			high = middle
		}
	}
	return at(low)
}
