package matcher

import (
	"math"
	"slices"

	"github.com/kaopass/kaopass"
)

// Use is what a face is read for; a till at a wall and an enrolment ask for different quality.
type Use string

// The uses.
const (
	UseEnrol Use = "enrol"
	UseGate  Use = "gate"
	UseTill  Use = "till"
)

// limits is what a face must show to be used.
type limits struct {
	heightMin  float64 // pixels of the face's box; 80 px keep a cosine of 0.98 to full size, 48 px 0.89
	yawMax     float64 // see pose
	pitchMin   float64
	pitchMax   float64
	rollMax    float64 // radians
	lightMin   float64 // see quality
	burntMax   float64
	sharpMin   float64
	eyesNeeded bool
}

func limitsOf(use Use) limits {
	switch use {
	case UseEnrol:
		return limits{heightMin: 112, yawMax: 0.10, pitchMin: 0.15, pitchMax: 0.72, rollMax: 0.35,
			lightMin: 42, burntMax: 0.5, sharpMin: 12, eyesNeeded: true}
	case UseTill: // nobody pays asleep
		return limits{heightMin: 80, yawMax: 0.22, pitchMin: 0.10, pitchMax: 0.85, rollMax: 0.6,
			lightMin: 32, burntMax: 0.7, sharpMin: 6, eyesNeeded: true}
	}
	return limits{heightMin: 80, yawMax: 0.22, pitchMin: 0.10, pitchMax: 0.85, rollMax: 0.6,
		lightMin: 32, burntMax: 0.7, sharpMin: 6}
}

// What covers a face, as far as the aligned face tells: see quality for what each is measured to be.
const (
	glassesMax  = 0.35 // sunglasses: the eyes are this much darker than the cheeks
	maskMin     = 15   // cloth: another colour than the nose …
	maskPlain   = 16   // … and plain
	maskCertain = 40   // or quite another colour
	contrastMin = 8    // a face with no features at all
)

func (q quality) covered() bool {
	return q.glasses < glassesMax || q.mask > maskCertain || q.mask > maskMin && q.plain < maskPlain
}

// judge answers why a face cannot be used, before liveness and before any comparison.
func (v *view) judge(l limits) kaopass.Reason {
	switch {
	case v.faces == 0:
		return kaopass.FaceNone
	case v.faces > 1:
		return kaopass.FaceMany
	case v.box.h() < l.heightMin, v.quality.light < l.lightMin, v.quality.burnt > l.burntMax,
		v.quality.sharp < l.sharpMin, v.quality.contrast < contrastMin:
		return kaopass.FaceUnclear
	case v.turned(l):
		return kaopass.FaceTurned
	case v.quality.covered():
		return kaopass.FaceCovered
	case l.eyesNeeded && !v.eyesOpen:
		return kaopass.FaceUnclear
	}
	return ""
}

func (v *view) turned(l limits) bool {
	return math.Abs(v.pose.yaw) > l.yawMax || v.tilted(l)
}

func (v *view) tilted(l limits) bool {
	return v.pose.pitch < l.pitchMin || v.pose.pitch > l.pitchMax || math.Abs(v.pose.roll) > l.rollMax
}

// furthest is, of several frames' reasons, the one of the frame that came nearest to being used: what to mend next.
func furthest(reasons []kaopass.Reason) kaopass.Reason {
	order := []kaopass.Reason{kaopass.FaceNone, kaopass.FaceMany, kaopass.FaceUnclear, kaopass.FaceTurned,
		kaopass.FaceCovered, kaopass.NotLive}
	best := kaopass.FaceNone
	for _, r := range reasons {
		if slices.Index(order, r) > slices.Index(order, best) {
			best = r
		}
	}
	return best
}
