"""Build the responses of API v2 from model instances, as of a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from releases import models, selectors
from releases.api.v2 import answers
from releases.domain.lifecycle import status as lifecycle
from releases.domain.lifecycle.extended_support import ExtendedTerms
from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import start_reached
from releases.domain.lifecycle.versions import ReleaseKind
from releases.formats.labels import cycle_title, latest_link
from releases.presentation.exports import milestone_facts
from releases.presentation.openeox import statement_facts
from releases.presentation.rows import full_title
from releases.selectors import ChangedProduct, ProductCounts
from releases.selectors.api import v2 as api_v2


@dataclass(frozen=True, slots=True)
class Presenter:
    """Builds responses as of `on`. `site` is the site's root URL without a trailing slash."""

    on: date
    site: str

    @classmethod
    def of(cls, request: HttpRequest, on: date) -> Presenter:
        return cls(on, request.build_absolute_uri("/").removesuffix("/"))

    def address(self, view: str, *args: str) -> str:
        """Return the absolute URL of a view."""
        return self.site + reverse(f"releases:{view}", args=args)

    def milestone(self, name: str, value: MilestoneValue) -> answers.Milestone | None:
        """Return a milestone as of `on`. `name` is its key, such as `eol`."""
        facts = milestone_facts(name, value, self.on)
        return answers.Milestone(**facts) if facts else None

    def reached(self, name: str, value: MilestoneValue) -> bool:
        """Return True if a milestone is reached on `on`."""
        return lifecycle.milestone_reached(name, value, self.on)

    def cycle(self, cycle: models.ReleaseCycle, product: models.Product) -> answers.Cycle:
        return answers.Cycle(**self._cycle(cycle.as_of(self.on), product))

    def cycle_in_full(self, cycle: models.ReleaseCycle) -> answers.CycleInFull:
        product, cycle = cycle.product, cycle.as_of(self.on)
        return answers.CycleInFull(
            **self._cycle(cycle, product),
            **self._identification(cycle, product.version_ranges),
            latest_link=latest_link(product, cycle) or None,
            releases=self.address("v2_releases", product.name, cycle.name),
            state=cycle.state,
        )

    def _cycle(self, cycle: models.ReleaseCycle, product: models.Product) -> Mapping[str, Any]:
        life, on = cycle.lifecycle, self.on
        return {
            "product": product.name,
            "name": cycle.name,
            "label": cycle_title(product, cycle),
            "codename": cycle.codename or None,
            "status": lifecycle.status_on(life, on),
            "ends_soon": lifecycle.ends_soon(life, on),
            "next_end": self.milestone("eol", lifecycle.next_end(life, on)),
            "lts": lifecycle.is_lts(life, on),
            "maintained": lifecycle.is_maintained(life, on),
            "unconfirmed": cycle.unconfirmed,
            **self.milestones(cycle),
            "phases": [_period(period) for period in lifecycle.periods(life)],
            "latest": _latest(cycle),
            "custom": cycle.custom,
            "url": self.address("v2_cycle", product.name, cycle.name),
            "page": self.address("cycle", product.name, cycle.name),
        }

    def milestones(self, cycle: models.ReleaseCycle) -> Mapping[str, answers.Milestones]:
        """Return the field `milestones` of a cycle."""
        values = {name: self.milestone(name, getattr(cycle, name)) for name in MILESTONES}
        return {"milestones": answers.Milestones(**values)}

    def product_name(self, product: models.Product) -> answers.ProductName:
        return answers.ProductName(**self._name_fields(product))

    def product(self, counts: ProductCounts) -> answers.Product:
        product = counts.product
        return answers.Product(
            **self._name_fields(product),
            **_classification(product),
            cycles=counts.cycles,
            supported=counts.supported,
        )

    def product_in_full(self, product: models.Product) -> answers.ProductInFull:
        """Return a product in full, as loaded by `selectors.identified_products`."""
        terms = ExtendedTerms(product.extended_terms)
        ranges = product.version_ranges
        return answers.ProductInFull(
            **self._name_fields(product),
            **_classification(product),
            on=self.on,
            identifiers=_identifiers(product.identifiers.all()),
            main_identifier=next(iter(_identifiers(filter(None, [product.main_identifier]))), None),
            custom_fields=[_custom_field(each) for each in product.custom_fields.all()],
            version_command=product.version_command or None,
            vendor=product.vendor or None,
            vendor_link=product.vendor_link or None,
            policy=product.policy_link or None,
            patches_only_fix=product.patches_only_fix,
            extended_terms=None if terms is ExtendedTerms.NOT_RECORDED else terms,
            checked_on=product.checked_on,
            data_as_of=selectors.data_age(product, self.on).as_of,
            cycles=[
                answers.IdentifiedCycle(
                    **self._cycle(each.as_of(self.on), product),
                    **self._identification(each, ranges),
                )
                for each in product.cycles.all()
            ],
        )

    def _identification(
        self, cycle: models.ReleaseCycle, ranges: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Return the identification of a cycle, given the version ranges of its product."""
        reason, left_out = statement_facts(cycle)
        address = self.address("cycle_openeox", cycle.product.name, cycle.name)
        return {
            "identifiers": _identifiers(cycle.identifiers.all()),
            "versions": ranges.get(cycle.name),
            "openeox": answers.OpenEox(
                url=None if reason else address, reason=reason or None, left_out=left_out
            ),
        }

    def _name_fields(self, product: models.Product) -> Mapping[str, Any]:
        return {
            "name": product.name,
            "label": product.label,
            "url": self.address("v2_product", product.name),
            "page": self.address("product", product.name),
        }

    def product_change(self, found: ChangedProduct) -> answers.ProductChange:
        return answers.ProductChange(
            at=moment(found.at),
            product=found.name,
            deleted=found.product is None,
            deleted_cycles=list(found.deleted_cycles),
            changes=[
                answers.CycleChange(
                    at=moment(each.change.at),
                    cycle=each.cycle,
                    kind=each.change.kind,
                    milestone=each.change.milestone or None,
                    old=self.milestone(each.change.milestone, each.change.old),
                    new=self.milestone(each.change.milestone, each.change.new),
                )
                for each in found.changes
            ],
            value=self.product_in_full(found.product) if found.product else None,
        )

    def release(self, release: models.Release) -> answers.Release:
        day = release.day
        return answers.Release(
            version=release.version,
            kind=ReleaseKind(release.kind),
            date=day.date if day else None,
            precision=day.precision if day else None,
            published=start_reached(day, self.on) if day else None,
        )

    def dated(self, found: api_v2.DatedMilestone) -> answers.DatedMilestone:
        cycle, product = found.cycle, found.cycle.product
        value: PartialDate = getattr(cycle.lifecycle, found.name)
        return answers.DatedMilestone(
            date=value.date,
            precision=value.precision,
            milestone=found.name,
            reached=self.reached(found.name, value),
            product=product.name,
            cycle=cycle.name,
            label=full_title(cycle),
            status=lifecycle.status_on(cycle.lifecycle, self.on),
            url=self.address("v2_cycle", product.name, cycle.name),
            page=self.address("cycle", product.name, cycle.name),
        )

    def identified(self, found: api_v2.Identified) -> answers.Identified:
        return answers.Identified(
            type=found.type,
            value=found.value,
            version=found.version or None,
            matches=[
                answers.Match(
                    product=self.product_name(match.product),
                    cycle=self.cycle(match.cycle, match.product) if match.cycle else None,
                )
                for match in found.matches
            ],
        )


def moment(at: datetime) -> str:
    """Return a datetime as ISO 8601 text in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _period(period: lifecycle.Period) -> answers.Period:
    """Return a period. Its exclusive end becomes an inclusive last day."""
    return answers.Period(
        phase=period.phase,
        first_day=period.start,
        last_day=period.end and period.end - timedelta(days=1),
        imprecise_start=period.imprecise_start,
        imprecise_end=period.imprecise_end,
    )


def _identifiers(
    identifiers: Iterable[models.Identifier | models.CycleIdentifier],
) -> list[answers.Identifier]:
    return [answers.Identifier(type=each.type, value=each.value) for each in identifiers]


def _latest(cycle: models.ReleaseCycle) -> answers.Latest | None:
    if not cycle.latest:
        return None
    return answers.Latest(version=cycle.latest, date=cycle.latest_date)


def _classification(product: models.Product) -> Mapping[str, Any]:
    return {
        "category": product.category.name if product.category else None,
        "tags": sorted(tag.name for tag in product.tags.all()),
        "aliases": [alias.name for alias in product.aliases.all()],
    }


def _custom_field(field: models.CustomField) -> answers.CustomField:
    return answers.CustomField(
        name=field.name,
        label=str(field),
        description=field.description or None,
        link=field.link or None,
    )
