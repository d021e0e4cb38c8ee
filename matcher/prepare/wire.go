package prepare

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto (ONNX IR version 3 and later), as far as preparation needs them.
const (
	modelGraph = 7 // ModelProto.graph

	graphNode        = 1  // GraphProto.node
	graphInitializer = 5  // GraphProto.initializer
	graphOutput      = 12 // GraphProto.output

	nodeInput     = 1 // NodeProto.input
	nodeOutput    = 2 // NodeProto.output
	nodeName      = 3 // NodeProto.name
	nodeOp        = 4 // NodeProto.op_type
	nodeAttribute = 5 // NodeProto.attribute

	attributeName = 1  // AttributeProto.name
	attributeInt  = 3  // AttributeProto.i
	attributeType = 20 // AttributeProto.type

	attributeTypeInt = 2 // AttributeProto.AttributeType.INT

	tensorDims      = 1 // TensorProto.dims
	tensorDataType  = 2 // TensorProto.data_type
	tensorFloatData = 4 // TensorProto.float_data
	tensorName      = 8 // TensorProto.name
	tensorRawData   = 9 // TensorProto.raw_data

	infoName   = 1 // ValueInfoProto.name
	infoType   = 2 // ValueInfoProto.type
	typeTensor = 1 // TypeProto.tensor_type
	typeElem   = 1 // TypeProto.Tensor.elem_type
	typeShape  = 2 // TypeProto.Tensor.shape
	shapeDim   = 1 // TensorShapeProto.dim
	dimValue   = 1 // TensorShapeProto.Dimension.dim_value

	dataTypeFloat = 1 // TensorProto.DataType.FLOAT
)

var errTruncated = errors.New("not an ONNX model: truncated or malformed")

// fields calls visit with each field of a message: its bytes, nil where it is a varint or a fixed64, and the whole of it
// with its tag. Both alias the message, so that what visit writes is written into it.
func fields(message []byte, visit func(number protowire.Number, value, whole []byte) error) error {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errTruncated
		}
		size := protowire.ConsumeFieldValue(number, wire, message[n:])
		if size < 0 {
			return errTruncated
		}
		if err := visit(number, bytesOf(wire, message[n:n+size]), message[:n+size]); err != nil {
			return err
		}
		message = message[n+size:]
	}
	return nil
}

// eachField is fields for those that carry bytes: a message, a string, packed numbers, or the four bytes of an unpacked
// float.
func eachField(message []byte, visit func(protowire.Number, []byte) error) error {
	return fields(message, func(number protowire.Number, value, _ []byte) error {
		if value == nil {
			return nil
		}
		return visit(number, value)
	})
}

// bytesOf is never nil for a field that carries bytes, empty ones included.
func bytesOf(wire protowire.Type, field []byte) []byte {
	switch wire {
	case protowire.BytesType:
		value, _ := protowire.ConsumeBytes(field)
		return value
	case protowire.Fixed32Type:
		return field
	default:
		return nil
	}
}

func varintField(message []byte, want protowire.Number) (v uint64, err error) {
	err = fields(message, func(number protowire.Number, value, whole []byte) error {
		if number == want && value == nil {
			_, _, n := protowire.ConsumeTag(whole)
			v, _ = protowire.ConsumeVarint(whole[n:])
		}
		return nil
	})
	return v, err
}

func appendBytes(b []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), value)
}

func appendVarint(b []byte, number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), v)
}

// nameOf is field 1 of a ValueInfoProto.
func nameOf(info []byte) (name []byte) {
	_ = eachField(info, func(number protowire.Number, value []byte) error {
		if number == infoName {
			name = value
		}
		return nil
	})
	return name
}

// floatsOf is a ValueInfoProto: a tensor of float32 of a fixed shape.
func floatsOf(name []byte, dims ...int) []byte {
	var shape []byte
	for _, d := range dims {
		shape = appendBytes(shape, shapeDim, appendVarint(nil, dimValue, uint64(d)))
	}
	tensor := appendBytes(appendVarint(nil, typeElem, dataTypeFloat), typeShape, shape)
	return appendBytes(appendBytes(nil, infoName, name), infoType, appendBytes(nil, typeTensor, tensor))
}
