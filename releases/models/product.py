"""Products and their parts: category, tags, aliases, identifiers, custom fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from releases.domain import limits, names
from releases.domain.lifecycle.extended_support import ExtendedSupport, ExtendedTerms
from releases.domain.lifecycle.vers import GENERIC, ranges_by_rule, scheme_of
from releases.domain.roadmap.columns import SUPPORT_COLUMNS, Column, Display
from releases.models.history import history_records, set_change_reason
from releases.models.querysets import CatalogueManager, CatalogueModel
from releases.models.revision import bump_revision
from releases.models.upgrade_rule import HasUpgradeRule
from releases.models.visibility import (
    check_day,
    draft_constraint,
    draft_field,
    publish_on_field,
    requested_on_field,
)

web_address = URLValidator(schemes=["http", "https"])


_Constraints = list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]


def validate_name(value: str) -> None:
    """Raise `ValidationError` if the text is no valid name of a category, tag or note."""
    if problem := names.bad_name(value):
        raise ValidationError(problem)


def validate_product_name(value: str) -> None:
    """Raise `ValidationError` if the text is no valid name of a product or alias."""
    if problem := names.bad_product_name(value):
        raise ValidationError(problem)


def validate_field_name(value: str) -> None:
    """Raise `ValidationError` if the text is no valid name of a custom field."""
    if not names.FIELD_NAME.fullmatch(value):
        raise ValidationError("A custom field's name has letters, digits and _ only.")


def validate_web_template(value: str) -> None:
    """Raise `ValidationError` if the text is neither a web address nor a Liquid template."""
    if not value.lower().startswith(("http://", "https://", "{{", "{%")):
        raise ValidationError("A link begins with https:// (or with a Liquid expression).")


def column_fields(
    name: str,
) -> tuple[models.BooleanField[Any, Any], models.CharField[Any, Any]]:
    """Return the fields `show_<name>` and `<name>_label` of a column of the support table."""
    column = SUPPORT_COLUMNS[name]
    show = models.BooleanField(
        f"show “{column.label}”", default=column.shown, help_text=column.help_text
    )
    return show, models.CharField("its label", max_length=limits.LABEL, blank=True)


def identifier_type_field() -> models.CharField[Any, Any]:
    """Return the column `type` of an identifier."""
    return models.CharField(max_length=limits.NAME, help_text="purl, cpe, repology, ...")


class ProductWord(CatalogueModel):
    """A word that groups products.

    A rename or deletion is recorded in the history of its products.
    """

    name = models.CharField(max_length=limits.NAME, unique=True, validators=[validate_name])

    products: Any

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with bump_revision():
            known = type(self)._default_manager.filter(pk=self.pk).exclude(name=self.name)
            renamed = self.pk is not None and known.exists()
            super().save(*args, **kwargs)
            if renamed:
                for product in self.products.all():
                    set_change_reason(product, f"{self._meta.verbose_name} renamed").save()


class Category(ProductWord):
    """The kind of a product: an operating system, a framework, a device."""

    objects: ClassVar[CatalogueManager[Category]] = CatalogueManager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"


class Tag(ProductWord):
    """A word that products have in common: `linux-distribution`, `python-runtime`."""

    objects: ClassVar[CatalogueManager[Tag]] = CatalogueManager()

    class Meta:
        ordering = ("name",)


def remove_from_products(instance: Tag, **kwargs: Any) -> None:
    """Handle `pre_delete` of a tag: record in the history of its products that they lose it."""
    for product in instance.products.all():
        product.tags.remove(instance)


class Source(models.TextChoices):
    """The origin of the data of a product."""

    HERE = "here", "made here"
    BUNDLED = "bundled", "bundled catalogue"
    FILE = "file", "product file"
    UPSTREAM = "upstream", "another installation"


EXTENDED_TERMS: Final = (
    (ExtendedTerms.NOT_RECORDED.value, "not recorded"),
    (ExtendedTerms.FREE.value, "free for everybody"),
    (ExtendedTerms.PAID.value, "paid"),
    (ExtendedTerms.CONTRACT.value, "by contract or subscription"),
)
"""The choices of the terms of extended support."""


class Product(HasUpgradeRule, CatalogueModel):
    """A product with releases: Django, Python, PostgreSQL, or an organisation's own product."""

    public_by = ("",)

    name = models.CharField(
        "address",
        max_length=limits.NAME,
        unique=True,
        validators=[validate_product_name],
        help_text="The product's address on this site: <b>django</b> is found at /django/."
        " Small letters, digits and . _ + - inside it.",
    )
    label = models.CharField(
        "title", max_length=limits.LABEL, help_text="What people call it, such as Django."
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    featured = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Position among the featured products, which come first on the roadmap:"
        " 1 is on top. Empty: by title, behind them.",
    )
    description = models.TextField(
        blank=True,
        max_length=limits.BODY,
        help_text="Markdown: what it is and how its support works. Shown on its page.",
    )
    version_command = models.TextField(
        blank=True,
        max_length=limits.TEXT,
        help_text="How people find out which version they run, such as <b>python --version</b>.",
    )
    vendor = models.CharField(
        "vendor",
        max_length=limits.LABEL,
        blank=True,
        help_text="The legal name of the organisation that makes and supports it:"
        " <b>Django Software Foundation</b>. Empty: not recorded.",
    )
    vendor_link = models.URLField(
        "vendor's website",
        max_length=limits.URL,
        blank=True,
        validators=[web_address],
        help_text="A page about the vendor: <b>https://www.djangoproject.com/foundation/</b>",
    )
    policy_link = models.URLField(
        "support policy",
        max_length=limits.URL,
        blank=True,
        validators=[web_address],
        help_text="The page on which its makers say how long they support it.",
    )
    policy_image = models.URLField(
        "support policy, picture", max_length=limits.URL, blank=True, validators=[web_address]
    )
    cycle_label = models.CharField(
        "label of cycles",
        max_length=limits.LINE,
        blank=True,
        help_text="How a cycle is called, if not by its name alone:"
        " <b>__RELEASE_CYCLE__ (__CODENAME__)</b>. Liquid works, too.",
    )
    lts_label = models.CharField(
        "word for LTS",
        max_length=limits.LABEL,
        blank=True,
        help_text="The product's own word for long-term support, if it is not LTS.",
    )
    changelog_template = models.CharField(
        "link of release notes",
        max_length=limits.URL,
        blank=True,
        validators=[validate_web_template],
        help_text="Where the notes of the latest release are, with __RELEASE_CYCLE__, __LATEST__,"
        " __CODENAME__, __RELEASE_DATE__ or __LATEST_RELEASE_DATE__ in it.",
    )

    show_release, release_label = column_fields("release")
    show_eoas, eoas_label = column_fields("eoas")
    show_eol, eol_label = column_fields("eol")
    show_eoes, eoes_label = column_fields("eoes")
    extended_terms = models.CharField(
        "extended support is",
        max_length=8,
        choices=EXTENDED_TERMS,
        default="",
        blank=True,
        help_text="Only extended support that is free for everybody counts as support. Free: Debian"
        " LTS. Paid: Bootstrap. By contract or subscription: Ubuntu Pro. Leave it as not recorded"
        " if the support policy does not say.",
    )
    show_discontinued, discontinued_label = column_fields("discontinued")
    show_latest, latest_label = column_fields("latest")

    patches_only_fix = models.BooleanField(
        "patches only fix",
        default=False,
        help_text="The support policy says that a patch release, such as 5.2.1 after 5.2.0, fixes"
        " bugs and changes nothing else. Pages say so only where this is ticked.",
    )
    stale_days = models.PositiveIntegerField(
        "stale after",
        null=True,
        blank=True,
        help_text="Days after which a cycle without a new release looks forgotten: 180.",
    )
    added_on = models.DateField(null=True, blank=True)
    icon = models.CharField(max_length=limits.NAME, blank=True)

    source = models.CharField(
        max_length=8, choices=Source.choices, default=Source.HERE, editable=False
    )
    source_address = models.CharField(max_length=limits.URL, blank=True, editable=False)
    file_name = models.CharField(max_length=limits.NAME, blank=True, editable=False)
    checked_on = models.DateField(
        null=True,
        blank=True,
        help_text="When a person, or a sync that asked the source, last compared these dates with"
        " what the makers say. An import is no check.",
    )
    imported = models.JSONField(
        null=True,
        editable=False,
        help_text="The values of the last import: what differs from them was edited here.",
    )
    file_text = models.TextField(
        blank=True,
        editable=False,
        help_text="The file as it was last imported: nothing of it is lost.",
    )
    file_digest = models.CharField(max_length=64, blank=True, editable=False)
    missing_in_source = models.BooleanField(
        default=False, editable=False, help_text="The source no longer has this product."
    )

    draft = draft_field(", with all that belongs to it,")
    publish_on = publish_on_field()
    requested_on = requested_on_field()

    history = history_records(
        excluded_fields=["imported", "imported_rule", "file_text", "file_digest"],
        m2m_fields=(tags,),
    )
    objects: ClassVar[CatalogueManager[Product]] = CatalogueManager()

    class Meta:
        ordering = (F("featured").asc(nulls_last=True), Lower("label"), "name")
        indexes = (
            # For the order above. NULLs come last in PostgreSQL indexes by default, and SQLite
            # rejects an explicit NULLS LAST.
            models.Index(F("featured"), Lower("label"), "name", name="product_in_order"),
            models.Index(Lower("label"), "name", name="product_by_label"),
            models.Index("checked_on", name="product_by_check"),
        )
        constraints = (draft_constraint("product_published_on_is_draft"),)
        permissions = (("publish_product", "Can publish product"),)

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("releases:product", args=[self.name])

    def clean(self) -> None:
        super().clean()
        check_day(self)

    @property
    def extended_support(self) -> ExtendedSupport:
        """The extended support with its terms, if they are recorded."""
        terms = ExtendedTerms(self.extended_terms)
        return ExtendedSupport(terms, self.eoes_label, self.label)

    @property
    def purls(self) -> list[str]:
        """The package URLs; prefetch the identifiers first."""
        return [each.value for each in self.identifiers.all() if each.type == "purl"]

    @property
    def main_identifier(self) -> Identifier | None:
        """The identifier chosen as the main one, else the first package URL, or None.

        Prefetch the identifiers first.
        """
        identifiers = list(self.identifiers.all())
        chosen = (each for each in identifiers if each.main)
        purls = (each for each in identifiers if each.type == "purl")
        return next(chosen, None) or next(purls, None)

    @property
    def version_scheme(self) -> str:
        """The scheme of its version ranges: `pypi`, or `generic` if no package URL has one.

        Prefetch the identifiers first.
        """
        main = self.main_identifier
        return scheme_of(main.value) if main and main.type == "purl" else GENERIC

    @property
    def version_ranges(self) -> dict[str, str]:
        """The version ranges of its cycles by name: recorded, else derived from names.

        A cycle whose versions are not known has none. Prefetch the cycles and the identifiers.
        """
        cycles = list(self.cycles.all())
        recorded = {each.name: each.versions for each in cycles if each.versions}
        return {**ranges_by_rule(cycles, self.version_scheme), **recorded}

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of the support table by name, in display order, hidden ones included."""
        return {
            name: Column(getattr(self, f"show_{name}"), getattr(self, f"{name}_label"))
            for name in SUPPORT_COLUMNS
        }

    @columns.setter
    def columns(self, columns: dict[str, Column]) -> None:
        for name, column in columns.items():
            setattr(self, f"show_{name}", column.shown)
            setattr(self, f"{name}_label", column.label)


class Alias(CatalogueModel):
    """Another name of a product: /postgres redirects to /postgresql/."""

    public_by = ("product__",)

    product = models.ForeignKey(Product, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=limits.NAME, unique=True, validators=[validate_product_name])

    history = history_records()
    objects: ClassVar[CatalogueManager[Alias]] = CatalogueManager()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "aliases"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if Product.objects.filter(name=self.name).exists():
            raise ValidationError({"name": f"There is a product “{self.name}”."})


class Identifier(CatalogueModel):
    """The name of a product in another system: a package URL, a CPE, a Repology name."""

    public_by = ("product__",)

    product = models.ForeignKey(Product, models.CASCADE, related_name="identifiers")
    type = identifier_type_field()
    value = models.CharField(max_length=limits.LINE)
    main = models.BooleanField(
        "main",
        default=False,
        help_text="The identifier to use in standards, such as pkg:pypi/django and not the package"
        " of a distribution. If none is chosen, it is the first purl.",
    )

    history = history_records()
    objects: ClassVar[CatalogueManager[Identifier]] = CatalogueManager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("product", "type", "value"),
                name="identifier_unique_in_product",
                violation_error_message="The product has this identifier already.",
            ),
            models.UniqueConstraint(
                fields=("product",), condition=Q(main=True), name="one_main_identifier"
            ),
        )
        indexes = (models.Index(fields=("type", "value"), name="identifier_by_value"),)

    def __str__(self) -> str:
        return f"{self.type}: {self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the identifier. If it is the main one, the former main identifier no longer is."""
        with bump_revision():
            if self.main:
                former = Identifier.objects.filter(product=self.product_id, main=True)
                for each in former.exclude(pk=self.pk):
                    each.main = False
                    each.save()
            super().save(*args, **kwargs)

    def get_constraints(self) -> _Constraints:
        """Return the constraints to validate, except for the one that `save` maintains."""
        return [
            (model, [each for each in every if each.name != "one_main_identifier"])
            for model, every in super().get_constraints()
        ]


def has_main_identifier(product: int) -> bool:
    """Return True if a product has a chosen main identifier, in 1 query."""
    return Identifier.objects.filter(product=product, main=True).exists()


class CustomField(CatalogueModel):
    """A custom field: a column of one product, such as the Python versions that Django supports."""

    public_by = ("product__",)

    product = models.ForeignKey(Product, models.CASCADE, related_name="custom_fields")
    name = models.CharField(
        max_length=limits.NAME,
        validators=[validate_field_name],
        help_text="The key of its values in files and in the API: supportedPythonVersions.",
    )
    label = models.CharField(
        max_length=limits.LABEL, blank=True, help_text="The head of the column."
    )
    display = models.CharField(
        max_length=24,
        choices=[
            (Display.AFTER_RELEASE.value, "behind the release"),
            (Display.BEFORE_LATEST.value, "before the latest version"),
            (Display.AFTER_LATEST.value, "behind the latest version"),
            (Display.API_ONLY.value, "in the API only"),
        ],
        default=Display.AFTER_RELEASE.value,
    )
    description = models.TextField(max_length=limits.TEXT, blank=True)
    link = models.URLField(max_length=limits.URL, blank=True, validators=[web_address])
    position = models.IntegerField(default=0, help_text="The smallest stands leftmost.")

    history = history_records()
    objects: ClassVar[CatalogueManager[CustomField]] = CatalogueManager()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "name"),
                name="custom_field_unique_in_product",
                violation_error_message="The product has a custom field of this name already.",
            ),
        )

    def __str__(self) -> str:
        return self.label or self.name
