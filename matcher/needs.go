package matcher

// Need is one thing that a picture of a face must show, and how much of it each use asks for: 0 to 100, after ISO/IEC
// 29794-5, and 0 where it is not asked.
type Need struct {
	Name              string // "face size": see component
	Enrol, Gate, Till float64
}

// Needs lists what is asked of a picture, for whoever runs the venue: first its components, then the whole.
func Needs() []Need {
	enrol, gate, till := limitsOfCapture(), limitsOf(UseGate), limitsOf(UseTill)
	var all []Need
	for c := range components {
		if n := (Need{c.String(), enrol.floor[c], gate.floor[c], till.floor[c]}); n.Enrol+n.Gate+n.Till > 0 {
			all = append(all, n)
		}
	}
	return append(all, Need{"the whole", enrol.unified, gate.unified, till.unified})
}

// Living is the share of "living" that each use asks of a face (presentation attack detection, ISO/IEC 30107): of every
// frame when enrolling, of the mean over an approach elsewhere.
func (p Policy) Living() (enrol, gate, till float64) {
	return max(captureLiveMin, p.liveMin(UseEnrol)), p.liveMin(UseGate), p.liveMin(UseTill)
}
