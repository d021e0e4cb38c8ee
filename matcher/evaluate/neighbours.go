package evaluate

import (
	"context"

	"github.com/kaopass/kaopass/matcher"
)

// neighbour is one of the people nearest to a vector.
type neighbour struct {
	who   int32
	score float32
}

// neighbourhoods are, for the statistic c, the nearest other people of every probe and template of a trial, among a
// gallery in which everybody has one template.
type neighbourhoods struct {
	people    int           // in the gallery
	probes    [][]neighbour // the nearest NearestOthers + 1 of each probe, its owner never among them
	templates []float32     // mean over the nearest NearestOthers of each template
}

// gallery is everybody's first template of a trial.
func (t *trial) gallery() *rows {
	out := &rows{}
	seen := map[int32]bool{}
	for j := range t.templates.len() {
		if who := t.templates.owner[j]; !seen[who] {
			seen[who] = true
			out.add(t.templates.at(j), who, 0)
		}
	}
	return out
}

// neighbours looks for the neighbourhoods of everything in the trial. It answers nil where the gallery is too small for
// them.
func (t *trial) neighbours(ctx context.Context, workers int, say Say) (*neighbourhoods, error) {
	gallery := t.gallery()
	if gallery.len() <= 2*matcher.NearestOthers {
		return nil, nil
	}
	out := &neighbourhoods{people: gallery.len()}
	var err error
	if out.probes, err = nearest(ctx, &t.probes, gallery, matcher.NearestOthers+1, workers, say); err != nil {
		return nil, err
	}
	templates, err := nearest(ctx, &t.templates, gallery, matcher.NearestOthers, workers, say)
	if err != nil {
		return nil, err
	}
	out.templates = make([]float32, len(templates))
	for j, list := range templates {
		out.templates[j] = mean(list, -1)
	}
	return out, nil
}

// nearest answers the k people of a gallery nearest to each row, the row's owner left out, the nearest first.
func nearest(ctx context.Context, of, gallery *rows, k, workers int, say Say) ([][]neighbour, error) {
	out := make([][]neighbour, of.len())
	stripes := (of.len() + blockSide - 1) / blockSide
	err := eachOf(ctx, "neighbourhoods", stripes, workers, say, func(stripe int) error {
		var scores [blockSide * blockSide]float32
		i := stripe * blockSide
		for j := 0; j < gallery.len(); j += blockSide {
			n, m := block(of, gallery, i, j, &scores)
			for a := range n {
				for b := range m {
					if who := gallery.owner[j+b]; who != of.owner[i+a] {
						out[i+a] = keep(out[i+a], neighbour{who, scores[a*blockSide+b]}, k)
					}
				}
			}
		}
		return nil
	})
	return out, err
}

// keep puts one among the best k.
func keep(best []neighbour, n neighbour, k int) []neighbour {
	if len(best) == k && n.score <= best[k-1].score {
		return best
	}
	if len(best) < k {
		best = append(best, n)
	}
	at := len(best) - 1
	for ; at > 0 && best[at-1].score < n.score; at-- {
		best[at] = best[at-1]
	}
	best[at] = n
	return best
}

// relative is the statistic c of probe i and template j.
func (n *neighbourhoods) relative(i, j int, score float32, candidate int32) float32 {
	return score - (mean(n.probes[i], candidate)+n.templates[j])/2
}

// mean is over the first NearestOthers that are not the candidate; -1 is nobody.
func mean(best []neighbour, candidate int32) float32 {
	var sum float32
	count := 0
	for _, n := range best {
		if n.who != candidate && count < matcher.NearestOthers {
			sum += n.score
			count++
		}
	}
	return sum / float32(max(count, 1))
}
