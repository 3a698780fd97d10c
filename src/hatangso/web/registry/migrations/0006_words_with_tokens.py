"""The index of words gets tokens for what narrows a search, and beginnings of one to three letters."""

from django.db import migrations


def rebuild(apps, schema_editor):
    # What the index holds follows from the rows alone, so it is made by the program's present rule.
    from hatangso.web.registry.rebuild import rebuild_text

    rebuild_text(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_covering_place")]
    operations = [migrations.RunPython(rebuild, migrations.RunPython.noop)]
