package matcher

import (
	"slices"

	"github.com/kaopass/kaopass"
)

// name says who a vector of the gallery's space is; others are people who are searched elsewhere for the same face, and
// share the budget of mistakes. Whoever the face alone would name is looked at once more, now beside everyone: the first
// search may overlook some of a stranger's nearest, and c is about them.
func (g *gallery) name(vector []float32, p Policy, frames int, others population) kaopass.Identification {
	found := g.search(vector)
	found.allPeople, found.onSitePeople = found.allPeople+others.all, found.onSitePeople+others.onSite
	out := p.decide(found, frames)
	if out.Identity != kaopass.Enough {
		return out
	}
	found.all = g.people.Exact(vector, hitsMax, -1)
	return p.decide(found, frames)
}

// population is how many people there are besides.
type population struct{ all, onSite int }

func (g *gallery) population() population { return population{g.people.Len(), g.onSite.Len()} }

// name says who it is, among those whom only the former model knows, and how it would have decided about the others.
func (f *former) name(a aside, frames int, others population) (left, shadow kaopass.Identification) {
	shadow = f.people.name(a.vector.numbers, f.policy, frames, others)
	f.mu.Lock()
	defer f.mu.Unlock()
	left = shadow
	left.ShortList = slices.DeleteFunc(slices.Clone(shadow.ShortList), func(id kaopass.EnrolmentID) bool {
		_, moved := f.moved[id]
		return moved
	})
	if len(left.ShortList) == 0 {
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}, shadow
	}
	if left.ShortList[0] != shadow.ShortList[0] {
		left.Identity = kaopass.AskCode // who was named is the other model's to name
	}
	return left, shadow
}

// compare counts whether both models said the same of somebody whom both know.
func (f *former) compare(now, before kaopass.Identification) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.knowsBoth(now) && !f.knowsBoth(before) {
		return
	}
	if now.Identity == before.Identity && first(now) == first(before) {
		f.shadow.Agreed++
	} else {
		f.shadow.Disagreed++
	}
}

func (f *former) knowsBoth(i kaopass.Identification) bool {
	_, moved := f.moved[first(i)]
	return moved
}

func first(i kaopass.Identification) kaopass.EnrolmentID {
	if len(i.ShortList) == 0 {
		return ""
	}
	return i.ShortList[0]
}

// together is one conclusion of two models' about different people: whom one of them names is named, unless both name
// somebody. The short list takes from both in turn, since their scores cannot be compared.
func together(a, b kaopass.Identification) kaopass.Identification {
	switch {
	case a.Identity == kaopass.Nobody:
		return b
	case b.Identity == kaopass.Nobody:
		return a
	case a.Identity != kaopass.Enough && b.Identity == kaopass.Enough:
		a, b = b, a // the one named comes first
	}
	out := kaopass.Identification{Identity: a.Identity}
	if b.Identity == kaopass.Enough {
		out.Identity = kaopass.AskCode
	}
	for i := range max(len(a.ShortList), len(b.ShortList)) {
		for _, list := range [][]kaopass.EnrolmentID{a.ShortList, b.ShortList} {
			if i < len(list) && len(out.ShortList) < kaopass.ShortListMax && !slices.Contains(out.ShortList, list[i]) {
				out.ShortList = append(out.ShortList, list[i])
			}
		}
	}
	return out
}
