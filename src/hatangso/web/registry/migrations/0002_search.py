"""What the two stores have of their own: text search and boxes of lines and areas."""

from django.db import migrations

SQLITE = [
    # Contentless: the text is made anew from the asset, only the words are kept. Never deleted from: rows of old
    # versions drop out when the hit is joined with the asset.
    "CREATE VIRTUAL TABLE registry_text USING fts5(text, content='', detail=none, tokenize='unicode61')",
    "CREATE VIRTUAL TABLE registry_box USING rtree(id, x0, x1, y0, y1)",
    "INSERT INTO registry_state(version) VALUES (0)",
]
POSTGRESQL = [
    "CREATE TABLE registry_text (rowid bigint PRIMARY KEY, text text NOT NULL)",
    "CREATE INDEX registry_text_words ON registry_text USING gin (to_tsvector('simple', text))",
    "CREATE TABLE registry_box (id bigint PRIMARY KEY, x0 float8, x1 float8, y0 float8, y1 float8)",
    "CREATE INDEX registry_box_gist ON registry_box USING gist (box(point(x0, y0), point(x1, y1)))",
    "INSERT INTO registry_state(version) VALUES (0)",
]


def make(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for table in ("registry_text", "registry_box"):
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
