package matcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/kaopass/kaopass/matcher/index/measure"
)

// BenchPeople are the photos of real people that bench search begins with: a list of files for each person.
type BenchPeople [][]string

// benchPhotosMax is how many photos of one person are read.
const benchPhotosMax = 2

// BenchFolder lists photos in dir/person/image: of at most photos of them, those of people with two first. With fewer
// people it is not an error.
func BenchFolder(dir string, photos int) (BenchPeople, error) {
	folders, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return nil, err
	}
	var two, one BenchPeople
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.[jJpP]*[gG]"))
		if err != nil {
			return nil, err
		}
		switch {
		case len(files) >= benchPhotosMax:
			two = append(two, files[:benchPhotosMax])
		case len(files) == 1:
			one = append(one, files)
		}
	}
	var out BenchPeople
	for _, files := range append(two, one...) {
		if photos -= len(files); photos < 0 {
			break
		}
		out = append(out, files)
	}
	return out, nil
}

// BenchPhotos embeds the face in the middle of each photo with the model in force and with its reference, which is
// loaded for that; models is the folder that the matcher was opened with. A photo without a face is left out, and so is
// a person without a photo.
func BenchPhotos(ctx context.Context, m *Matcher, models string, people BenchPeople) (out [][]measure.Photo, err error) {
	manifest, err := DefaultManifest()
	if err != nil {
		return nil, err
	}
	model, err := manifest.inRole(stageEmbed, RoleReference)
	if err != nil {
		return nil, err
	}
	reference, err := loadNetwork(models, model)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reference.close()) }()
	photos, errs := make([][]measure.Photo, len(people)), make([]error, m.queue.workers)
	var all sync.WaitGroup
	for worker := range errs {
		all.Go(func() {
			for i := worker; i < len(people) && errs[worker] == nil; i += len(errs) {
				photos[i], errs[worker] = m.benchPerson(ctx, reference, people[i])
			}
		})
	}
	all.Wait()
	for _, p := range photos {
		if len(p) > 0 {
			out = append(out, p)
		}
	}
	return out, errors.Join(errs...)
}

func (m *Matcher) benchPerson(ctx context.Context, reference *network, files []string) (out []measure.Photo, err error) {
	w, err := m.queue.take(ctx, m.probes)
	if err != nil {
		return nil, err
	}
	defer m.queue.put(w)
	long, err := reference.newCall()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, long.close()) }()
	for _, name := range files {
		photo, err := w.benchPhoto(long, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if photo.Short != nil {
			out = append(out, photo)
		}
	}
	return out, nil
}

// benchPhoto answers nothing for a photo without a face.
func (w *workspace) benchPhoto(long *call, name string) (out measure.Photo, err error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return out, err
	}
	img, err := Decode(b)
	if err != nil {
		return out, err
	}
	pic := toYCbCr(img)
	found, err := w.detect(pic)
	if err != nil || len(found) == 0 {
		return out, err
	}
	points, err := w.landmark(pic, middleFace(found, pic.Bounds()))
	if err != nil {
		return out, err
	}
	w.align(pic, points.five())
	size := alignSide * alignSide
	w.convert(0, size, long.network.model.Input, long.in, long.in[size:], long.in[2*size:])
	if err := long.run(); err != nil {
		return out, err
	}
	out.Long = append([]float32(nil), long.out[0]...)
	normalise(out.Long)
	out.Short, err = w.embed(false)
	return out, err
}
