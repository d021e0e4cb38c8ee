package kaopass

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Template is what is kept of a face (ISO/IEC 2382-37, "biometric template"): unit vectors of a few varied frames. It
// cannot be printed, logged or marshalled to JSON by accident.
type Template struct {
	Model  string      // id of the model that made it; vectors of two models are never compared
	Frames [][]float32 // 1 to TemplateFramesMax vectors, all of one length, each of norm 1
}

// TemplateFramesMax is how many frames a template keeps; more add nothing measurable (DESIGN, section 7).
const TemplateFramesMax = 8

// Fused is the renormalised mean of the frames: the one vector that a comparison uses. Nil where there is no frame.
func (t Template) Fused() []float32 {
	if len(t.Frames) == 0 {
		return nil
	}
	sum := make([]float32, len(t.Frames[0]))
	var square float64
	for i := range sum {
		for _, f := range t.Frames {
			sum[i] += f[i]
		}
		square += float64(sum[i]) * float64(sum[i])
	}
	if square == 0 {
		return sum
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range sum {
		sum[i] *= scale
	}
	return sum
}

// Wipe overwrites the numbers: nothing of the face is left in this memory.
func (t Template) Wipe() {
	for _, f := range t.Frames {
		clear(f)
	}
}

// String hides the numbers.
func (t Template) String() string { return "template(hidden)" }

// Format hides the numbers from every verb of fmt: String alone would let %d and %f through.
func (t Template) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// MarshalJSON refuses: a template goes nowhere as JSON.
func (t Template) MarshalJSON() ([]byte, error) {
	return nil, errors.New("kaopass: a template is never written as JSON")
}

// templateVersion is the first byte of the binary form: version, model length, model, frames, dimension, numbers.
const templateVersion = 1

// MarshalBinary gives the form that is sealed and stored: little endian, float32.
func (t Template) MarshalBinary() ([]byte, error) {
	if len(t.Frames) == 0 || len(t.Frames) > TemplateFramesMax || len(t.Model) > 255 {
		return nil, fmt.Errorf("kaopass: a template of %d frames, model %q", len(t.Frames), t.Model)
	}
	dim := len(t.Frames[0])
	if dim == 0 || dim > math.MaxUint16 {
		return nil, fmt.Errorf("kaopass: a template of %d dimensions", dim)
	}
	b := append([]byte{templateVersion, byte(len(t.Model))}, t.Model...)
	b = append(b, byte(len(t.Frames)))
	b = binary.LittleEndian.AppendUint16(b, uint16(dim))
	for _, f := range t.Frames {
		if len(f) != dim {
			return nil, errors.New("kaopass: frames of different length in a template")
		}
		for _, v := range f {
			if !inUnitBall(v) {
				return nil, errors.New("kaopass: a template that is not of unit vectors")
			}
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b, nil
}

// inUnitBall reports whether v can be a coordinate of a unit vector, rounding allowed; NaN cannot.
func inUnitBall(v float32) bool { return v >= -1.001 && v <= 1.001 }

// ErrTemplate is what UnmarshalBinary answers to bytes that are not a template.
var ErrTemplate = errors.New("kaopass: not a template")

// UnmarshalBinary reads what MarshalBinary wrote.
func (t *Template) UnmarshalBinary(b []byte) error {
	if len(b) < 2 || b[0] != templateVersion || len(b) < 2+int(b[1])+3 {
		return ErrTemplate
	}
	model, rest := string(b[2:2+int(b[1])]), b[2+int(b[1]):]
	frames, dim := int(rest[0]), int(binary.LittleEndian.Uint16(rest[1:3]))
	rest = rest[3:]
	if frames == 0 || frames > TemplateFramesMax || dim == 0 || len(rest) != frames*dim*4 {
		return ErrTemplate
	}
	out := Template{Model: model, Frames: make([][]float32, frames)}
	for i := range out.Frames {
		out.Frames[i] = make([]float32, dim)
		for j := range out.Frames[i] {
			v := math.Float32frombits(binary.LittleEndian.Uint32(rest))
			if !inUnitBall(v) {
				return ErrTemplate
			}
			out.Frames[i][j], rest = v, rest[4:]
		}
	}
	*t = out
	return nil
}

// Enrolment is one person's standing registration of a face: at most one at a time.
type Enrolment struct {
	ID      EnrolmentID
	Visitor VisitorID
	Model   string
	Frames  int // that the enrolment gave; what the template learns later is not counted
	Created time.Time
	By      string // "self", "kiosk:<StaffID>" or "import:<reference>"
}

// TemplateChange is what the gallery's follower is told: somebody may now be found for a purpose, or no longer.
type TemplateChange struct {
	Seq       int64 // of the event that says so; 0 for the first load
	Enrolment EnrolmentID
	Purpose   Purpose
	Template  Template // empty where Removed
	Removed   bool
}

// Identity is what a search of the gallery may conclude.
type Identity string

// The three conclusions (DESIGN, section 7: the policy).
const (
	Enough  Identity = "enough"   // the first of the short list, by the face alone
	AskCode Identity = "ask_code" // somebody of the short list, if the four-digit code agrees
	Nobody  Identity = "nobody"
)

// ShortListMax is K: a stranger's random code hits one of the list by chance K in 10,000 times.
const ShortListMax = 20

// Identification is the outcome of one 1:N search. It holds no score.
type Identification struct {
	Identity  Identity
	ShortList []EnrolmentID // best first, at most ShortListMax; empty where Nobody
	Reason    Reason        // why Nobody: the face was refused, or FaceUnknown
}

// CaptureTries is how many captures of one person, within CaptureTriesWithin, may end because nobody living was seen
// doing what was asked, and CaptureTriesDay how many within CaptureDay. After that a helper at a kiosk goes on with
// them; alone, they wait.
const (
	CaptureTries       = 6
	CaptureTriesWithin = 30 * time.Minute
	CaptureTriesDay    = 12
	CaptureDay         = 24 * time.Hour
)

// CaptureLeave is whether somebody may give a face now.
type CaptureLeave struct {
	Reason Reason // why not, or ""
	Missed int    // captures of theirs that lately ended suspiciously: the next one asks for as many more turns of the head
}

// LeaveToCapture decides by how many captures ended suspiciously within CaptureTriesWithin and within CaptureDay.
func LeaveToCapture(lately, today int) CaptureLeave {
	leave := CaptureLeave{Missed: today}
	if lately >= CaptureTries || today >= CaptureTriesDay {
		leave.Reason = TooManyTries
	}
	return leave
}

// Suspect reports whether a capture that ended so counts against CaptureTries: one that took too long does not.
func (r Reason) Suspect() bool { return r == NotLive || r == FaceChanged || r == ChallengeMissed }

// Hint is the one thing that a capture asks of the person next. Each has a sentence in every language.
type Hint string

// The hints, in the order in which a capture judges.
const (
	HintLook       Hint = "look"       // no face seen
	HintAlone      Hint = "alone"      // one person only
	HintCloser     Hint = "closer"     //
	HintFurther    Hint = "further"    //
	HintCentre     Hint = "centre"     //
	HintLight      Hint = "light"      // too dark
	HintGlare      Hint = "glare"      // too bright
	HintStill      Hint = "still"      // blurred
	HintLevel      Hint = "level"      // eye level: too much pitch or roll
	HintFront      Hint = "front"      // look straight
	HintEyes       Hint = "eyes"       // open the eyes
	HintUncover    Hint = "uncover"    // take off hat, mask or sunglasses
	HintReal       Hint = "real"       // not taken for a living face; move a little, change the light
	HintHold       Hint = "hold"       // good: keep so
	HintTurnLeft   Hint = "turn_left"  // the person's own left
	HintTurnRight  Hint = "turn_right" //
	HintBack       Hint = "back"       // back to the front
	HintSamePerson Hint = "same"       // somebody else stepped in: starting again
	HintWait       Hint = "wait"       // the server is busy: one moment
	HintDone       Hint = "done"       //
)

// Hints lists every Hint.
func Hints() []Hint {
	return []Hint{HintLook, HintAlone, HintCloser, HintFurther, HintCentre, HintLight, HintGlare, HintStill, HintLevel,
		HintFront, HintEyes, HintUncover, HintReal, HintHold, HintTurnLeft, HintTurnRight, HintBack, HintSamePerson,
		HintWait, HintDone}
}

// Progress is what a capture tells the person after each frame.
type Progress struct {
	Hint  Hint
	Step  int     // 1 to Steps
	Steps int     //
	Share float64 // 0 to 1 of the oval's edge
	Done  bool
	Ended Reason // set where the capture gave up; Done is false
}

// CaptureMax is how long one capture may take.
const CaptureMax = 2 * time.Minute
