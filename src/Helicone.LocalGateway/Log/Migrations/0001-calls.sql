-- A call and what became of it. Times are milliseconds since 1970, UTC.
CREATE TABLE call (
  id INTEGER PRIMARY KEY,
  request_id BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  latency_ms INTEGER NOT NULL,
  ttft_ms INTEGER,
  requested_model TEXT,
  served_model TEXT,
  model_override TEXT,
  model TEXT NOT NULL,
  provider TEXT,
  attempts INTEGER NOT NULL,
  status INTEGER NOT NULL,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  total_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_tokens INTEGER,
  reasoning_tokens INTEGER,
  cost REAL,
  cache_enabled INTEGER NOT NULL,
  cache_reference TEXT,
  session_id TEXT,
  session_name TEXT,
  session_path TEXT,
  user_id TEXT,
  path TEXT,
  target_url TEXT,
  body_mapping TEXT,
  prompt_id TEXT
) STRICT;

CREATE INDEX call_by_time ON call (created_at);
CREATE INDEX call_by_session ON call (session_id, created_at) WHERE session_id IS NOT NULL;
CREATE INDEX call_by_user ON call (user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX call_by_model ON call (model, created_at);
CREATE INDEX call_by_status ON call (status, created_at);

-- The bodies stand apart: a scan over calls must not read them.
CREATE TABLE body (
  call_id INTEGER PRIMARY KEY,
  request BLOB,
  response BLOB
) STRICT;

-- Names match whatever their case: key is the name in lower case. The time stands here again,
-- so that the youngest calls with a property are found without a look at any other.
CREATE TABLE property (
  call_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (call_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX property_by_value ON property (key, value, created_at);
