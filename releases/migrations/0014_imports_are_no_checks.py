from django.db import migrations

BATCH = 500


def forget(apps, schema_editor):
    """Forgets the checks that were only imports: an import noted its day, where the file told of no
    check."""
    using = schema_editor.connection.alias
    products = apps.get_model("releases", "Product").objects.using(using)
    past = apps.get_model("releases", "HistoricalProduct").objects.using(using)
    noted = products.filter(imported__has_key="checked_on").only("checked_on", "imported")
    changed = []
    for product in noted.iterator(BATCH):
        day = product.imported.pop("checked_on")
        if product.checked_on and product.checked_on.isoformat() == day:
            past.filter(id=product.pk, checked_on=product.checked_on).update(checked_on=None)
            product.checked_on = None
        changed.append(product)
    products.bulk_update(changed, ["checked_on", "imported"], batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0013_time_of_last_write'),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
