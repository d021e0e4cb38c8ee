package browsertest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// framesPerSecond is the rate at which Chromium plays Motion JPEG as a camera.
const framesPerSecond = 30

// Shot of a film: one picture, for some seconds.
type Shot struct {
	JPEG    []byte
	Seconds float64
}

// Film writes what a camera shows, over and over: Motion JPEG, one picture after the other.
func Film(t testing.TB, shots ...Shot) string {
	t.Helper()
	var film bytes.Buffer
	for _, s := range shots {
		film.Write(bytes.Repeat(s.JPEG, max(1, int(s.Seconds*framesPerSecond))))
	}
	path := filepath.Join(t.TempDir(), "camera.mjpeg")
	if err := os.WriteFile(path, film.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
