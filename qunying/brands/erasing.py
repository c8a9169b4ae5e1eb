"""Takes a whole brand away. The only place that deletes rows of every app: nothing else may know them all."""

from __future__ import annotations

from django.apps import apps
from django.db import models, transaction

from qunying.brands.actions import lock
from qunying.brands.models import Brand


@transaction.atomic
def erase_brand(brand: Brand) -> None:
    """Delete the brand and every row that belongs to it, by foreign key or by plain number; other brands stay as they
    are."""
    lock(brand)
    for model in apps.get_models():
        fields = [field for field in model._meta.fields if field.name == "brand"]
        if any(isinstance(field, models.IntegerField) for field in fields):
            model._default_manager.filter(brand=brand.pk).delete()
    brand.delete()
