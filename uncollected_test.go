package kaopass

import (
	"slices"
	"testing"
)

func TestHowWhatWasNeverPaidIsSettled(t *testing.T) {
	for name, c := range map[string]struct {
		lost  Lost
		moves map[Became]int64 // what may be chosen, and what it books
	}{
		"open":                  {Lost{Missing: 700}, map[Became]int64{BorneByVenue: 700, PaidAtDesk: 700, PaidAfterAll: 0}},
		"given back":            {Lost{}, map[Became]int64{GivenBack: 0, PaidAfterAll: 0}},
		"borne":                 {Lost{Missing: 700, Became: BorneByVenue}, map[Became]int64{PaidAfterAll: 700, PaidAtDesk: 700}},
		"borne, and given back": {Lost{Became: BorneByVenue}, map[Became]int64{PaidAfterAll: 0}},
		"collected":             {Lost{Missing: 600, Collected: 700, Became: PaidAtDesk}, map[Became]int64{PaidAfterAll: 700}},
		"collected after all":   {Lost{Missing: 600, Became: PaidAtDesk}, nil},
		"paid":                  {Lost{Missing: 700, Became: PaidAfterAll}, nil},
		"nothing open":          {Lost{Became: GivenBack}, nil},
	} {
		for _, b := range append(Becames(), "", "forgiven") {
			want, may := c.moves[b]
			if slices.Contains(c.lost.Choices(), b) != may || c.lost.Moves(b) != want {
				t.Errorf("%s, %q: %v, moves %d", name, b, c.lost.Choices(), c.lost.Moves(b))
			}
		}
	}
}
