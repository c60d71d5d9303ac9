"""Indexes with which pages and lists cost the same in a catalogue a hundred times as large.

PostgreSQL alone gets those of expressions that SQLite does not know, and faster functions of
trigrams: an index needs them, and the search compares a text with many others.
"""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower

FASTER = """
CREATE OR REPLACE FUNCTION releases_trigrams(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words text := '  ' || regexp_replace(lower(value), '[^[:alnum:]]+', '   ', 'g') || ' ';
    part text;
    parts text[] := '{}';
BEGIN
    FOR place IN 1 .. length(words) - 2 LOOP
        part := substr(words, place, 3);
        -- What ends with two spaces is between two words.
        IF right(part, 2) <> '  ' AND part <> ALL (parts) THEN
            parts := parts || part;
        END IF;
    END LOOP;
    RETURN parts;
END
$$;
DROP FUNCTION releases_similarity(text, text);
CREATE FUNCTION releases_similarity(value text, others text[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    part text;
    parts text[] := releases_trigrams(value);
    shared integer := 0;
BEGIN
    FOREACH part IN ARRAY parts LOOP
        IF part = ANY (others) THEN
            shared := shared + 1;
        END IF;
    END LOOP;
    RETURN coalesce(
        shared::double precision
        / nullif(cardinality(parts) + cardinality(others) - shared, 0), 0
    );
END
$$;
"""
AS_BEFORE = """
DROP FUNCTION releases_similarity(text, text[]);
CREATE OR REPLACE FUNCTION releases_trigrams(value text) RETURNS text[]
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
INDEXES = {
    # The search.
    "product_trigrams_of_name": "releases_product USING gin (releases_trigrams(name))",
    "product_trigrams_of_label": "releases_product USING gin (releases_trigrams(label))",
    "alias_trigrams_of_name": "releases_alias USING gin (releases_trigrams(name))",
    # Cycles whose name begins with a word, in capitals or not.
    "cycle_by_name": "releases_releasecycle (upper(name) text_pattern_ops)",
}
FORWARD = [FASTER, *(f"CREATE INDEX {name} ON {what}" for name, what in INDEXES.items())]
BACKWARD = [*(f"DROP INDEX {name}" for name in INDEXES), AS_BEFORE]


def on_postgresql(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


def index(model, *expressions, **options):
    return migrations.AddIndex(model, models.Index(*expressions, **options))


class Migration(migrations.Migration):
    dependencies = [("releases", "0003_revision")]

    operations = [
        # The order of the roadmap, of the list of products, and when data was last checked.
        index("product", F("featured"), Lower("label"), F("name"), name="product_in_order"),
        index("product", Lower("label"), F("name"), name="product_by_label"),
        index("product", F("checked_on"), name="product_by_check"),
        # The next release, all that is planned; what ends soon, and the last day of all.
        index("releasecycle", fields=["release_date", "id"], name="cycle_by_release"),
        index(
            "releasecycle",
            fields=["release_flag"],
            name="cycle_not_released",
            condition=Q(("release_flag", False)),
        ),
        *(
            index(
                "releasecycle",
                fields=[f"{name}_date"],
                name=f"cycle_by_{name}",
                condition=Q((f"{name}_date__isnull", False)),
            )
            for name in ("eoas", "eoes")
        ),
        migrations.RunPython(on_postgresql(FORWARD), on_postgresql(BACKWARD)),
    ]
