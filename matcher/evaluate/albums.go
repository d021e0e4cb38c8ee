package evaluate

import (
	"fmt"
	"slices"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Albums are the people of whom a set holds about as many photos, one photo against one, at the threshold that all photos
// set. Why it is told: n photos make n(n−1)/2 comparisons, so where a few people have hundreds, as in the whole of
// Labeled Faces in the Wild, a total says how those few are recognised.
type Albums struct {
	Photos   [2]int        `json:"photos"` // from, to; to 0: and more
	People   int           `json:"people"`
	Genuine  int           `json:"genuine"` // comparisons
	FNMR     float64       `json:"fnmr"`
	FNMRCI95 stat.Interval `json:"fnmr_ci95"`
}

// albumFMR is the rate at whose threshold albums of other sizes are compared.
const albumFMR = 1e-4

// albumSizes are the photos that a person has, from and to.
func albumSizes() [][2]int { return [][2]int{{2, 2}, {3, 3}, {4, 5}, {6, 9}, {10, 19}, {20, 0}} }

// albums parts the comparisons of one person by how many photos there are of whom they show.
func (out *Report) albums(a *Album, all *stat.Set, o Options) {
	threshold, _ := all.Threshold(albumFMR)
	photos := make([]int, len(a.people))
	for who, p := range a.people {
		photos[who] = len(a.usable(slices.Concat(p.photos, p.gallery)))
	}
	for _, size := range albumSizes() {
		other := func(c stat.Comparison) bool {
			n := photos[c.Probe]
			return n < size[0] || size[1] > 0 && n > size[1]
		}
		set := &stat.Set{People: all.People, Genuine: slices.DeleteFunc(slices.Clone(all.Genuine), other)}
		if len(set.Genuine) == 0 {
			continue
		}
		out.Albums = append(out.Albums, Albums{Photos: size, People: set.GenuinePeople(), Genuine: len(set.Genuine),
			FNMR: set.FNMR(threshold), FNMRCI95: set.Missed(threshold, o.bootstrap())})
	}
}

func albumRows(all []Albums) (rows [][2]string) {
	if len(all) > 0 {
		rows = append(rows, [2]string{"", ""}, [2]string{"by photos of a person", "at FMR " + share(albumFMR)})
	}
	for _, a := range all {
		rows = append(rows, [2]string{"  " + a.Size(), fmt.Sprintf("%d people, %d comparisons: refused %s (%s)", a.People, a.Genuine,
			Percent(a.FNMR), between(a.FNMRCI95))})
	}
	return rows
}

// Size is how many photos of a person there are, in words.
func (a Albums) Size() string {
	switch a.Photos[1] {
	case 0:
		return fmt.Sprintf("%d or more", a.Photos[0])
	case a.Photos[0]:
		return fmt.Sprint(a.Photos[0])
	}
	return fmt.Sprintf("%d to %d", a.Photos[0], a.Photos[1])
}
