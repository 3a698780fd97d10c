"""The index of words knows beginnings of up to five letters: an unfinished word is looked up, not put together."""

from django.db import migrations


def rebuild(apps, schema_editor):
    # What the index holds follows from the rows alone, so it is made by the program's present rule.
    from hatangso.web.registry.rebuild import rebuild_text

    rebuild_text(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_columns_instead_of_indexes")]
    operations = [migrations.RunPython(rebuild, migrations.RunPython.noop)]
