package static

import (
	"os/exec"
	"testing"
)

// The scripts' own tests run where Node is; a machine that builds Kaopass has it, one that only runs Go may not.
func TestScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	out, err := exec.CommandContext(t.Context(), node, "--test", "test/").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
