package matcher

import (
	"math"

	"github.com/kaopass/kaopass"
)

// component is one measure of a face's quality, after ISO/IEC 29794-5:2025: from 0, a severe defect, to 100. Which of
// the standard's measures each follows, and what each costs in people who are not recognised, is in DESIGN.md. Nobody
// is ever shown a number; people are shown the one thing to mend.
type component int

// The components in the order in which they are judged and mended, the most basic first.
const (
	singleFace    component = iota // single face present
	faceSize                       // inter-eye distance, as the height of the face
	nearness                       // crop of the face image: too near
	centring                       // crop of the face image: aside
	underExposure                  // under-exposure prevention
	overExposure                   // over-exposure prevention
	dynamicRange                   // dynamic range
	sharpness                      // sharpness
	compression                    // no compression artefacts
	poseRoll                       // head pose
	posePitch                      //
	poseYaw                        //
	eyesVisible                    // eyes visible: sunglasses
	mouthVisible                   // mouth occlusion prevention: masks, hands
	eyesOpen                       // eyes open
	components                     // how many there are
)

// remedy is what a person is told where a component is too low, and the reason where a photo is refused for it.
type remedy struct {
	name   string
	hint   kaopass.Hint
	reason kaopass.Reason
}

func (c component) remedy() remedy {
	return [components]remedy{
		singleFace:    {"single face", kaopass.HintAlone, kaopass.FaceMany},
		faceSize:      {"face size", kaopass.HintCloser, kaopass.FaceUnclear},
		nearness:      {"not too near", kaopass.HintFurther, kaopass.FaceUnclear},
		centring:      {"centred", kaopass.HintCentre, kaopass.FaceUnclear},
		underExposure: {"under-exposure", kaopass.HintLight, kaopass.FaceUnclear},
		overExposure:  {"over-exposure", kaopass.HintGlare, kaopass.FaceUnclear},
		dynamicRange:  {"dynamic range", kaopass.HintStill, kaopass.FaceUnclear},
		sharpness:     {"sharpness", kaopass.HintStill, kaopass.FaceUnclear},
		compression:   {"compression", kaopass.HintStill, kaopass.FaceUnclear},
		poseRoll:      {"roll", kaopass.HintLevel, kaopass.FaceTurned},
		posePitch:     {"pitch", kaopass.HintLevel, kaopass.FaceTurned},
		poseYaw:       {"yaw", kaopass.HintFront, kaopass.FaceTurned},
		eyesVisible:   {"eyes visible", kaopass.HintUncover, kaopass.FaceCovered},
		mouthVisible:  {"mouth visible", kaopass.HintUncover, kaopass.FaceCovered},
		eyesOpen:      {"eyes open", kaopass.HintEyes, kaopass.FaceUnclear},
	}[c]
}

// String names the component in a report.
func (c component) String() string { return c.remedy().name }

// grades is a face's quality by component, 0 to 100 each.
type grades [components]float64

// between says where a value lies between the worst, 0, and the best, 100.
func between(v, worst, best float64) float64 {
	return 100 * math.Min(math.Max((v-worst)/(best-worst), 0), 1)
}

// pitchMiddle is where the tip of a level head's nose lies between its eyes and mouth (the median of LFW is 0.53, of
// webcams that look up at a face 0.28 to 0.47).
const pitchMiddle = 0.47

// grades turns what a picture shows into what it is worth. A picture with no face in it is worth nothing.
func (v *view) grades() (g grades) {
	if v.faces == 0 {
		return g
	}
	q, size := v.quality, v.picture.Rect.Size()
	x := (v.box.x1+v.box.x2)/2/float64(size.X) - 0.5
	y := (v.box.y1+v.box.y2)/2/float64(size.Y) - 0.5
	g[singleFace] = between(v.other, 1, 0)
	g[faceSize] = between(v.box.h(), 40, 200)
	g[nearness] = between(v.box.h()/float64(size.Y), 1, 0.5)
	g[centring] = between(math.Max(math.Abs(x), math.Abs(y)), 0.5, 0)
	g[underExposure] = between(q.light, 20, 100)
	g[overExposure] = between(q.burnt, 0.5, 0)
	g[dynamicRange] = between(q.tones, 0, 8)
	g[sharpness] = between(math.Log(q.sharp+1), math.Log(3), math.Log(150))
	g[compression] = between(v.blocking, 3, 1)
	g[poseRoll] = between(math.Abs(v.pose.roll), 1, 0)
	g[posePitch] = between(math.Abs(v.pose.pitch-pitchMiddle), 0.5, 0)
	g[poseYaw] = between(math.Abs(v.pose.yaw), 0.4, 0)
	g[eyesVisible] = between(q.glasses, 0, 0.8)
	g[mouthVisible] = between(q.mask, 2*q.clothFrom(), 0)
	if v.eyesOpen {
		g[eyesOpen] = max(50, between(v.marks.eyeOpening(), 0.10, 0.30))
	}
	return g
}

// What covers a mouth: cloth of quite another colour than the nose, or one somewhat other and plain.
const (
	maskCertain = 40
	maskPlain   = 15
	plainMax    = 16 // see quality.plain
)

// clothFrom is the difference in colour from which on what is about the mouth counts as cloth: 50 by its grade.
func (q quality) clothFrom() float64 {
	if q.plain < plainMax {
		return maskPlain
	}
	return maskCertain
}

// What the manifest says of an embedder's lengths; see [workspace.score].
const (
	lengthWorst = "length_worst"
	lengthBest  = "length_best"
)

// scoreUnknown is everybody's score where the manifest does not say what an embedder's lengths are worth: then frames are
// chosen by their difference alone, and no floor refuses anybody.
const scoreUnknown = 50

// score is the unified quality score, 0 to 100, of the face that was embedded last. The length of the embedder's answer
// before it is made a unit vector says how much of a face it has seen (Meng et al., MagFace, 2021; the standard's unified
// quality score is such a length). No component foretells as well whether a face will be recognised: of LFW's genuine
// pairs 50 % are refused where it is under 2.5, 1.1 % from 3.5 on, none from 4 on. Another embedder has other lengths.
func (w *workspace) score() float64 {
	says := w.calls.embed.network.model.Calibration
	worst, best := says[lengthWorst], says[lengthBest]
	if worst >= best {
		return scoreUnknown
	}
	return between(w.length, worst, best)
}
