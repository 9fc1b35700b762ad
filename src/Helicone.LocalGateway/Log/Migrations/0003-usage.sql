-- What the calls of six minutes add up to, by model and by how long they took: for the page, where a day of traffic may be a million calls.
-- slot is created_at / 360000. latency is the number of a class of latencies, each 9 % wider than the one before it: see LatencyClass.
CREATE TABLE usage (
  slot INTEGER NOT NULL,
  model TEXT NOT NULL,
  latency INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  cost REAL NOT NULL,
  PRIMARY KEY (slot, model, latency)
) STRICT, WITHOUT ROWID;

INSERT INTO usage (slot, model, latency, calls, failed, hits, tokens, cost)
  SELECT created_at / 360000, model, CAST(8 * log2(1 + max(latency_ms, 0)) AS INTEGER), count(*), count(*) FILTER (WHERE status NOT BETWEEN 200 AND 399),
    count(cache_reference), ifnull(sum(total_tokens), 0), total(cost)
  FROM call GROUP BY 1, 2, 3;
