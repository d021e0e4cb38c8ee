package matcher

import (
	"os"
	"strconv"
	"testing"
)

// TestMemoryStaysFlat is the short form of kaopass bench face --soak; KAOPASS_SOAK asks for more probes.
func TestMemoryStaysFlat(t *testing.T) {
	probes := 60
	if n, err := strconv.Atoi(os.Getenv("KAOPASS_SOAK")); err == nil {
		probes = n
	}
	got, err := SoakFace(t.Context(), open(t), clip(t, franck)[3], probes)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d probes of %d bytes: %.0f bytes allocated for each, heap %+d, process %+d", got.Probes, got.FrameBytes,
		got.PerProbe, got.HeapGrowth, got.RSSGrowth)
	if !got.Flat || !got.Small {
		t.Errorf("%+v", got)
	}
	if _, err := SoakFace(t.Context(), open(t), grey(360, 288, 99), 1); err == nil {
		t.Error("a picture without a face was read again and again")
	}
}
