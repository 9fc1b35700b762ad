-- Calls whose cost is unknown though a model answered: sums say how many they leave out. implausible is 1 where a provider's token counts
-- were beyond belief and were capped; sums of them would overflow.
ALTER TABLE call ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call ADD COLUMN implausible INTEGER NOT NULL DEFAULT 0;

UPDATE call SET implausible = 1, cost = NULL,
  prompt_tokens = min(max(prompt_tokens, 0), 2000000000), completion_tokens = min(max(completion_tokens, 0), 2000000000), total_tokens = min(max(total_tokens, 0), 4000000000),
  cache_read_tokens = min(max(cache_read_tokens, 0), 1000000000), cache_write_tokens = min(max(cache_write_tokens, 0), 2000000000), reasoning_tokens = min(max(reasoning_tokens, 0), 1000000000)
  WHERE prompt_tokens NOT BETWEEN 0 AND 2000000000 OR completion_tokens NOT BETWEEN 0 AND 2000000000 OR total_tokens NOT BETWEEN 0 AND 4000000000
    OR cache_read_tokens NOT BETWEEN 0 AND 1000000000 OR cache_write_tokens NOT BETWEEN 0 AND 2000000000 OR reasoning_tokens NOT BETWEEN 0 AND 1000000000;
UPDATE call SET unpriced = 1 WHERE cost IS NULL AND (status BETWEEN 200 AND 399 OR status = -3 OR ttft_ms IS NOT NULL) AND model NOT GLOB 'tool:*' AND model NOT GLOB 'vector_db:*' AND model NOT GLOB 'data:*';

ALTER TABLE usage ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user_hour ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;

DELETE FROM usage;
INSERT INTO usage (slot, model, latency, calls, failed, hits, tokens, cost, unpriced)
  SELECT created_at / 360000, model, CAST(8 * log2(1 + max(latency_ms, 0)) AS INTEGER), count(*), count(*) FILTER (WHERE status NOT BETWEEN 200 AND 399),
    count(cache_reference), ifnull(sum(total_tokens), 0), total(cost), sum(unpriced)
  FROM call GROUP BY 1, 2, 3;

DELETE FROM user_hour;
INSERT INTO user_hour (hour, user_id, first_at, last_at, calls, prompt_tokens, completion_tokens, total_tokens, cost, unpriced)
  SELECT created_at / 3600000, user_id, min(created_at), max(created_at), count(*), ifnull(sum(prompt_tokens), 0), ifnull(sum(completion_tokens), 0), ifnull(sum(total_tokens), 0), total(cost), sum(unpriced)
  FROM call WHERE user_id IS NOT NULL GROUP BY 1, 2;
