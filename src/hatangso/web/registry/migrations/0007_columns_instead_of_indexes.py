"""Filters are answered over columns: the indexes that they needed go, one over ended versions comes."""

from django.db import migrations, models


def drop_attribute_indexes(apps, schema_editor):
    connection = schema_editor.connection
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'asset_a_%'"
        if connection.vendor == "sqlite"
        else "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'asset_a_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(names)
        for (name,) in cursor.fetchall():
            schema_editor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_words_with_tokens")]

    operations = [
        migrations.RunPython(drop_attribute_indexes, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="asset", name="asset_owner"),
        migrations.RemoveIndex(model_name="asset", name="asset_status"),
        migrations.RemoveIndex(model_name="asset", name="asset_facet"),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("ended__isnull", False)), fields=["ended"], name="asset_ended"
            ),
        ),
    ]
