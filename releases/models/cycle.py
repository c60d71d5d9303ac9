"""Release cycles and the releases inside them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Min, Q
from django.urls import reverse
from simple_history.manager import HistoricalQuerySet

from releases.domain import limits, names
from releases.domain.lifecycle.extended_support import NOT_RECORDED
from releases.domain.lifecycle.latest import LatestRelease, Published, latest_on
from releases.domain.lifecycle.milestones import (
    MILESTONES,
    PartialDate,
    Precision,
    format_milestone,
)
from releases.domain.lifecycle.status import Lifecycle, order_errors
from releases.domain.lifecycle.vers import canonical_vers
from releases.domain.lifecycle.versions import ReleaseKind
from releases.models import visibility
from releases.models.history import history_records
from releases.models.milestones import (
    PRECISIONS,
    Milestone,
    milestone_columns,
    milestone_constraints,
)
from releases.models.product import Product, identifier_type_field, validate_web_template
from releases.models.querysets import (
    CatalogueManager,
    CatalogueModel,
    CatalogueQuerySet,
    CycleConditions,
)
from releases.models.visibility import (
    check_day,
    draft_constraint,
    draft_field,
    publish_on_field,
    requested_on_field,
)


def validate_cycle_name(value: str) -> None:
    """Raise `ValidationError` if the text is no valid name of a cycle."""
    if problem := names.bad_cycle_name(value):
        raise ValidationError(problem)


class CycleFacts(models.Model):
    """The milestones of a cycle, of its current row or of a row of its history."""

    release = Milestone("release")
    lts = Milestone("lts")
    eoas = Milestone("eoas")
    eol = Milestone("eol")
    eoes = Milestone("eoes")
    discontinued = Milestone("discontinued")

    class Meta:
        abstract = True

    @property
    def lifecycle(self) -> Lifecycle:
        """The milestones and the extended support of the product, for the domain rules.

        Select the product with the cycle (`select_related`).
        """
        # An unsaved row may have no product.
        product: Product | None = getattr(self, "product", None)
        extended = product.extended_support if product else NOT_RECORDED
        return replace(self.milestones, extended=extended)

    @property
    def milestones(self) -> Lifecycle:
        """The milestones without the product, for rules that do not depend on it."""
        return Lifecycle(*(getattr(self, name) for name in MILESTONES))


class CycleQuerySet(  # type: ignore[override]  # django-stubs: `as_manager` of both bases
    CycleConditions["ReleaseCycle"], CatalogueQuerySet["ReleaseCycle"]
):
    """A queryset of release cycles."""

    def in_order(self) -> Self:
        """Order the cycles of a product for display."""
        return self.order_by("position", "id")


class CycleManager(CatalogueManager["ReleaseCycle"]):
    """The manager of release cycles."""

    def get_queryset(self) -> CycleQuerySet:
        return CycleQuerySet(self.model, using=self._db)

    def all(self) -> CycleQuerySet:
        return self.get_queryset()

    def public(self) -> CycleQuerySet:
        return self.get_queryset().public()


class CycleHistory(CycleConditions[models.Model], HistoricalQuerySet):  # type: ignore[misc]
    """A queryset of history rows of cycles."""


class ReleaseCycle(CycleFacts, CatalogueModel):
    """A series of releases that are supported together: Django 5.2."""

    public_by = ("", "product__")

    product = models.ForeignKey(Product, models.CASCADE, related_name="cycles")
    name = models.CharField(
        max_length=limits.NAME,
        validators=[validate_cycle_name],
        help_text="The part of the version that all its releases share: 5.2.",
    )
    position = models.IntegerField(
        default=None,  # save() sets it
        blank=True,
        help_text="Cycles stand in this order, the smallest on top. Empty: on top of all.",
    )
    codename = models.CharField(max_length=limits.LABEL, blank=True)
    label = models.CharField(
        max_length=limits.LINE,
        blank=True,
        help_text="What this cycle is called, if the product's label of cycles does not fit.",
    )

    release_date, release_flag, release_precision = milestone_columns("release")
    lts_date, lts_flag, lts_precision = milestone_columns("lts")
    eoas_date, eoas_flag, eoas_precision = milestone_columns("eoas")
    eol_date, eol_flag, eol_precision = milestone_columns("eol")
    eoes_date, eoes_flag, eoes_precision = milestone_columns("eoes")
    discontinued_date, discontinued_flag, discontinued_precision = milestone_columns("discontinued")

    latest = models.CharField(
        "latest release", max_length=limits.LABEL, blank=True, help_text="Such as 5.2.19."
    )
    latest_date = models.DateField("its date", null=True, blank=True)
    link = models.CharField(
        "link of its notes",
        max_length=limits.URL,
        blank=True,
        validators=[validate_web_template],
        help_text="Only where the product's own link of release notes does not fit.",
    )
    no_link = models.BooleanField(
        "no link", default=False, help_text="There are no notes, whatever the product says."
    )
    versions = models.CharField(
        max_length=limits.LINE,
        blank=True,
        help_text="The version range (vers) of the cycle, such as"
        " <b>vers:pypi/&gt;=5.2|&lt;5.3</b>. Leave empty to derive it from the name of the cycle,"
        " if the latest release begins with it.",
    )
    stale_days = models.PositiveIntegerField("stale after", null=True, blank=True)
    custom = models.JSONField(
        "own columns", default=dict, blank=True, help_text="Values of the product's own columns."
    )
    missing_in_source = models.BooleanField(
        default=False, editable=False, help_text="The source no longer has this cycle."
    )
    unconfirmed = models.BooleanField(
        "to be confirmed",
        default=False,
        help_text="Its dates are a projection: somebody confirms them when they come.",
    )
    draft = draft_field(", with its releases,")
    publish_on = publish_on_field()
    requested_on = requested_on_field()

    history = history_records(bases=(CycleFacts,), historical_queryset=CycleHistory)
    objects: ClassVar[CycleManager] = CycleManager()

    recorded_on: date | None = None
    """The day of a historical state; None for a current row."""
    shown_on: date | None = None
    """The date of a copy made by `as_of`; None for a row of the table."""

    class Meta:
        ordering = ("product", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "name"),
                name="cycle_unique_in_product",
                violation_error_message="The product has a cycle of this name already.",
            ),
            *milestone_constraints(),
            draft_constraint("cycle_published_on_is_draft"),
        )
        permissions = (("publish_releasecycle", "Can publish release cycle"),)
        indexes = (
            models.Index(fields=("product", "position"), name="cycle_in_order"),
            models.Index(fields=("release_date", "id"), name="cycle_by_release"),
            models.Index(
                fields=("release_flag",),
                name="cycle_not_released",
                condition=Q(release_flag=False),
            ),
            models.Index(fields=("eol_date",), name="cycle_by_eol"),
            # Most cycles have none of these.
            *(
                models.Index(
                    fields=(f"{name}_date",),
                    name=f"cycle_by_{name}",
                    condition=Q(**{f"{name}_date__isnull": False}),
                )
                for name in ("eoas", "eoes")
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.shown_on:
            raise TypeError(f"{self} is a copy that shows {self.shown_on}; save the row itself.")
        position: int | None = self.position
        if position is None:
            self.position = self._position_on_top()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("releases:cycle", args=[self.product.name, self.name])

    @property
    def state(self) -> str:
        """A digest of the name and the milestones, for clients that change them."""
        facts = (self.name, *(format_milestone(getattr(self, name)) for name in MILESTONES))
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:32]

    @property
    def vers(self) -> str:
        """The version range: recorded, else derived from the name; empty if not known.

        For many cycles of a product use `Product.version_ranges`. Prefetch the product's cycles and
        identifiers.
        """
        return self.versions or self.product.version_ranges.get(self.name, "")

    @property
    def anchor(self) -> str:
        """The HTML id of its row on the product's page."""
        return f"cycle-{self.name.replace(' ', '_')}"

    @property
    def recorded(self) -> list[Release]:
        """The releases: those that a selector loaded, else read in 1 query."""
        read: list[Release] | None = getattr(self, "read_releases", None)
        if read is not None or not self.pk:
            return read or []
        return list(self.releases.all())

    @property
    def published(self) -> list[Published]:
        """The recorded releases for the domain rules; load them with a selector first."""
        return [each.published for each in self.recorded]

    def latest_on(self, on: date) -> LatestRelease | None:
        """Return the latest release on a date, by the rule of `domain.lifecycle.latest`.

        An undated `latest` is known from the day of the row on: today, or the day of the historical
        state. Prefetch the releases.
        """
        own = LatestRelease(self.latest, self.latest_date, self.link)
        return latest_on(own, self.published, on, self.recorded_on or visibility.real_date())

    def as_of(self, on: date) -> ReleaseCycle:
        """Return the cycle with the latest release of a date, its day and its link.

        Every output that shows a latest release starts from this. Returns the row itself if nothing
        differs, else a copy, which cannot be saved. Without a known release on the date all three
        are empty.
        """
        own = LatestRelease(self.latest, self.latest_date, self.link)
        latest = self.latest_on(on) or LatestRelease("")
        if latest == own or not (latest.version or own.version):
            return self
        shown = copy(self)
        shown.latest, shown.latest_date, shown.link = latest.version, latest.date, latest.link
        # The product's link does not fit this cycle, and its own link is for another release.
        shown.no_link = self.no_link or bool(latest.version and self.link and not latest.link)
        shown.shown_on = on
        return shown

    def clean(self) -> None:
        """Reject milestones in the wrong order, and normalize the version range.

        Raises:
            ValidationError: Lists every pair in the wrong order, with the error at the later field,
                and what is wrong with the range.
        """
        check_day(self)
        errors: dict[str, list[str]] = {}
        try:
            self.versions = canonical_vers(self.versions) if self.versions else ""
        except ValueError as problem:
            errors["versions"] = [str(problem)]
        for error in order_errors(self.milestones):
            errors.setdefault(error.later, []).append(str(error))
        if errors:
            raise ValidationError(errors)

    def get_constraints(
        self,
    ) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Return the constraints that validation checks in the database: uniqueness only.

        `clean` covers the CHECK constraints with errors at the fields; each of them would cost a
        query per row of a form.
        """
        return [
            (model, [each for each in every if isinstance(each, models.UniqueConstraint)])
            for model, every in super().get_constraints()
        ]

    def _position_on_top(self) -> int:
        smallest = ReleaseCycle.objects.filter(product=self.product).aggregate(Min("position"))
        first = smallest["position__min"]
        return 0 if first is None else first - 1


class CycleAlias(CatalogueModel):
    """A former name of a cycle: /nodejs/14.x/ redirects to /nodejs/14/.

    `product` is the product whose URLs had the name: the product of the cycle, or the one from
    which the cycle was moved. A cycle that has the name now takes precedence.
    """

    public_by = ("cycle__", "cycle__product__")

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="cycle_aliases", editable=False
    )
    cycle = models.ForeignKey(ReleaseCycle, models.CASCADE, related_name="aliases")
    name = models.CharField(
        "former name",
        max_length=limits.NAME,
        validators=[validate_cycle_name],
        help_text="Its old addresses lead to the cycle.",
    )

    history = history_records()
    objects: ClassVar[CatalogueManager[CycleAlias]] = CatalogueManager()

    class Meta:
        ordering = ("id",)
        verbose_name = "former name"
        constraints = (
            models.UniqueConstraint(fields=("product", "name"), name="former_name_unique"),
        )

    def __str__(self) -> str:
        return self.name


class CycleIdentifier(CatalogueModel):
    """The name of a cycle in another system: a package URL or CPE name of its versions only."""

    public_by = ("cycle__", "cycle__product__")

    cycle = models.ForeignKey(ReleaseCycle, models.CASCADE, related_name="identifiers")
    type = identifier_type_field()
    value = models.CharField(
        max_length=limits.LINE,
        help_text="An identifier of this cycle only: <b>cpe:2.3:o:debian:debian_linux:12</b>",
    )

    history = history_records()
    objects: ClassVar[CatalogueManager[CycleIdentifier]] = CatalogueManager()

    class Meta:
        ordering = ("id",)
        verbose_name = "identifier of a cycle"
        verbose_name_plural = "identifiers of cycles"
        constraints = (
            models.UniqueConstraint(
                fields=("cycle", "type", "value"),
                name="identifier_unique_in_cycle",
                violation_error_message="The cycle has this identifier already.",
            ),
        )
        indexes = (models.Index(fields=("type", "value"), name="cycle_identifier_by_value"),)

    def __str__(self) -> str:
        return f"{self.type}: {self.value}"


class Release(CatalogueModel):
    """A version in a cycle, published or planned: 5.2.19, 6.2a1."""

    public_by = ("cycle__", "cycle__product__")

    cycle = models.ForeignKey(ReleaseCycle, models.CASCADE, related_name="releases")
    version = models.CharField(max_length=limits.NAME)
    kind = models.CharField(
        max_length=8,
        choices=[(kind.value, kind.value) for kind in ReleaseKind],
        default=ReleaseKind.PATCH.value,
    )
    date = models.DateField(null=True, blank=True)
    precision = models.CharField(
        max_length=7, choices=PRECISIONS, default=Precision.DAY.value, editable=False
    )

    history = history_records()
    objects: ClassVar[CatalogueManager[Release]] = CatalogueManager()

    class Meta:
        ordering = ("cycle", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("cycle", "version"),
                name="release_unique_in_cycle",
                violation_error_message="The cycle has this release already.",
            ),
        )

    def __str__(self) -> str:
        return self.version

    @property
    def published(self) -> Published:
        """The release as the domain rules take it."""
        exact = self.precision == Precision.DAY.value
        return Published(self.version, ReleaseKind(self.kind), self.date, exact)

    @property
    def day(self) -> PartialDate | None:
        """The date with its precision, or None."""
        return PartialDate(self.date, Precision(self.precision)) if self.date else None
