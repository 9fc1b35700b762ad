-- What the calls of an hour for an end user add up to: the users of a day of a million calls are asked for at once.
-- hour is created_at / 3600000.
CREATE TABLE user_hour (
  hour INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  cost REAL NOT NULL,
  PRIMARY KEY (hour, user_id)
) STRICT, WITHOUT ROWID;

INSERT INTO user_hour (hour, user_id, first_at, last_at, calls, prompt_tokens, completion_tokens, total_tokens, cost)
  SELECT created_at / 3600000, user_id, min(created_at), max(created_at), count(*), ifnull(sum(prompt_tokens), 0), ifnull(sum(completion_tokens), 0), ifnull(sum(total_tokens), 0), total(cost)
  FROM call WHERE user_id IS NOT NULL GROUP BY 1, 2;
