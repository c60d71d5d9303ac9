"""The function with which PostgreSQL tells how alike two texts are: the same as `similarity` of
pg_trgm, without asking for an extension that a host may not offer. SQLite gets it in Python."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION releases_trigrams(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(word, place, 3)), '{}')
    FROM (
        SELECT '  ' || found[1] || ' ' AS word
        FROM regexp_matches(lower(value), '[[:alnum:]]+', 'g') AS found
    ) AS words, generate_series(1, length(word) - 2) AS place
$$;
CREATE FUNCTION releases_similarity(one text, other text) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(
        count(*) FILTER (WHERE sides = 2)::double precision / nullif(count(*), 0), 0
    )
    FROM (
        SELECT count(*) AS sides
        FROM (
            SELECT unnest(releases_trigrams(one)) AS part
            UNION ALL SELECT unnest(releases_trigrams(other))
        ) AS parts
        GROUP BY part
    ) AS shared
$$;
"""
BACKWARD = """
DROP FUNCTION releases_similarity(text, text);
DROP FUNCTION releases_trigrams(text);
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("releases", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(FORWARD), on_postgresql(BACKWARD))]
