// Package kaopass is the venue's language.
package kaopass
