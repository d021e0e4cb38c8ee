package evaluate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// Photo is one image of somebody, and what reading it gave.
type Photo struct {
	Path   string
	Person int32
	Fault  string // why nothing could be acquired of it; "" where something was

	Refused      map[matcher.Use]kaopass.Reason // what the product would say
	probe, frame []float32
}

// acquired reports whether there is something to compare.
func (p *Photo) acquired() bool { return p.probe != nil }

// person is everybody's number, name and group, and their photos by number.
type person struct {
	name, group string
	photos      []int // in order of the files' names
	gallery     []int // those of the gallery's folder, where there is one
	twin        bool  // another name of somebody else here: compared in the pairs given only
}

// Album is the photos of many people.
type Album struct {
	people    []person
	photos    []Photo
	byName    map[string]int32
	ambiguous map[string]bool // a name in two groups
	numbered  map[string]int  // photo by name and number
	apart     bool            // templates come from a gallery of its own
}

// Limits of an album.
const (
	photosMax    = 500_000
	albumDepth   = 2 // DIR/person/file, DIR/group/person/file
	faultMissing = "missing"
)

var trailing = regexp.MustCompile(`(\d+)\.[A-Za-z]+$`)

// OpenAlbum lists the images under a folder: dir/person/image, or dir/group/person/image where people are in groups of
// which each is to be reported. A photo's number is what its name ends with, else its place among the person's photos.
// With a gallery, a folder laid out likewise, people are enrolled with the photos in there, and those in dir are probes
// only; without one each photo may be either.
func OpenAlbum(dir, gallery string) (*Album, error) {
	a := &Album{byName: map[string]int32{}, ambiguous: map[string]bool{}, numbered: map[string]int{}}
	if err := a.add(dir, false); err != nil {
		return nil, err
	}
	if gallery != "" {
		a.apart = true
		if err := a.add(gallery, true); err != nil {
			return nil, err
		}
	}
	if len(a.photos) == 0 {
		return nil, fmt.Errorf("%s: no images: it wants %s/<person>/<image> or %s/<group>/<person>/<image>", dir, dir, dir)
	}
	return a, nil
}

func (a *Album) add(dir string, gallery bool) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		parts := strings.Split(filepath.ToSlash(relative), "/")
		if entry.IsDir() {
			if len(parts) > albumDepth {
				return fmt.Errorf("%s: deeper than <group>/<person>/<image>", path)
			}
			return nil
		}
		if len(parts) < 2 || !isImage(path) {
			return nil
		}
		if len(a.photos) == photosMax {
			return fmt.Errorf("%s: more than %d images", dir, photosMax)
		}
		group := ""
		if len(parts) == 3 {
			group = parts[0]
		}
		a.put(path, group, parts[len(parts)-2], gallery)
		return nil
	})
}

func isImage(path string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(filepath.Ext(path)))
}

func (a *Album) put(path, group, name string, gallery bool) {
	who := a.who(group, name)
	p := &a.people[who]
	at := len(a.photos)
	a.photos = append(a.photos, Photo{Path: path, Person: who})
	if gallery {
		p.gallery = append(p.gallery, at)
		return
	}
	p.photos = append(p.photos, at)
	number := len(p.photos)
	if found := trailing.FindStringSubmatch(filepath.Base(path)); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			number = n
		}
	}
	a.numbered[photoKey(name, number)] = at
}

// who answers a person's number, a new one for somebody new. People are apart by group and name.
func (a *Album) who(group, name string) int32 {
	full := name
	if group != "" {
		full = group + "/" + name
	}
	if known, ok := a.byName[full]; ok {
		return known
	}
	at := int32(len(a.people))
	a.people = append(a.people, person{name: name, group: group})
	a.byName[full] = at
	if other, taken := a.byName[name]; taken && other != at {
		a.ambiguous[name] = true
	} else {
		a.byName[name] = at
	}
	return at
}

func photoKey(name string, number int) string { return name + "\x00" + strconv.Itoa(number) }

// Keep drops every photo that no pair names and answers each pair's two photos, by number. A photo that is named and not
// there stays, as one of which nothing could be acquired.
func (a *Album) Keep(pairs []Pair) ([][2]int, error) {
	out := make([][2]int, len(pairs))
	named := map[int]bool{}
	for i, p := range pairs {
		for side, at := range []struct {
			name   string
			number int
		}{{p.NameA, p.PhotoA}, {p.NameB, p.PhotoB}} {
			if a.ambiguous[at.name] {
				return nil, fmt.Errorf("line %s: there is a %s in two groups", p.Line, at.name)
			}
			photo := a.find(at.name, at.number)
			out[i][side], named[photo] = photo, true
		}
	}
	if len(named) == 0 {
		return nil, errors.New("the pairs name no photo")
	}
	for i := range a.people {
		p := &a.people[i]
		p.photos = slices.DeleteFunc(p.photos, func(at int) bool { return !named[at] })
	}
	return out, nil
}

// find answers a photo by its number, or one that is missing.
func (a *Album) find(name string, number int) int {
	if at, ok := a.numbered[photoKey(name, number)]; ok {
		return at
	}
	who, ok := a.byName[name]
	if !ok {
		who = a.who("", name)
	}
	at := len(a.photos)
	a.photos = append(a.photos, Photo{Path: fmt.Sprintf("%s, photo %d", name, number), Person: who, Fault: faultMissing})
	a.people[who].photos = append(a.people[who].photos, at)
	a.numbered[photoKey(name, number)] = at
	return at
}

// wanted lists the photos that are to be read.
func (a *Album) wanted() []int {
	var out []int
	for _, p := range a.people {
		out = append(append(out, p.photos...), p.gallery...)
	}
	slices.Sort(out)
	return out
}

// SetAside keeps everybody whom a list calls by a second name out of all comparisons but the pairs given: the same person
// under two names is no stranger. Each line names the two, between tabs or spaces.
func (a *Album) SetAside(names [][2]string) error {
	for _, n := range names {
		for _, name := range n {
			if _, known := a.byName[name]; !known || a.ambiguous[name] {
				return fmt.Errorf("%q is nobody here, or more than one", name)
			}
		}
		a.people[a.byName[n[1]]].twin = true
	}
	return nil
}

// probesOf and templatesOf are the photos of which something was acquired, in order; of a second name there are none.
func (a *Album) probesOf(who int) []int {
	if a.people[who].twin {
		return nil
	}
	return a.usable(a.people[who].photos)
}

func (a *Album) templatesOf(who int) []int {
	if a.apart && !a.people[who].twin {
		return a.usable(a.people[who].gallery)
	}
	return a.probesOf(who)
}

func (a *Album) usable(photos []int) []int {
	return slices.DeleteFunc(slices.Clone(photos), func(at int) bool { return !a.photos[at].acquired() })
}

// groups lists the groups, in order; none where the folder names none.
func (a *Album) groups() []string {
	var out []string
	for _, p := range a.people {
		if p.group != "" {
			out = append(out, p.group)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// read is one file's bytes, not more of them than the matcher takes.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > matcher.ImageBytesMax {
		return nil, &matcher.ImageError{Kind: matcher.ImageTooLarge}
	}
	return os.ReadFile(path)
}
