package stat

import "math/rand/v2"

// Presentation is one try before a camera: whose face it shows, and how living it looked, 0 to 1.
type Presentation struct {
	Subject  int // numbered from 0, the same number for a person's living face and for attacks that show it
	Live     float64
	Answered bool // false where no face was found, so that nothing could be judged (non-response)
}

// PADRate is how often presentations of one kind were classified wrongly (ISO/IEC 30107-3: APCER for an attack's kind,
// BPCER for living people).
type PADRate struct {
	Rate          float64  `json:"rate"`
	CI95          Interval `json:"ci95"` // subjects resampled
	Presentations int      `json:"presentations"`
	Subjects      int      `json:"subjects"`
	NonResponse   float64  `json:"non_response"` // share in which no face was found
}

// Attacked is the share of attacks that are taken for living at a threshold.
func Attacked(all []Presentation, threshold float64, b Bootstrap) PADRate {
	return padRate(all, func(p Presentation) bool { return p.Live >= threshold }, b)
}

// Refused is the share of living people who are taken for attacks at a threshold.
func Refused(all []Presentation, threshold float64, b Bootstrap) PADRate {
	return padRate(all, func(p Presentation) bool { return p.Live < threshold }, b)
}

func padRate(all []Presentation, wrong func(Presentation) bool, b Bootstrap) PADRate {
	type count struct{ wrong, answered float64 }
	subjects := map[int]*count{}
	var order []*count
	var sum count
	for _, p := range all {
		c := subjects[p.Subject]
		if c == nil {
			c = &count{}
			subjects[p.Subject], order = c, append(order, c)
		}
		if !p.Answered {
			continue
		}
		c.answered, sum.answered = c.answered+1, sum.answered+1
		if wrong(p) {
			c.wrong, sum.wrong = c.wrong+1, sum.wrong+1
		}
	}
	out := PADRate{Presentations: len(all), Subjects: len(order), Rate: sum.wrong / max(sum.answered, 1),
		NonResponse: 1 - sum.answered/max(float64(len(all)), 1)}
	random := rand.New(rand.NewPCG(b.Seed, 30107))
	var rates []float64
	for range b.Rounds {
		var drawn count
		for range order {
			c := order[random.IntN(len(order))]
			drawn.wrong, drawn.answered = drawn.wrong+c.wrong, drawn.answered+c.answered
		}
		if drawn.answered > 0 {
			rates = append(rates, drawn.wrong/drawn.answered)
		}
	}
	out.CI95 = interval(rates, out.Rate)
	if out.Rate == 0 {
		out.CI95[1] = max(out.CI95[1], NoneOf(len(order)))
	}
	return out
}
