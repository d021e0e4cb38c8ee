package matcher

import (
	"errors"
	"fmt"
	"os"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// environmentLock guards the one environment that ONNX Runtime has in a process. It is the library's state, not ours,
// and lives until the process ends.
var environmentLock sync.Mutex

// telemetryOff is the library's own switch. Since 1.29 its builds keep a device id and report every model that is loaded
// to their maker, unless this is set before they start; nothing leaves a venue that its visitors did not agree to.
const telemetryOff = "ORT_DISABLE_TELEMETRY"

// startRuntime loads the library once; a second Open in the same process uses what the first one loaded.
func startRuntime(library string) error {
	environmentLock.Lock()
	defer environmentLock.Unlock()
	if ort.IsInitialized() {
		return nil
	}
	if err := os.Setenv(telemetryOff, "1"); err != nil {
		return fmt.Errorf("matcher: %w", err)
	}
	ort.SetSharedLibraryPath(library)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return fmt.Errorf("matcher: ONNX Runtime at %s: %w", library, err)
	}
	return nil
}

// network is one model in memory. Its runs may overlap, each with a call of its own.
type network struct {
	model   Model
	session *ort.DynamicAdvancedSession
}

// newNetwork makes a session of one thread: requests run beside each other, so a second thread in one of them would
// only take a core away from the next.
func newNetwork(model Model, data []byte) (n *network, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	err = errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1))
	if err != nil {
		return nil, err
	}
	outputs := make([]string, len(model.Outputs))
	for i, o := range model.Outputs {
		outputs[i] = o.Name
	}
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(data, []string{model.Input.Name}, outputs, options)
	if err != nil {
		return nil, fmt.Errorf("matcher: %s: %w", model.File, err)
	}
	return &network{model: model, session: session}, nil
}

func (n *network) close() error { return n.session.Destroy() }

// call is a network with memory for one run at a time: fill in, run, read out.
type call struct {
	in      []float32
	out     [][]float32
	network *network
	inputs  []ort.Value
	outputs []ort.Value
}

func (n *network) newCall() (*call, error) {
	in, err := ort.NewEmptyTensor[float32](n.model.Input.Shape)
	if err != nil {
		return nil, fmt.Errorf("matcher: %s: %w", n.model.File, err)
	}
	c := &call{in: in.GetData(), network: n, inputs: []ort.Value{in}}
	for _, o := range n.model.Outputs {
		out, err := ort.NewEmptyTensor[float32](o.Shape)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("matcher: %s: %w", n.model.File, err), c.close())
		}
		c.out, c.outputs = append(c.out, out.GetData()), append(c.outputs, out)
	}
	return c, nil
}

func (c *call) run() error {
	if err := c.network.session.Run(c.inputs, c.outputs); err != nil {
		return fmt.Errorf("matcher: %s: %w", c.network.model.File, err)
	}
	return nil
}

func (c *call) close() error {
	var err error
	for _, v := range append(c.inputs, c.outputs...) {
		err = errors.Join(err, v.Destroy())
	}
	return err
}
