package matcher

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kaopass/kaopass"
)

// learned is a template after it was shown a frame of a payment.
func learned(t kaopass.Template, enrolled int, frames ...frame) (kaopass.Template, bool) {
	return sample{frames: frames, policy: DefaultPolicy()}.into(t, enrolled)
}

func TestATemplateLearnsWhatIsNearAndNew(t *testing.T) {
	enrolled := kaopass.Template{Model: "m", Frames: [][]float32{at(0), at(10)}} // the middle is 5°
	for name, c := range map[string]struct {
		shown []frame
		want  []float32 // nil: nothing
	}{
		"new":                      {[]frame{{at(45), 60}}, at(45)},
		"as it is already":         {[]frame{{at(11), 90}}, nil},
		"of somebody else":         {[]frame{{at(120), 90}}, nil},
		"like, and not enough":     {[]frame{{at(70), 90}}, nil}, // a gate would let it in
		"the one that adds most":   {[]frame{{at(40), 60}, {at(-40), 60}, {at(3), 99}}, at(-40)},
		"nothing was remembered":   {nil, nil},
		"a vector of another size": {[]frame{{[]float32{1}, 90}}, nil},
	} {
		grown, ok := learned(enrolled, 2, c.shown...)
		if ok != (c.want != nil) || ok && !slices.Equal(grown.Frames[len(grown.Frames)-1], c.want) {
			t.Errorf("%s: %v %v", name, grown.Frames, ok)
		}
		if len(enrolled.Frames) != 2 {
			t.Fatal("the old template was written to")
		}
	}
	if _, ok := learned(enrolled, 0, frame{at(45), 60}); ok {
		t.Error("it learned with nothing to compare with")
	}
	if _, ok := learned(enrolled, 3, frame{at(45), 60}); ok {
		t.Error("it learned, with fewer frames than were enrolled")
	}
}

func TestAFullTemplateForgetsTheLeastUseful(t *testing.T) {
	full := kaopass.Template{Frames: [][]float32{at(0), at(2), at(4), at(6), at(8), at(36), at(37), at(58)}}
	grown, ok := learned(full, 5, frame{at(-27), 60})
	if n := len(grown.Frames); !ok || n != kaopass.TemplateFramesMax {
		t.Fatalf("%d frames, %v", n, ok)
	}
	for i := range 5 {
		if !slices.Equal(grown.Frames[i], full.Frames[i]) {
			t.Errorf("enrolled frame %d is gone", i)
		}
	}
	last := grown.Frames[5:]
	if !slices.Equal(last[1], at(58)) || !slices.Equal(last[2], at(-27)) {
		t.Errorf("kept %v: one of the two that are alike should have gone", last)
	}
	all := kaopass.Template{Frames: [][]float32{at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)}}
	if _, ok := learned(all, 8, frame{at(40), 60}); ok {
		t.Error("an enrolled frame made room")
	}
}

func TestWhatIsRememberedOfAPayment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s samples
		remembered := func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(s.of)
		}
		frames := []frame{{at(45), 60}}
		s.keep("pay_1", frames, aside{}, DefaultPolicy())
		time.Sleep(sampleMax + time.Second)
		synctest.Wait()
		if _, ok := s.take("pay_1"); ok || frames[0].vector[0] != 0 || frames[0].vector[1] != 0 {
			t.Error("it was remembered longer than a payment may last, or not overwritten")
		}
		one, two := []frame{{at(1), 60}}, []frame{{at(2), 60}}
		s.keep("pay_2", one, aside{}, DefaultPolicy())
		s.keep("pay_2", two, aside{}, DefaultPolicy())
		got, ok := s.take("pay_2")
		if !ok || got.frames[0].vector[0] != two[0].vector[0] || one[0].vector[0] != 0 {
			t.Error("the first face of a payment stayed")
		}
		if s.keep("pay_3", nil, aside{}, DefaultPolicy()); remembered() != 0 {
			t.Error("nothing was remembered as something")
		}
		for i := range samplesMax + 10 {
			s.keep(kaopass.PaymentID(rune(i)), []frame{{at(1), 60}}, aside{}, DefaultPolicy())
		}
		if remembered() != samplesMax {
			t.Errorf("%d payments remembered", remembered())
		}
		time.Sleep(sampleMax)
		synctest.Wait()
		if remembered() != 0 {
			t.Errorf("%d left", remembered())
		}
	})
}
