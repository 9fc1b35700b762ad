-- A word for a session, the latest that somebody gave it. It may come before the session's first call.
CREATE TABLE session_tag (
  session_id TEXT PRIMARY KEY,
  tag TEXT NOT NULL
) STRICT, WITHOUT ROWID;
