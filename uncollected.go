package kaopass

import "slices"

// Became is what became of a charge that was booked as taken and that its card company did not pay.
type Became string

// The ways in which staff settle one. The first two move money in the books: so much as is missing.
const (
	BorneByVenue Became = "loss"     // the venue bears it
	PaidAtDesk   Became = "cash"     // the cash desk collected it
	PaidAfterAll Became = "paid"     // the card company paid in the end
	GivenBack    Became = "refunded" // the till had given all of it back: nothing is missing
)

// Becames lists every Became.
func Becames() []Became { return []Became{BorneByVenue, PaidAtDesk, PaidAfterAll, GivenBack} }

// Lost is how such a charge stands: Missing is what of it was booked and not given back since, Collected what the desk took, both
// in the minor unit, and Became how it was settled last, empty while nobody has.
type Lost struct {
	Missing   int64
	Collected int64
	Became    Became
}

// Choices are how it can be settled now. A loss, and what the desk collected, are settled once more where the company pays after
// all, and a loss where the desk collects it then; else none is settled twice.
func (l Lost) Choices() []Became {
	switch {
	case l.Became == "" && l.Missing > 0:
		return []Became{BorneByVenue, PaidAtDesk, PaidAfterAll}
	case l.Became == "":
		return []Became{GivenBack, PaidAfterAll}
	case l.Became == BorneByVenue && l.Missing > 0:
		return []Became{PaidAfterAll, PaidAtDesk}
	case l.Became == BorneByVenue, l.Became == PaidAtDesk && l.Collected > 0:
		return []Became{PaidAfterAll}
	}
	return nil
}

// Moves is what a choice books: all that is missing; what the desk collected, where the company pays that too, as it was paid
// twice; or nothing where the card company's account was right as it stood.
func (l Lost) Moves(b Became) int64 {
	switch {
	case !slices.Contains(l.Choices(), b), b == GivenBack, b == PaidAfterAll && l.Became == "":
		return 0
	case l.Became == PaidAtDesk:
		return l.Collected
	}
	return l.Missing
}
