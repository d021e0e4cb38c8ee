package gate

import (
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

func rules() inForce {
	return inForce{PassWithinS: int(kaopass.PassWithin.Seconds()), ImagesMax: matcher.FramesMax,
		StaffAfter: kaopass.StaffAfter, StaffWindowS: int(kaopass.StaffWindow.Seconds())}
}

// clocks remembers how far each gate's clock was off when it last said what time it was. It is advice for whoever looks
// after the gate; no decision ever reads it.
type clocks struct {
	mu    sync.Mutex
	skews map[kaopass.DeviceID]time.Duration
}

// clocksMax is how many gates are remembered; a venue has a few hundred.
const clocksMax = 10_000

func (k *clocks) saw(gate kaopass.DeviceID, said, arrived time.Time) {
	if said.IsZero() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.skews == nil || len(k.skews) >= clocksMax {
		k.skews = map[kaopass.DeviceID]time.Duration{}
	}
	k.skews[gate] = said.Sub(arrived)
}

// skewMS is how many milliseconds the gate's clock is ahead of ours; nil where it never said.
func (k *clocks) skewMS(gate kaopass.DeviceID) *int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	skew, known := k.skews[gate]
	if !known {
		return nil
	}
	ms := skew.Milliseconds()
	return &ms
}
