package db

import (
	"testing"

	"github.com/kaopass/kaopass"
)

func TestFillMakesAGalleryThatLoads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const people = fillBatch + 3
	r.ok(r.Fill(r.ctx, people, faceOf))
	found := shelf{}
	_, err := r.Templates(r.ctx, kaopass.ForPayment, found.each)
	if r.ok(err); len(found) != people {
		t.Error(len(found), "people in the gallery")
	}
	if b := must(r.Board(r.ctx)); b.Enrolled != people || b.PayEnrolled != people {
		t.Error(b.Enrolled, b.PayEnrolled)
	}
	me, _ := r.visitor(1, "Taro", 0) // the venue goes on as ever
	r.ok(second(r.EraseFace(r.ctx, me)))
	if err := r.Fill(r.ctx, 1, faceOf); err == nil {
		t.Error("a database with people in it was filled")
	}
}

// A template of a few frames lies in its row: reading a million of them looks nothing up beside the table.
func TestTemplatesLieInTheirRows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.Fill(r.ctx, 10, func(int) kaopass.Template {
		out := kaopass.Template{Model: "test"}
		for range 5 {
			v := make([]float32, 192)
			v[0] = 1
			out.Frames = append(out.Frames, v)
		}
		return out
	}))
	if n := r.count("SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'template'"); n != 0 {
		t.Error(n, "bytes beside the table")
	}
}
