package card

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// The steps of a charge.
const (
	opHold    = "hold"
	opDecline = "decline"
	opCapture = "capture"
	opRelease = "release"
	opRefund  = "refund"
)

// entry is one line of the journal. It names no card.
type entry struct {
	Op     string    `json:"op"`
	ID     string    `json:"id"`
	Refund string    `json:"refund,omitempty"`
	Amount int64     `json:"amount,omitempty"` // yen
	At     time.Time `json:"at,omitzero"`
}

// journal is a file of JSON lines, written before a step is answered. The zero journal keeps nothing.
type journal struct {
	file *os.File
	end  int64 // bytes of whole lines
}

// openJournal hands each line to apply. A last line that a crash cut off was never answered: it is cut away.
func openJournal(path string, apply func(entry)) (*journal, error) {
	if path == "" {
		return &journal{}, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	whole, err := replay(file, apply)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err != nil {
		return nil, fmt.Errorf("card: %s: %w", path, errors.Join(err, file.Close()))
	}
	return &journal{file, whole}, nil
}

// replay answers how many bytes of whole lines it read.
func replay(file io.Reader, apply func(entry)) (whole int64, err error) {
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return whole, err
		}
		apply(e)
		whole += int64(len(line))
	}
}

// write adds a line and waits until it is on disk. What a full disk took only a part of is taken away again: else the next
// line would be glued to it, and the journal could never be read again.
func (j *journal) write(e entry) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("card: %w", err)
	}
	line = append(line, '\n')
	if _, err = j.file.WriteAt(line, j.end); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("card: %w", errors.Join(err, j.file.Truncate(j.end)))
	}
	j.end += int64(len(line))
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
