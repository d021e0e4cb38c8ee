package prepare

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// graph is an ONNX model taken apart as far as preparation changes it: its nodes in order of execution and its weights.
// What it does not know it carries along unread.
type graph struct {
	model   []byte // fields of ModelProto but the graph, as they were
	others  []byte // fields of GraphProto but nodes and initialisers, as they were
	nodes   []node
	weights []weight
}

// node is a NodeProto. Its attributes are kept encoded; see intAttribute.
type node struct {
	op, name        string
	inputs, outputs []string
	attributes      []attribute
}

type attribute struct {
	name    string
	encoded []byte // an AttributeProto
}

// weight is a TensorProto: floats where its type is float32, else encoded as it was.
type weight struct {
	name    string
	dims    []int64
	floats  []float32
	encoded []byte // nil for float32
}

// parseGraph takes a model apart.
func parseGraph(data []byte) (*graph, error) {
	g := &graph{}
	err := fields(data, func(number protowire.Number, value, whole []byte) error {
		if number != modelGraph {
			g.model = append(g.model, whole...)
			return nil
		}
		return fields(value, g.add)
	})
	return g, err
}

func (g *graph) add(number protowire.Number, value, whole []byte) error {
	if value == nil && (number == graphNode || number == graphInitializer) {
		return errTruncated
	}
	switch number {
	case graphNode:
		n, err := parseNode(value)
		g.nodes = append(g.nodes, n)
		return err
	case graphInitializer:
		t, err := parseTensor(value)
		g.weights = append(g.weights, t)
		return err
	}
	g.others = append(g.others, whole...)
	return nil
}

func parseNode(data []byte) (n node, err error) {
	err = fields(data, func(number protowire.Number, value, _ []byte) error {
		switch number {
		case nodeInput:
			n.inputs = append(n.inputs, string(value))
		case nodeOutput:
			n.outputs = append(n.outputs, string(value))
		case nodeName:
			n.name = string(value)
		case nodeOp:
			n.op = string(value)
		case nodeAttribute:
			a := attribute{encoded: value}
			n.attributes = append(n.attributes, a)
			return fields(value, func(number protowire.Number, value, _ []byte) error {
				if number == attributeName {
					n.attributes[len(n.attributes)-1].name = string(value)
				}
				return nil
			})
		}
		return nil
	})
	return n, err
}

func parseTensor(data []byte) (t weight, err error) {
	dataType, err := varintField(data, tensorDataType)
	if err != nil {
		return t, err
	}
	if dataType != dataTypeFloat {
		t.encoded = data
	}
	err = fields(data, func(number protowire.Number, value, whole []byte) error {
		switch number {
		case tensorName:
			t.name = string(value)
		case tensorDims:
			return t.addDims(value, whole)
		case tensorRawData, tensorFloatData:
			if dataType == dataTypeFloat {
				t.floats = appendFloats(t.floats, value)
			}
		}
		return nil
	})
	if err == nil && dataType == dataTypeFloat && len(t.floats) != t.size() {
		err = fmt.Errorf("weight %s has %d numbers, its shape wants %d", t.name, len(t.floats), t.size())
	}
	return t, err
}

// addDims reads one dimension, or several packed.
func (t *weight) addDims(value, whole []byte) error {
	if value == nil {
		_, _, n := protowire.ConsumeTag(whole)
		value = whole[n:]
	}
	for len(value) > 0 {
		v, n := protowire.ConsumeVarint(value)
		if n < 0 || v > weightsMax {
			return errTruncated
		}
		t.dims, value = append(t.dims, int64(v)), value[n:]
	}
	return nil
}

// weightsMax bounds one dimension, so that a product of two cannot overflow.
const weightsMax = 1 << 28

func (t *weight) size() int {
	size := 1
	for _, d := range t.dims {
		if size *= int(d); size > weightsMax {
			return -1
		}
	}
	return size
}

func appendFloats(to []float32, data []byte) []float32 {
	for ; len(data) >= 4; data = data[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return to
}

// find answers an initialiser of float32 by its name.
func (g *graph) find(name string) (*weight, bool) {
	for i := range g.weights {
		if g.weights[i].name == name && g.weights[i].encoded == nil {
			return &g.weights[i], true
		}
	}
	return nil, false
}

// encode puts the model together again.
func (g *graph) encode() []byte {
	var inner []byte
	for _, n := range g.nodes {
		inner = appendBytes(inner, graphNode, n.encode())
	}
	inner = append(inner, g.others...)
	for _, t := range g.weights {
		inner = appendBytes(inner, graphInitializer, t.encode())
	}
	return appendBytes(append([]byte(nil), g.model...), modelGraph, inner)
}

func (n node) encode() (b []byte) {
	for _, name := range n.inputs {
		b = appendBytes(b, nodeInput, []byte(name))
	}
	for _, name := range n.outputs {
		b = appendBytes(b, nodeOutput, []byte(name))
	}
	b = appendBytes(b, nodeName, []byte(n.name))
	b = appendBytes(b, nodeOp, []byte(n.op))
	for _, a := range n.attributes {
		b = appendBytes(b, nodeAttribute, a.encoded)
	}
	return b
}

func (t weight) encode() (b []byte) {
	if t.encoded != nil {
		return t.encoded
	}
	for _, d := range t.dims {
		b = appendVarint(b, tensorDims, uint64(d))
	}
	b = appendVarint(b, tensorDataType, dataTypeFloat)
	b = appendBytes(b, tensorName, []byte(t.name))
	data := make([]byte, 0, 4*len(t.floats))
	for _, v := range t.floats {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return appendBytes(b, tensorRawData, data)
}

// intAttribute is the value of an attribute that is a whole number.
func (n *node) intAttribute(name string, otherwise int64) int64 {
	for _, a := range n.attributes {
		if a.name == name {
			if v, err := varintField(a.encoded, attributeInt); err == nil {
				return int64(v)
			}
		}
	}
	return otherwise
}

func (n *node) setIntAttribute(name string, v int64) {
	b := appendBytes(nil, attributeName, []byte(name))
	b = appendVarint(appendVarint(b, attributeInt, uint64(v)), attributeType, attributeTypeInt)
	for i := range n.attributes {
		if n.attributes[i].name == name {
			n.attributes[i].encoded = b
			return
		}
	}
	n.attributes = append(n.attributes, attribute{name, b})
}
