// Package matcher turns a photo into a face, and a face into a candidate: is it this person, who of those enrolled could
// it be, and is it a living person at all.
//
// Start at [Open]. A gate calls [Matcher.Read] and compares the [Probe] with one template; a till calls
// [Matcher.Identify], which searches the gallery and lets the [Policy] decide; a phone feeds frames to a [Capture].
//
// What stays true: a face that is refused is a value, a [kaopass.Reason] that can be shown and stored, and never an
// error; no image outlives the call that brought it; no similarity, threshold or vector can be printed, logged or
// marshalled; never more inferences run at once than there are workers, and a caller who would wait too long is told
// [ErrBusy] instead.
package matcher

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// FramesMax is how many images of one approach are looked at (PROTOCOL, "Rules for every call").
const FramesMax = 5

// The defaults of Config.
const (
	queueMax = 64
	waitMax  = 2 * time.Second
)

// A capture sends several frames a second and can miss some, a gate sends one and cannot: frames of captures fill at
// most a quarter of the queue and give up early.
const (
	captureQueueShare = 4
	captureWait       = 400 * time.Millisecond
)

// Config is what Open needs. The zero value of each number means its default.
type Config struct {
	Library  string        // path of libonnxruntime; see [LibraryPath]
	Models   string        // folder of the prepared models
	Workers  int           // concurrent inferences; default: the cores
	QueueMax int           // callers waiting for a worker; one more is ErrBusy; default 64
	Wait     time.Duration // longest wait for a worker, then ErrBusy; default 2 s
	Policy   Policy        // operating points; the zero value means [DefaultPolicy]

	// Manifest names the models; nil means [DefaultManifest].
	Manifest *Manifest

	// Calibration is one that somebody named: Open refuses it if it is of another model. Nil means the policy's own.
	Calibration *Calibration
}

// Matcher reads faces and holds the payment gallery. It is safe for concurrent use.
type Matcher struct {
	networks *networks
	queue    queue
	probes   patience                    // of gates and tills
	frames   patience                    // of captures
	policy   Policy                      // as it was at the start; see inForce
	measured atomic.Pointer[Calibration] // since then
	model    string                      // names what made a vector; see Model.ID
	gallery  *gallery
	models   string                 // folder
	former   []Model                // embedders that may be asked for beside the one in force
	beside   atomic.Pointer[former] // nil: nobody has a template of another model
	samples  samples                // of payments that wait for a code
	closing  sync.Once
}

// Open checks the models against the manifest, loads each and runs it once. It refuses to start with a file whose
// SHA-256 is not the manifest's.
func Open(cfg Config) (*Matcher, error) {
	manifest, err := cfg.manifest()
	if err != nil {
		return nil, err
	}
	if err := startRuntime(cfg.Library); err != nil {
		return nil, err
	}
	networks, err := loadNetworks(cfg.Models, manifest)
	if err != nil {
		return nil, err
	}
	embed := networks.embed.model
	m := &Matcher{networks: networks, model: embed.ID(), models: cfg.Models, former: manifest.formerEmbedders()}
	if m.policy, err = policyFor(cfg, m.model); err != nil {
		return nil, errors.Join(err, networks.close())
	}
	m.gallery = newGallery(m.model, int(embed.Outputs[0].Shape[1]))
	m.queue.workers = cmp.Or(cfg.Workers, runtime.NumCPU())
	m.probes = patience{int64(cmp.Or(cfg.QueueMax, queueMax)), cmp.Or(cfg.Wait, waitMax)}
	m.frames = patience{max(m.probes.waitingMax/captureQueueShare, 1), min(m.probes.wait, captureWait)}
	if err := m.startWorkers(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

func (c Config) manifest() (Manifest, error) {
	if c.Manifest != nil {
		return *c.Manifest, nil
	}
	return DefaultManifest()
}

func (m *Matcher) startWorkers() error {
	m.queue.free = make(chan *workspace, m.queue.workers)
	for i := range m.queue.workers {
		w, err := newWorkspace(m.networks)
		if err != nil {
			m.queue.workers = i
			return fmt.Errorf("matcher: worker %d: %w", i, err)
		}
		m.queue.put(w)
	}
	return nil
}

// Close waits for running inferences and frees the models. Whoever asks afterwards is answered ErrBusy. A second Close
// does nothing.
func (m *Matcher) Close() (err error) {
	m.closing.Do(func() {
		for range m.queue.workers {
			err = errors.Join(err, (<-m.queue.free).close())
		}
		err = errors.Join(err, m.networks.close(), m.closeFormer())
	})
	return err
}

// Queue answers the state of the queue.
func (m *Matcher) Queue() QueueStats { return m.queue.stats() }

// Model names the model whose templates this matcher compares; a template of another model must be enrolled again.
func (m *Matcher) Model() string { return m.model }
