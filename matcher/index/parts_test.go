package index

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"pgregory.net/rapid"
)

func TestIdentity(t *testing.T) {
	real := kaopass.EnrolmentID(kaopass.NewID(kaopass.PrefixEnrolment, time.Now(), [10]byte{1, 2, 3, 250, 255, 0, 7, 8, 9, 10}))
	last := kaopass.EnrolmentID("enr_3zzzzzzzzzzzzzzzzzzzzzzzzz")
	for _, id := range []kaopass.EnrolmentID{real, last, "enr_1", "enr_", "x", "enr_exactly15bytes", "enr_00000000000000000000000001"} {
		who, ok := shorten(id)
		if !ok || who.long() != id || !who.valid() {
			t.Errorf("%s became %x, %v, %s", id, who, ok, who.long())
		}
	}
	for _, id := range []kaopass.EnrolmentID{"", "enr_zzzzzzzzzzzzzzzzzzzzzzzzzz", "enr_00000000000000000000000000", "enr_sixteenbytes_long"} {
		if _, ok := shorten(id); ok {
			t.Errorf("%s was shortened", id)
		}
	}
	if (identity{}).valid() || (identity{verbatim | 1, 'a', 'b'}).valid() || (identity{0xbf}).valid() {
		t.Error("nobody's identity is valid")
	}
}

func TestIdentitiesAreDifferent(t *testing.T) {
	seen := map[identity]string{}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`(enr_)?([0-3][0-9a-hjkmnp-tv-z]{25}|.{0,15})`).Draw(t, "id")
		who, ok := shorten(kaopass.EnrolmentID(id))
		if !ok {
			return
		}
		if before, known := seen[who]; known && before != id {
			t.Fatalf("%q and %q are both %x", before, id, who)
		}
		seen[who] = id
		if string(who.long()) != id {
			t.Fatalf("%q became %q", id, who.long())
		}
	})
}

func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			x    table
			ids  = make([]identity, 300)
			want = map[identity]uint32{}
			idOf = func(row uint32) identity { return ids[row] }
		)
		for i := range ids {
			ids[i] = identity{byte(i), byte(i >> 8), 1}
		}
		for range rapid.IntRange(1, 600).Draw(t, "steps") {
			row := uint32(rapid.IntRange(0, len(ids)-1).Draw(t, "row"))
			if _, known := want[ids[row]]; known {
				x.remove(ids[row], idOf)
				delete(want, ids[row])
			} else {
				x.add(ids[row], row, idOf)
				want[ids[row]] = row
			}
		}
		for i, who := range ids {
			row, known := x.find(who, idOf)
			if _, should := want[who]; known != should || known && row != uint32(i) {
				t.Fatalf("row %d, %v, want %v", row, known, should)
			}
		}
		if x.len != len(want) {
			t.Fatalf("%d, want %d", x.len, len(want))
		}
	})
}

// The turn keeps cosines, is undone, and spreads a vector that is all in one number over many.
func TestTurn(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, dim := range []int{1, 3, 48, 160, 192, 512} {
		s := newSpace(dim)
		spare := make([]float32, dim)
		a, b := unit(r, dim), unit(r, dim)
		ta, tb := slices.Clone(a), slices.Clone(b)
		s.turn(ta, spare)
		s.turn(tb, spare)
		if math.Abs(float64(cosine(a, b)-cosine(ta, tb))) > 1e-6 || math.Abs(float64(cosine(ta, ta))-1) > 1e-6 {
			t.Errorf("%d: the turn moves cosines", dim)
		}
		s.back(ta, spare)
		if cosine(a, ta) < 0.999999 {
			t.Errorf("%d: the turn is not undone", dim)
		}
		one := make([]float32, dim)
		one[0] = 1
		s.turn(one, spare)
		if dim >= 160 && slices.Max(one) > 0.5 {
			t.Errorf("%d: a number stays as large as %g", dim, slices.Max(one))
		}
	}
}

// No cosine between the query as given and in bytes is off by more than the bound that searches rest on.
func TestBytesAreWithinTheirBound(t *testing.T) {
	s := newSpace(192)
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		q, p := newRounded(s), newRounded(s)
		spiky := unit(r, 192)
		for i := range rapid.IntRange(0, 191).Draw(t, "spikes") {
			spiky[i] *= 10
		}
		q.set(s, spiky)
		p.set(s, unit(r, 192))
		row := make([]uint8, s.stride)
		for i, v := range p.signed {
			row[i] = uint8(int(v) + zero)
		}
		rough := float32(dotGo(row, q)) * p.scale * q.scale
		if off := math.Abs(float64(rough - q.cosine(row, p.scale))); off > float64(q.off)+slack/10 {
			t.Fatalf("off by %g, bound %g", off, q.off)
		}
		if q.off > 0.02 {
			t.Fatalf("the bound is %g", q.off)
		}
	})
}

func TestSnapshot(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	x, _ := crowd(t, r, 100, chunkRows+50)
	x.SetMean(id(1), 0.5)
	var file bytes.Buffer
	if err := x.Write(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	y, err := Read(bytes.NewReader(whole))
	if err != nil || y.Len() != x.Len() || y.Dim() != 100 {
		t.Fatal(err)
	}
	for range 20 {
		query := unit(r, 100)
		same(t, y.Exact(query, 5, -1), x.Exact(query, 5, -1))
		same(t, y.Search(query, 5, -1), x.Search(query, 5, -1))
	}
	if v, _ := x.Vector(id(1)); y.Exact(v, 1, 0.9)[0].Mean != 0.5 {
		t.Error("the mean was not kept")
	}
	for _, n := range []int{0, 10, 30, len(whole) / 2, len(whole) - 1} {
		if _, err := Read(bytes.NewReader(whole[:n])); !errors.Is(err, ErrForm) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	whole[16] = 0xff
	if _, err := Read(bytes.NewReader(whole)); !errors.Is(err, ErrForm) {
		t.Errorf("another dim: %v", err)
	}
}

// The removed are not in a snapshot written afterwards, not even as bytes.
func TestTheErasedAreInNoSnapshot(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	x := New(dim)
	v := unit(r, dim)
	x.Put("enr_secret", v)
	x.Put("enr_b", unit(r, dim))
	row := slices.Clone((*x.chunks.Load())[0].bytes(0))
	x.Remove("enr_secret")
	var file bytes.Buffer
	if err := x.Write(&file); err != nil || bytes.Contains(file.Bytes(), row[:16]) || bytes.Contains(file.Bytes(), []byte("secret")) {
		t.Error("the erased are in the snapshot")
	}
}

func TestSetClears(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	x, people := crowd(t, r, dim, chunkRows+500)
	set := x.NewSet()
	for who := range people {
		set.Add(who)
	}
	query := unit(r, dim)
	same(t, x.Within(set, query, 9, -1), x.Exact(query, 9, -1))
	if set.Add("enr_nobody") || set.Add("") || set.Len() != len(people) {
		t.Errorf("%d in the set, want %d", set.Len(), len(people))
	}
	set.Clear()
	if set.Len() != 0 || x.Within(set, query, 9, -1) != nil || x.Within(New(dim).NewSet(), query, 9, -1) != nil {
		t.Error("the set is not empty")
	}
}

// meddler calls do after its second write: the head and the first chunk are written then.
type meddler struct {
	bytes.Buffer
	writes int
	do     func()
}

func (m *meddler) Write(b []byte) (int, error) {
	if m.writes++; m.writes == 2 {
		defer m.do()
	}
	return m.Buffer.Write(b)
}

// TestSomebodyMovesWhileItIsWritten: whoever goes and comes back between two chunks is in both, and counts as in the later.
func TestSomebodyMovesWhileItIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	x := New(dim)
	for i := range chunkRows + 1 {
		x.Put(id(i), unit(r, dim))
	}
	again := unit(r, dim)
	w := &meddler{do: func() {
		x.Remove(id(0))
		x.Put(id(chunkRows+1), unit(r, dim)) // takes the row
		x.Put(id(0), again)
	}}
	if err := x.Write(w); err != nil {
		t.Fatal(err)
	}
	read, err := Read(w)
	if err != nil {
		t.Fatal(err)
	}
	if hits := read.Exact(again, 2, 0.9); len(hits) != 1 || hits[0].ID != id(0) || read.Len() != chunkRows+1 {
		t.Errorf("%v, %d people", hits, read.Len())
	}
}

func FuzzRead(f *testing.F) {
	x := New(8)
	x.Put("enr_a", []float32{1, 2, 3, 4, 5, 6, 7, 8})
	var file bytes.Buffer
	if err := x.Write(&file); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for who := range kept(x) {
			if !x.Remove(who) {
				t.Errorf("%s cannot be removed", who)
			}
		}
		if x.Len() != 0 {
			t.Error("somebody stays")
		}
	})
}
