"""The tables of the indicator service as unmanaged Django models."""

from __future__ import annotations

# Django's settings are made where this is imported.
from benchmarks.peers.django_posting import models

KEY = ("indicator", "area", "period", "breakdown")


class Figure(models.Model):
    """What a figure and a past one have in common."""

    indicator = models.TextField()
    area = models.TextField()
    period = models.TextField()
    breakdown = models.TextField()
    numerator = models.DecimalField(max_digits=40, decimal_places=20, null=True)
    denominator = models.DecimalField(max_digits=40, decimal_places=20, null=True)
    value = models.DecimalField(max_digits=40, decimal_places=20, null=True)
    value_status = models.TextField(null=True)
    provisional = models.BooleanField()
    revised = models.BooleanField()
    source_ref = models.TextField(null=True)
    definition_version = models.IntegerField()
    revision = models.IntegerField()
    import_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Observation(Figure):
    pk = models.CompositePrimaryKey(*KEY)

    class Meta:
        app_label, managed, db_table = "peer", False, "observation"


class ObservationHistory(Figure):
    pk = models.CompositePrimaryKey(*KEY, "revision")
    superseded_at = models.DateTimeField()
    superseded_by = models.UUIDField()

    class Meta:
        app_label, managed, db_table = "peer", False, "observation_history"


class ObservationImport(models.Model):
    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    mode = models.TextField()
    provisional = models.BooleanField()
    body_hash = models.BinaryField()
    rows = models.IntegerField()
    created = models.IntegerField()
    changed = models.IntegerField()
    unchanged = models.IntegerField()
    rejected = models.IntegerField()
    report = models.JSONField()
    recorded_by = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "peer", False, "observation_import"


class FrameworkItem(models.Model):
    pk = models.CompositePrimaryKey("kind", "code")
    kind = models.TextField()
    code = models.TextField()
    content = models.JSONField()

    class Meta:
        app_label, managed, db_table = "peer", False, "framework_item"
