// Package static holds every file that a browser is given as it lies on disk: styles, scripts, pictures, and the few
// files that must live at the root of the site.
//
// A page asks [URL] for a file's address; whoever answers requests asks [Open] and [Root] for the bytes. What stays
// true: an address contains the fingerprint of the whole tree, so what is behind it never changes and may be kept for a
// year, and scripts and styles find each other by relative paths without a bundler.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed css js img vendor root
var files embed.FS

// Prefix is the beginning of every address that URL gives.
const Prefix = "/static/"

// tree is the embedded files with their hashes, read once.
var tree = sync.OnceValue(func() shelf {
	s, err := read(files)
	if err != nil {
		panic("static: the embedded files cannot be read: " + err.Error())
	}
	return s
})

// shelf is all assets by their path, and the fingerprint of them together.
type shelf struct {
	assets      map[string]*Asset
	fingerprint string
}

func read(from fs.FS) (shelf, error) {
	s, all := shelf{assets: map[string]*Asset{}}, sha256.New()
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".d.ts") { // types are for tsc, not for browsers
			return err
		}
		body, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		a := newAsset(name, body)
		fmt.Fprintf(all, "%s %s\n", name, a.Hash)
		s.assets[name] = a
		return nil
	})
	s.fingerprint = hex.EncodeToString(all.Sum(nil))[:12]
	return s, err
}

// URL is the address of a file, e.g. URL("css/base.css"). It panics where there is no such file: that is a mistake in a
// page, and the golden pages find it.
func URL(name string) string {
	if _, ok := tree().assets[name]; !ok {
		panic("static: no file " + name)
	}
	return Prefix + tree().fingerprint + "/" + name
}

// Open answers the file at an address made by URL. An address of an earlier build still answers, with the file as it is
// now, and is then not to be cached: see [Asset.CacheControl].
func Open(urlPath string) (Asset, bool) {
	rest, ok := strings.CutPrefix(urlPath, Prefix)
	if !ok {
		return Asset{}, false
	}
	fingerprint, name, _ := strings.Cut(rest, "/")
	a, ok := tree().assets[name]
	if !ok || strings.HasPrefix(name, "root/") {
		return Asset{}, false
	}
	found := *a
	found.Immutable = fingerprint == tree().fingerprint
	return found, true
}

// Root answers a file that browsers look for at the root of a site, e.g. "/favicon.svg", "/manifest.webmanifest".
func Root(urlPath string) (Asset, bool) {
	a, ok := tree().assets["root"+urlPath]
	if !ok || !strings.HasPrefix(urlPath, "/") {
		return Asset{}, false
	}
	return *a, true
}

// Roots lists the paths that Root answers, in no order.
func Roots() []string {
	var paths []string
	for name := range tree().assets {
		if path, ok := strings.CutPrefix(name, "root/"); ok {
			paths = append(paths, "/"+path)
		}
	}
	return paths
}

// Fingerprint changes whenever any file does; a service worker names its cache by it.
func Fingerprint() string { return tree().fingerprint }
