-- Up to which call the bodies have been compressed (see StoredBody). One row. An older gateway could not read them, and the version keeps it away.
CREATE TABLE compressed (
  upto INTEGER NOT NULL
) STRICT;

INSERT INTO compressed (upto) VALUES (0);
