package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"github.com/jmoiron/sqlx"
)

// The log's chain (law 6). Sealing in batches, in the background, keeps every writer out of a single queue; below the
// horizon nothing can be added any more, so a batch is final when it is sealed. The seal is a keyed hash, so who can
// write to the database but does not hold the venue's keys cannot make the chain fit what they changed.
const (
	linkEvents   = 5_000 // at most, in one link
	chainWalk    = 100   // links read at once
	breachesMost = 100   // told; the first is what matters
)

// chainQueries seals the log and checks the seals.
type chainQueries struct {
	Turn   *sqlx.Stmt `query:"chain-turn"`
	Last   *sqlx.Stmt `query:"chain-last"`
	Add    *sqlx.Stmt `query:"chain-add"`
	Walk   *sqlx.Stmt `query:"chain-walk"`
	Events *sqlx.Stmt `query:"chain-events"`
	Open   *sqlx.Stmt `query:"chain-open"`
}

type linkRow struct {
	N      int64
	Upto   int64
	Events int64
	Seal   []byte
	At     time.Time
}

// SealEvents seals the events that are complete and not sealed yet, and answers how many those were. web calls it on a
// timer; of several processes one does it.
func (d *DB) SealEvents(ctx context.Context) (sealed int, err error) {
	for {
		var n int
		err := d.tx(ctx, func(t *tx) (err error) {
			n, err = t.addLink()
			return err
		})
		if sealed += n; err != nil || n < linkEvents {
			return sealed, err
		}
	}
}

// addLink seals the next batch; 0 where there is nothing to seal, or another process is at it.
func (t *tx) addLink() (int, error) {
	var mine bool
	if err := t.get(&mine, t.q.Chain.Turn); err != nil || !mine {
		return 0, err
	}
	var last linkRow
	if _, err := t.find(&last, t.q.Chain.Last); err != nil {
		return 0, err
	}
	var rows []eventRow
	if err := t.list(&rows, t.q.Event.After, last.Upto, linkEvents); err != nil || len(rows) == 0 {
		return 0, err
	}
	link := linkRow{N: last.N + 1, Upto: rows[len(rows)-1].Seq, Events: int64(len(rows))}
	sum, err := t.linkSeal(last.Seal, link, rows)
	if err != nil {
		return 0, err
	}
	_, err = t.do(t.q.Chain.Add, link.N, link.Upto, link.Events, sum, t.now)
	return len(rows), err
}

// linkSeal is the keyed hash over the link before, this link's own figures, and the events that it covers.
func (d *DB) linkSeal(before []byte, link linkRow, rows []eventRow) ([]byte, error) {
	digest := sha256.New()
	write(digest, string(before), link.N, link.Upto, link.Events)
	for _, r := range rows {
		write(digest, string(r.ID), r.Seq, r.At.UnixMicro(), r.Amount, r.TookUS)
		for _, text := range []string{string(r.Kind), r.Actor, string(r.Visitor), string(r.Device), r.Place, string(r.Zone), r.Subject,
			string(r.Purpose), string(r.Decision), string(r.Status), string(r.Reason), string(r.Direction), r.Currency} {
			write(digest, text)
		}
	}
	return d.keys.Hash(useChain, string(digest.Sum(nil)))
}

// write hashes a text with its length before it, and numbers, so that no two rows give the same bytes.
func write(digest hash.Hash, text string, numbers ...int64) {
	b := binary.BigEndian.AppendUint64(nil, uint64(len(text)))
	b = append(b, text...)
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	digest.Write(b)
}

// ChainAudit is what `kaopass audit verify` prints. Head is the newest seal: kept outside of the venue, it proves later
// that nothing was cut off the end.
type ChainAudit struct {
	OK       bool     `json:"ok"`
	Breaches []string `json:"breaches"`
	Links    int64    `json:"links"`
	Events   int64    `json:"events"`   // sealed
	Unsealed int64    `json:"unsealed"` // not sealed yet
	Head     string   `json:"head"`
}

// VerifyEvents walks the chain from its beginning, in one snapshot, and tells the links that do not fit.
func (d *DB) VerifyEvents(ctx context.Context) (out ChainAudit, err error) {
	out.Breaches = []string{}
	err = d.snapshot(ctx, func(t *tx) error {
		var before linkRow
		for {
			var links []linkRow
			if err := t.list(&links, t.q.Chain.Walk, before.N, chainWalk); err != nil {
				return err
			}
			for _, link := range links {
				if err := t.verifyLink(&out, before, link); err != nil {
					return err
				}
				before = link
			}
			if len(links) < chainWalk {
				out.Head = hex.EncodeToString(before.Seal)
				return t.get(&out.Unsealed, t.q.Chain.Open, before.Upto)
			}
		}
	})
	out.OK = len(out.Breaches) == 0
	return out, err
}

func (t *tx) verifyLink(out *ChainAudit, before, link linkRow) error {
	var rows []eventRow
	if err := t.list(&rows, t.q.Chain.Events, before.Upto, link.Upto); err != nil {
		return err
	}
	out.Links++
	out.Events += int64(len(rows))
	sum, err := t.linkSeal(before.Seal, link, rows)
	if err != nil {
		return err
	}
	breach := ""
	switch {
	case link.N != before.N+1:
		breach = fmt.Sprintf("link %d follows link %d: those between are gone", link.N, before.N)
	case int64(len(rows)) != link.Events:
		breach = fmt.Sprintf("link %d, sealed %s, covered %d events and finds %d", link.N, link.At.UTC().Format(time.RFC3339), link.Events, len(rows))
	case !bytes.Equal(sum, link.Seal):
		breach = fmt.Sprintf("link %d, sealed %s: an event was changed, or the link is not ours", link.N, link.At.UTC().Format(time.RFC3339))
	}
	if breach != "" && len(out.Breaches) < breachesMost {
		out.Breaches = append(out.Breaches, breach)
	}
	return nil
}
