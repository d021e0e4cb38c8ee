package prepare

import (
	"errors"
	"math"
)

// This file's arithmetic is float64, one operation at a time: each product is converted before it is added, which
// forbids the compiler to fuse the two (Go specification, "Floating-point operators"). So that every machine makes the
// same file to the bit, and its SHA-256 can stand in the manifest.

// columns is a matrix by its columns.
type columns [][]float64

// basisRounds is how often the subspace is refined. Each round shrinks what is wrong in it by the square of the ratio of
// the singular values on either side of its edge.
const basisRounds = 8

var errBasis = errors.New("the layer's columns span fewer dimensions than are to be kept")

// leadingBasis finds an orthonormal basis of the dim dimensions in which the columns of a have most of their energy: its
// leading left singular vectors, by subspace iteration (Halko, Martinsson and Tropp, 2011, algorithm 4.4), turned within
// the subspace at random, so that every coordinate carries as much as any other and quantises as well. It also answers
// which share of the energy lies outside.
func leadingBasis(a columns, dim int) (basis columns, outside float64, err error) {
	rows := len(a[0])
	basis = scattered(rows, dim)
	for range basisRounds {
		if err := orthonormalise(basis); err != nil {
			return nil, 0, err
		}
		basis = times(a, times(transposed(a), basis))
	}
	if err := orthonormalise(basis); err != nil {
		return nil, 0, err
	}
	turn := scattered(dim, dim)
	if err := orthonormalise(turn); err != nil {
		return nil, 0, err
	}
	basis = times(basis, turn)
	if err := orthonormalise(basis); err != nil { // again, to the last digit
		return nil, 0, err
	}
	return basis, 1 - energy(times(transposed(basis), a))/energy(a), nil
}

// scattered fills a matrix with numbers that have no pattern, the same ones every time (splitmix64).
func scattered(rows, cols int) columns {
	out := newColumns(rows, cols)
	var state uint64
	for _, column := range out {
		for i := range column {
			state += 0x9e3779b97f4a7c15
			z := state
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			column[i] = float64(int64(z^z>>31)>>11) / (1 << 52)
		}
	}
	return out
}

// orthonormalise makes each column a unit vector at right angles to those before it (modified Gram-Schmidt, twice, which
// is enough: Giraud and Langou, 2002).
func orthonormalise(m columns) error {
	for i, v := range m {
		before := math.Sqrt(dot(v, v))
		for range 2 {
			for _, u := range m[:i] {
				k := dot(u, v)
				for r := range v {
					v[r] -= float64(k * u[r])
				}
			}
		}
		length := math.Sqrt(dot(v, v))
		if !(length > before*1e-12) {
			return errBasis
		}
		for r := range v {
			v[r] /= length
		}
	}
	return nil
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

// times is the product of two matrices.
func times(a, b columns) columns {
	out := newColumns(len(a[0]), len(b))
	for j, column := range out {
		for k, x := range b[j] {
			for i, y := range a[k] {
				column[i] += float64(x * y)
			}
		}
	}
	return out
}

func transposed(a columns) columns {
	out := newColumns(len(a), len(a[0]))
	for j, column := range a {
		for i, x := range column {
			out[i][j] = x
		}
	}
	return out
}

func energy(a columns) (sum float64) {
	for _, column := range a {
		sum += dot(column, column)
	}
	return sum
}

func newColumns(rows, cols int) columns {
	out := make(columns, cols)
	for i := range out {
		out[i] = make([]float64, rows)
	}
	return out
}
