package matcher

import (
	"math"

	"github.com/kaopass/kaopass"
)

// steps is how many steps a capture shows: the front, the turns, the front again. A turn more makes one more.
func (c *Capture) steps() int { return c.turns.needed + 2 }

// stepShown is which of them it is at.
func (c *Capture) stepShown() int {
	switch c.step {
	case stepFront:
		return 1
	case stepTurn:
		return min(c.turns.right+2, c.steps())
	}
	return c.steps()
}

// someone answers what is wrong where there is not exactly one person.
func (v *view) someone() kaopass.Hint {
	switch {
	case v.faces == 0:
		return kaopass.HintLook
	case v.faces > 1:
		return kaopass.HintAlone
	}
	return ""
}

// mend answers the one thing to change before a frame is good enough to enrol, the most basic first.
func (v *view) mend() kaopass.Hint {
	if lacks, ok := v.lacking(limitsOfCapture()); !ok {
		return lacks.remedy().hint
	}
	return ""
}

// steady keeps a hint from flickering: another one is shown when it came twice in a row.
type steady struct{ shown, coming kaopass.Hint }

func (s *steady) hint(h kaopass.Hint) kaopass.Hint {
	if h != s.shown && h != s.coming && s.shown != "" {
		s.coming = h
		return s.shown
	}
	s.shown, s.coming = h, ""
	return h
}

// now shows a hint at once: something was achieved.
func (s *steady) now(h kaopass.Hint) kaopass.Hint {
	s.shown, s.coming = h, ""
	return h
}

// say reports a frame that brought nothing.
func (c *Capture) say(h kaopass.Hint) kaopass.Progress { return c.report(c.hints.hint(h)) }

// advanceTo reports a frame that brought the capture on.
func (c *Capture) advanceTo(h kaopass.Hint) kaopass.Progress { return c.report(c.hints.now(h)) }

// report puts a hint beside how far the capture is.
func (c *Capture) report(h kaopass.Hint) kaopass.Progress {
	share := math.Min(float64(len(c.fronts))/frontsMin, 1) / 2
	if c.step > stepFront {
		share = 0.5 + 0.4*float64(c.turns.right)/float64(c.turns.needed)
	}
	c.progress = kaopass.Progress{Hint: h, Step: c.stepShown(), Steps: c.steps(), Share: share}
	return c.progress
}
