-- Wrong codes of a till and wrong ticket numbers of a visitor are counted at each try, in a log of a whole season.

-- +goose Up
CREATE INDEX event_code_wrong ON event (device, at) WHERE reason = 'code_wrong';
CREATE INDEX event_bind_refused ON event (visitor, at) WHERE kind = 'ticket.bind_refused';
