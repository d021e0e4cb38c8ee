package db

import (
	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// placeQueries reads where something happens.
type placeQueries struct {
	Live *sqlx.Stmt `query:"place-live"`
}

// place reads the device of a request again, under the verb's own snapshot: ErrNotFound where it is not live, or not of
// the role. Its zone is its row's, whatever the device says of itself.
func (t *tx) place(id kaopass.DeviceID, role kaopass.Role) (kaopass.Device, error) {
	d := kaopass.Device{ID: id, Role: role}
	var row struct {
		Name string
		Zone kaopass.Zone
	}
	err := t.get(&row, t.q.Place.Live, id, role)
	d.Name, d.Zone = row.Name, row.Zone
	return d, err
}
