package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/knadh/goyesql/v2"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass/db/embedded"
)

//go:embed queries.sql
var queriesFile []byte

// openWithin bounds the first start of the server, initdb included.
const openWithin = 2 * time.Minute

// linger bridges the gaps between the test processes of one run.
const linger = 3 * time.Second

// host is the server that the tests' databases are on.
type host struct {
	admin   *sql.DB
	queries goyesql.Queries
	url     func(database string) string
}

func open() (*host, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openWithin)
	defer cancel()
	queries, err := goyesql.ParseBytes(queriesFile)
	if err != nil {
		return nil, err
	}
	h := &host{queries: queries}
	external := os.Getenv(External)
	if external != "" {
		h.url, err = urlOn(external)
	} else {
		h.url, err = openEmbedded(ctx)
	}
	if err != nil {
		return nil, err
	}
	if h.admin, err = sql.Open("postgres", h.url("postgres")); err != nil {
		return nil, err
	}
	if err := ping(ctx, h.admin); err != nil {
		return nil, err
	}
	if external != "" {
		return h, nil // whose process a number is there, we cannot know
	}
	return h, h.dropAbandoned(ctx)
}

func urlOn(server string) (func(database string) string, error) {
	parsed, err := url.Parse(server)
	if err != nil || parsed.Scheme == "" {
		return nil, fmt.Errorf("%s is not a postgres:// URL", External)
	}
	return func(database string) string {
		u := *parsed
		u.Path = "/" + database
		return u.String()
	}, nil
}

// openEmbedded opens the server of this working copy. It is never stopped
// here: a test process cannot tell which of its tests is the last.
func openEmbedded(ctx context.Context) (func(database string) string, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	dir, err := serverDir(root)
	if err != nil {
		return nil, err
	}
	s, err := embedded.Open(ctx, embedded.Config{
		Dir:      dir,
		Binaries: filepath.Join(root, "node_modules"),
		Log:      os.Stderr,
		Volatile: true,
	})
	if err != nil {
		return nil, err
	}
	return s.URL, s.Linger(linger)
}

// serverDir is one directory for each user and working copy. It is kept for
// the next run, in a place that the system empties now and then.
func serverDir(root string) (string, error) {
	hash := sha256.Sum256([]byte(root))
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("kaopass-dbtest-%d-%s", os.Getuid(), hex.EncodeToString(hash[:4])))
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() {
		return "", fmt.Errorf("%s is not a directory of ours", dir)
	}
	return dir, nil
}

// template makes the template database unless it is there. The lock keeps
// other processes from making it too; its name comes when it is complete.
func (h *host) template(ctx context.Context, name string, migrate func(url string) error) (err error) {
	conn, err := h.admin.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, h.queries["lock"].Query, name); err != nil {
		return err
	}
	defer func() {
		_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), h.queries["unlock"].Query, name)
		err = errors.Join(err, unlockErr)
	}()
	var there bool
	if err := conn.QueryRowContext(ctx, h.queries["exists"].Query, name).Scan(&there); err != nil || there {
		return err
	}
	half := name + "_new"
	if err := errors.Join(h.drop(ctx, half), h.copy(ctx, half, "template1")); err != nil {
		return err
	}
	if err := migrate(h.url(half)); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return h.exec(ctx, "rename", half, name)
}

func (h *host) copy(ctx context.Context, name, template string) error {
	return h.exec(ctx, "copy", name, template)
}

func (h *host) drop(ctx context.Context, name string) error { return h.exec(ctx, "drop", name) }

func (h *host) exec(ctx context.Context, query string, identifiers ...string) error {
	quoted := make([]any, len(identifiers))
	for i, identifier := range identifiers {
		quoted[i] = pq.QuoteIdentifier(identifier)
	}
	if _, err := h.admin.ExecContext(ctx, fmt.Sprintf(h.queries[query].Query, quoted...)); err != nil {
		return fmt.Errorf("%s %s: %w", query, strings.Join(identifiers, " "), err)
	}
	return nil
}

// dropAbandoned removes the databases of test processes that were killed.
func (h *host) dropAbandoned(ctx context.Context) (err error) {
	rows, err := h.admin.QueryContext(ctx, h.queries["tests"].Query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		if abandoned(name) {
			if err := h.drop(ctx, name); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// abandoned reports whether the process in a test database's name is gone.
func abandoned(name string) bool {
	parts := strings.SplitN(name, "_", 3)
	if len(parts) != 3 {
		return false
	}
	pid, err := strconv.Atoi(parts[1])
	return err == nil && pid != os.Getpid() && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
