//go:build !linux

package pages

import "errors"

func reserve(int) ([]byte, error) { return nil, errors.ErrUnsupported }

func release([]byte) {}

func aligned(b []byte, n int) []byte { return b[:n] }
