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
	floor   grades  // of each component
	unified float64 // of the whole, once the face is embedded
}

// limitsOf says what each use asks for. Why it is these is in DESIGN.md, "Quality": by how much each moves the share of
// people who are not recognised.
func limitsOf(use Use) limits {
	switch use {
	case UseEnrol:
		return limits{unified: 30, floor: grades{singleFace: 51, faceSize: 45, underExposure: 27.5, overExposure: 60,
			dynamicRange: 62.5, sharpness: 45, compression: 40, poseRoll: 65, posePitch: 40, poseYaw: 75, eyesVisible: 52,
			mouthVisible: 50, eyesOpen: 50}}
	case UseTill: // nobody pays asleep
		l := limitsOf(UseGate)
		l.floor[eyesOpen] = 50
		return l
	}
	return limits{floor: grades{singleFace: 51, faceSize: 25, underExposure: 20, overExposure: 20, dynamicRange: 62.5,
		sharpness: 30, compression: 20, poseRoll: 40, posePitch: 24, poseYaw: 25, eyesVisible: 44, mouthVisible: 50}}
}

// limitsOfCapture are those of enrolling, by a person who can still be asked to step back or to the middle.
func limitsOfCapture() limits {
	l := limitsOf(UseEnrol)
	l.floor[nearness], l.floor[centring] = 16, 44
	return l
}

// lacking is the first component under its floor; ok where there is none.
func (v *view) lacking(l limits) (_ component, ok bool) {
	g := v.grades()
	for c, value := range g {
		if value < l.floor[c] {
			return component(c), false
		}
	}
	return 0, true
}

// weakest is the component that has the least to spare above its floor: what to mend where the whole is not good enough
// and none of its parts is to blame.
func (v *view) weakest(l limits) component {
	g := v.grades()
	weakest, least := underExposure, math.Inf(1)
	for c, value := range g {
		if c := component(c); c != singleFace && c != compression {
			if spare := (value - l.floor[c]) / (101 - l.floor[c]); spare < least {
				weakest, least = c, spare
			}
		}
	}
	return weakest
}

// judge answers why a face cannot be used, before liveness and before any comparison.
func (v *view) judge(l limits) kaopass.Reason {
	if v.faces == 0 {
		return kaopass.FaceNone
	}
	if lacks, ok := v.lacking(l); !ok {
		return lacks.remedy().reason
	}
	return ""
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
