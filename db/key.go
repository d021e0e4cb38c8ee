package db

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// keyQueries keeps the outcomes of requests that their clients named.
type keyQueries struct {
	Lock   *sqlx.Stmt `query:"key-lock"`
	Hold   *sqlx.Stmt `query:"key-hold"`
	Read   *sqlx.Stmt `query:"key-read"`
	Keep   *sqlx.Stmt `query:"key-keep"`
	Reason *sqlx.Stmt `query:"key-reason"`
	Sweep  *sqlx.Stmt `query:"key-sweep"`
}

// once carries do out at most once for a key, in the verb's own transaction, and keeps *outcome for those who ask again:
// the same key and body answer what was kept (replayed), another body ErrKeyReused, and a twin still at work
// ErrInFlight. What do answers as an error is not kept: nothing happened. A key without a name is no protection.
//
// outcome is kept as JSON for KeyKept, so it holds no code and no token.
func once[T any](t *tx, key kaopass.Key, outcome *T, do func() error) (replayed bool, err error) {
	return onceDone(t, key, outcome, func() (bool, error) { return true, do() })
}

// onceDone is once for a verb of several transactions: do answers whether the outcome is final. Where it is not, nothing
// is kept yet, and the verb's last transaction calls keepKey; what it left behind has to keep a twin out meanwhile.
func onceDone[T any](t *tx, key kaopass.Key, outcome *T, do func() (done bool, err error)) (replayed bool, err error) {
	if key.Name == "" {
		_, err := do()
		return false, err
	}
	stored, err := t.takeKey(key)
	if err != nil {
		return false, err
	}
	if stored != nil {
		return true, json.Unmarshal(stored, outcome)
	}
	if done, err := do(); err != nil || !done {
		return false, err
	}
	return false, t.keepKey(key, outcome)
}

// takeKey holds the key for this transaction and answers the outcome that was kept, nil where there is none yet.
func (t *tx) takeKey(key kaopass.Key) (stored []byte, err error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	// Two statements: the second sees what the twin that held the lock committed before it let go.
	var mine bool
	if err := t.get(&mine, t.q.Key.Lock, lockNumber(key)); err != nil {
		return nil, err
	}
	if !mine {
		return nil, ErrInFlight
	}
	var row struct {
		Body    []byte
		Outcome []byte
	}
	found, err := t.find(&row, t.q.Key.Read, key.Owner, key.Name, t.now.Add(-kaopass.KeyKept))
	switch {
	case err != nil || !found:
		return nil, err
	case string(row.Body) != string(key.Body[:]):
		return nil, ErrKeyReused
	}
	return row.Outcome, nil
}

func checkKey(key kaopass.Key) error {
	if len(key.Name) > kaopass.KeyMax || key.Name != "" && key.Owner == "" {
		return fmt.Errorf("db: a key of %d bytes, owner %q", len(key.Name), key.Owner)
	}
	return nil
}

// holdKey waits for a twin of the key that is at work, and keeps others out until this transaction ends. The last
// transaction of a verb of several begins with it: else a twin could look for the outcome before this one keeps it, look
// for what the first transaction left behind after this one settled it, and begin the verb a second time.
func (t *tx) holdKey(key kaopass.Key) error {
	if key.Name == "" {
		return nil
	}
	_, err := t.do(t.q.Key.Hold, lockNumber(key))
	return err
}

// keepKey stores the outcome of a key.
func (t *tx) keepKey(key kaopass.Key, outcome any) error {
	text, err := json.Marshal(outcome)
	if err != nil {
		return fmt.Errorf("db: outcome of a key: %w", err)
	}
	rows, err := t.do(t.q.Key.Keep, key.Owner, key.Name, key.Body[:], text, t.now, t.now.Add(-kaopass.KeyKept))
	if err == nil && rows == 0 {
		return errRace
	}
	return err
}

// lockNumber is the advisory lock of a key.
func lockNumber(key kaopass.Key) int64 {
	sum := sha256.Sum256([]byte("request key\x00" + key.Owner + "\x00" + key.Name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
