package matcher

// What the frames of one capture show together, which none of them shows alone (presentation attack detection over
// time, ISO/IEC 30107-1): how many flat pictures, each moved, tilted, zoomed, mirrored and lit as one likes, would have
// been needed to make them. A photo is one of them for ever, two photos shown by turns are two; a face that speaks,
// blinks, looks about and turns is a new one every second. It is not enough against a bent or glossy print, whose
// picture really changes, which is what liveness is for, and no hindrance to a film.
const (
	flatMax     = 0.12 // unlike up to this: one flat picture could have made both; see DESIGN.md
	picturesMin = 4    // that a capture has to show
	stillMax    = 60   // frames of one and the same flat picture end a capture, …
	fewMax      = 180  // … and so do this many of fewer than picturesMin
)

// motion is what a capture has seen so far.
type motion struct {
	pictures []thumb // no two of which one flat picture could have made; at most picturesMin
	frames   int
}

// add takes a frame of the person into account.
func (m *motion) add(t thumb) {
	m.frames++
	if !m.enough() && !flat(t, m.pictures) {
		m.pictures = append(m.pictures, t)
	}
}

// enough reports whether more than a few photos must have been shown.
func (m *motion) enough() bool { return len(m.pictures) >= picturesMin }

// still reports whether nothing but a photo or a few were shown, for so long that it is not a patient person.
func (m *motion) still() bool {
	return m.frames >= stillMax && len(m.pictures) <= 1 || m.frames >= fewMax && !m.enough()
}

// alike looks from either side: what one frame shows and the other cuts off is in the way in one direction only.
func alike(a, b thumb) bool { return unlike(a, b) <= flatMax || unlike(b, a) <= flatMax }

// flat reports whether one of the pictures, flat, could have made this one as well, or its mirror image.
func flat(t thumb, pictures []thumb) bool {
	around := t.mirrored()
	for i := len(pictures) - 1; i >= 0; i-- { // the last is the likeliest
		p := pictures[i]
		if alike(p, t) || alike(p, around) {
			return true
		}
	}
	return false
}
