-- A provider that was asked for a call and did not answer it. Who answered stands in the call itself: most calls have no row here.
CREATE TABLE attempt (
  call_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  source TEXT NOT NULL,
  status INTEGER NOT NULL,
  type TEXT NOT NULL,
  message TEXT,
  latency_ms INTEGER NOT NULL,
  PRIMARY KEY (call_id, number)
) STRICT, WITHOUT ROWID;
