package prepare

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Flush returns the model with every float32 weight closer to zero than below
// set to zero, and how many it changed. Nothing else in the file moves, because
// a float keeps its four bytes.
//
// Why: such weights are left over from training with decay. Their products are
// subnormal numbers, which the CPU works out in microcode; they change no bit
// of the output and cost most of its time.
func Flush(model []byte, below float64) (prepared []byte, flushed int, err error) {
	prepared = append([]byte(nil), model...)
	err = eachField(prepared, func(number protowire.Number, graph []byte) error {
		if number != modelGraph {
			return nil
		}
		return eachField(graph, func(number protowire.Number, tensor []byte) error {
			if number != graphInitializer {
				return nil
			}
			n, err := flushTensor(tensor, below)
			flushed += n
			return err
		})
	})
	if err != nil {
		return nil, 0, err
	}
	return prepared, flushed, nil
}

func flushTensor(tensor []byte, below float64) (flushed int, err error) {
	dataType, err := varintField(tensor, tensorDataType)
	if err != nil || dataType != dataTypeFloat {
		return 0, err
	}
	err = eachField(tensor, func(number protowire.Number, value []byte) error {
		if number != tensorRawData && number != tensorFloatData {
			return nil
		}
		if len(value)%4 != 0 {
			return fmt.Errorf("weights of %d bytes are not float32", len(value))
		}
		flushed += flushFloats(value, below)
		return nil
	})
	return flushed, err
}

// flushFloats works on little-endian float32, which is what both raw_data and
// packed float_data hold.
func flushFloats(data []byte, below float64) (flushed int) {
	for ; len(data) >= 4; data = data[4:] {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data))
		if v != 0 && math.Abs(float64(v)) < below {
			binary.LittleEndian.PutUint32(data, 0)
			flushed++
		}
	}
	return flushed
}
