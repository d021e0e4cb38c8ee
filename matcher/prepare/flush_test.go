package prepare

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

const dataTypeInt64 = 7

// tensor is a TensorProto: data_type, name, then the given data fields.
func tensor(dataType uint64, data ...[]byte) []byte {
	b := protowire.AppendTag(nil, tensorDataType, protowire.VarintType)
	b = protowire.AppendVarint(b, dataType)
	b = protowire.AppendTag(b, 8, protowire.BytesType)
	b = protowire.AppendString(b, "weight")
	return append(b, bytes.Join(data, nil)...)
}

func raw(values ...float32) []byte {
	b := protowire.AppendTag(nil, tensorRawData, protowire.BytesType)
	return protowire.AppendBytes(b, floats(values...))
}

func packed(values ...float32) []byte {
	b := protowire.AppendTag(nil, tensorFloatData, protowire.BytesType)
	return protowire.AppendBytes(b, floats(values...))
}

func unpacked(values ...float32) []byte {
	var b []byte
	for _, v := range values {
		b = protowire.AppendTag(b, tensorFloatData, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, math.Float32bits(v))
	}
	return b
}

func floats(values ...float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// model is a ModelProto with an IR version, a producer, and a graph that holds
// a name and the tensors.
func model(tensors ...[]byte) []byte {
	graph := protowire.AppendTag(nil, 2, protowire.BytesType)
	graph = protowire.AppendString(graph, "graph")
	for _, tensor := range tensors {
		graph = protowire.AppendTag(graph, graphInitializer, protowire.BytesType)
		graph = protowire.AppendBytes(graph, tensor)
	}
	b := protowire.AppendTag(nil, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, 8)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendString(b, "a test")
	b = protowire.AppendTag(b, modelGraph, protowire.BytesType)
	return protowire.AppendBytes(b, graph)
}

func TestFlush(t *testing.T) {
	const tiny, small, below = 1e-20, 2e-15, 1e-15
	cases := []struct {
		name    string
		in, out []byte
		flushed int
	}{
		{"raw", tensor(dataTypeFloat, raw(1, tiny, -tiny, small, 0)), tensor(dataTypeFloat, raw(1, 0, 0, small, 0)), 2},
		{"packed", tensor(dataTypeFloat, packed(tiny, 3)), tensor(dataTypeFloat, packed(0, 3)), 1},
		{"unpacked", tensor(dataTypeFloat, unpacked(tiny, 3, tiny)), tensor(dataTypeFloat, unpacked(0, 3, 0)), 2},
		{"subnormal", tensor(dataTypeFloat, raw(math.SmallestNonzeroFloat32)), tensor(dataTypeFloat, raw(0)), 1},
		{"not a number stays", tensor(dataTypeFloat, raw(float32(math.NaN()), float32(math.Inf(-1)))),
			tensor(dataTypeFloat, raw(float32(math.NaN()), float32(math.Inf(-1)))), 0},
		{"integers stay", tensor(dataTypeInt64, raw(tiny, tiny)), tensor(dataTypeInt64, raw(tiny, tiny)), 0},
		{"empty", tensor(dataTypeFloat), tensor(dataTypeFloat), 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in, keep := model(c.in), model(c.in)
			got, flushed, err := Flush(in, below)
			if err != nil || flushed != c.flushed {
				t.Fatalf("flushed %d, %v; want %d", flushed, err, c.flushed)
			}
			if !bytes.Equal(got, model(c.out)) {
				t.Errorf("got  % x\nwant % x", got, model(c.out))
			}
			if !bytes.Equal(in, keep) {
				t.Error("Flush wrote into its argument")
			}
		})
	}
}

func TestFlushRefusesWhatIsNoModel(t *testing.T) {
	whole := model(tensor(dataTypeFloat, raw(1, 2)))
	for _, bad := range [][]byte{
		whole[:len(whole)-1],
		[]byte("<!doctype html>"),
		model(tensor(dataTypeFloat, protowire.AppendBytes(protowire.AppendTag(nil, tensorRawData, protowire.BytesType), []byte{1, 2, 3}))),
	} {
		if _, _, err := Flush(bad, 1); err == nil {
			t.Errorf("% x was accepted", bad)
		}
	}
}

func FuzzFlush(f *testing.F) {
	f.Add(model(tensor(dataTypeFloat, raw(1, 1e-20))))
	f.Add(model(tensor(dataTypeFloat, unpacked(1, 1e-20))))
	f.Fuzz(func(t *testing.T, data []byte) {
		once, _, err := Flush(data, 1e-15)
		if err != nil {
			return
		}
		twice, flushed, err := Flush(once, 1e-15)
		if err != nil || flushed != 0 || !bytes.Equal(once, twice) {
			t.Errorf("a second pass changed %d weights, %v", flushed, err)
		}
	})
}
