package prepare

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto (ONNX IR version 3 and later), as far as the
// way from a model to its weights needs them.
const (
	modelGraph       = 7 // ModelProto.graph
	graphInitializer = 5 // GraphProto.initializer
	tensorDataType   = 2 // TensorProto.data_type
	tensorFloatData  = 4 // TensorProto.float_data
	tensorRawData    = 9 // TensorProto.raw_data

	dataTypeFloat = 1 // TensorProto.DataType.FLOAT
)

var errTruncated = errors.New("not an ONNX model: truncated or malformed")

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

// eachField calls visit with each field that carries bytes: a message, a
// string, packed numbers, or the four bytes of an unpacked float. The bytes
// alias the message, so that what visit writes is written into it.
func eachField(message []byte, visit func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errTruncated
		}
		message = message[n:]
		size := protowire.ConsumeFieldValue(number, wire, message)
		if size < 0 {
			return errTruncated
		}
		if value, ok := bytesOf(wire, message[:size]); ok {
			if err := visit(number, value); err != nil {
				return err
			}
		}
		message = message[size:]
	}
	return nil
}

func bytesOf(wire protowire.Type, field []byte) ([]byte, bool) {
	switch wire {
	case protowire.BytesType:
		value, _ := protowire.ConsumeBytes(field)
		return value, true
	case protowire.Fixed32Type:
		return field, true
	default:
		return nil, false
	}
}

func varintField(message []byte, want protowire.Number) (uint64, error) {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return 0, errTruncated
		}
		size := protowire.ConsumeFieldValue(number, wire, message[n:])
		if size < 0 {
			return 0, errTruncated
		}
		if number == want && wire == protowire.VarintType {
			value, _ := protowire.ConsumeVarint(message[n:])
			return value, nil
		}
		message = message[n+size:]
	}
	return 0, nil
}
