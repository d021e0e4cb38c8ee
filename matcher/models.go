package matcher

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The stages that a manifest must name a model for.
const (
	stageDetect   = "detect"
	stageLandmark = "landmark"
	stageEmbed    = "embed"
	stageLiveness = "liveness"
	stageEye      = "eye"
)

// networks is every model, loaded.
type networks struct{ detect, landmark, embed, liveness, eye *network }

// loadNetworks reads each file of the manifest, refuses one whose SHA-256 is another, and makes its session.
func loadNetworks(dir string, m Manifest) (n *networks, err error) {
	n = &networks{}
	for stage, place := range n.places() {
		model, err := m.Model(stage)
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
		if *place, err = loadNetwork(dir, model); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	return n, nil
}

func (n *networks) places() map[string]**network {
	return map[string]**network{stageDetect: &n.detect, stageLandmark: &n.landmark, stageEmbed: &n.embed,
		stageLiveness: &n.liveness, stageEye: &n.eye}
}

func loadNetwork(dir string, model Model) (*network, error) {
	data, err := os.ReadFile(filepath.Join(dir, model.File))
	if err != nil {
		return nil, fmt.Errorf("matcher: %w (make setup prepares the models)", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != model.SHA256 {
		return nil, fmt.Errorf("matcher: %s is not the file that the manifest names (SHA-256 %x, want %s)", model.File, sum, model.SHA256)
	}
	n, err := newNetwork(model, data)
	if err != nil {
		return nil, err
	}
	if err := n.checkKnown(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *networks) close() error {
	var err error
	for _, place := range n.places() {
		if *place != nil {
			err = errors.Join(err, (*place).close())
		}
	}
	return err
}
