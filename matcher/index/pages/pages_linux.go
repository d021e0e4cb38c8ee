package pages

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// reserve takes address space: a page takes memory when it is first written.
func reserve(n int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, err
	}
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // a system without them has small ones
	_ = unix.Madvise(b, unix.MADV_DONTDUMP)
	return b, nil
}

// release gives back what nobody can use any more; that it is mapped is certain.
func release(b []byte) { _ = unix.Munmap(b) }

func aligned(b []byte, n int) []byte {
	skip := -uintptr(unsafe.Pointer(&b[0])) % huge
	return b[skip:][:n:n]
}
