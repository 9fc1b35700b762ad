-- What somebody thought of an answer afterwards.
ALTER TABLE call ADD COLUMN feedback INTEGER;
ALTER TABLE call ADD COLUMN feedback_at INTEGER;

CREATE TABLE score (
  call_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (call_id, name)
) STRICT, WITHOUT ROWID;
