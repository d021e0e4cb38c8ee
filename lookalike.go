package kaopass

// Neighbourhood is what an exact search of the payment gallery says of one template: who is near it, and how near, but
// no score. It never holds the template's own enrolment.
type Neighbourhood struct {
	// Same are so near that they are most likely the same person, enrolled twice; nearest first.
	Same []EnrolmentID
	// Alike are near enough that a till could take one for the other; nearest first, Same among them.
	Alike []EnrolmentID
	// Nearest are up to NearestMax of those who could come on one short list with this face, nearest first: nobody of
	// them may have the same code. Alike are among them.
	Nearest []EnrolmentID
	// Partial says that not everyone was there to be looked at, as while the gallery is being loaded: what is said above
	// holds, and what is not said may hold as well.
	Partial bool
}

// NearestMax is how many of the nearest faces may not share a person's payment code (DESIGN, section 7: the short list of
// a till is drawn from these, so one code names one person on it).
const NearestMax = 1000

// AlikeMax is how many look-alikes of one person are noted. Each asks the code for both; one would be enough.
const AlikeMax = 32
