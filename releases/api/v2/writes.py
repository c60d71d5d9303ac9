"""The operations of API v2 that write, for programs with an API token.

They call the services of the admin, so they validate, record and publish as it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Final

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Body, Header, Path, Query
from pydantic import BaseModel

from releases.api.errors import BadRequest, Refused, unknown, unknown_product
from releases.api.parameters import CycleName
from releases.api.v2 import answers
from releases.api.v2.bodies import MilestoneChange, NewCycle, NewRelease, Reason
from releases.api.v2.present import Presenter
from releases.api.v2.router import router
from releases.api.v2.tokens import RATE, TokenAuth, TokenThrottle, require, token_of
from releases.domain.lifecycle.milestones import MILESTONES, format_milestone
from releases.domain.lifecycle.versions import ReleaseKind, release_key
from releases.domain.names import bad_product_name
from releases.models import Product, Release, ReleaseCycle
from releases.models.history import by_program, one_change
from releases.models.revision import bump_revision
from releases.services.editing.add_release import (
    KnownReleaseError,
    PlannedCycleError,
    RefusedReleaseError,
    add_release,
)
from releases.services.editing.cycles import (
    ChangedMeanwhileError,
    KnownCycleError,
    add_cycle,
    set_milestones,
)
from releases.services.imports.import_products import import_texts
from releases.services.imports.import_run import Result
from releases.web import clock
from releases.web.api_refusals import Problem

_WRITES: Final[dict[str, Any]] = {"auth": TokenAuth(), "throttle": TokenThrottle(RATE)}

BODY: Final = "body"
PRODUCT_FILE: Final[dict[str, Any]] = {
    "required": True,
    "description": "A product file: Markdown with front matter in YAML. The media type does not"
    " matter.",
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary", "description": "The file."}
        }
    },
}

ProductName = Annotated[str, Path(description="The name of a product.", example="django")]
Version = Annotated[str, Path(description="The version of a release.", example="5.2.1")]


def _example(**body: Any) -> dict[str, Any]:
    """Return the `openapi_extra` of an operation with an example of its body."""
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


class DeleteQuery(BaseModel):
    """Parameters of deletions."""

    reason: Reason = ""


@router.post(
    "/products/{product}/releases",
    response=answers.ReportedRelease,
    summary="Report a release",
    openapi_extra=_example(version="5.2.20", kind="security"),
    **_WRITES,
)
def add_product_release(
    request: HttpRequest, product: ProductName, body: Body[NewRelease]
) -> answers.ReportedRelease:
    """Add a release to the cycle that its version belongs to, and make it the latest if it is.

    Reporting the same release again has the same answer, so a retry is safe.
    """
    require(request, product, "add_release", "change_releasecycle")
    found, today = _product(product), clock.today()
    with _writing(request):
        try:
            release = add_release(
                found,
                body.version,
                body.date or today,
                on=today,
                cycle=_named_cycle(found, body.cycle),
                kind=body.kind,
                notes=body.notes or "",
                starts_cycle=body.starts_cycle,
            ).release
        except KnownReleaseError as error:
            release = error.release
            _refuse_difference(release, body)
        except PlannedCycleError as error:
            message = f"{error} Send true to release it on {error.day}, too."
            raise BadRequest(Problem(name="starts_cycle", message=message)) from None
        except RefusedReleaseError as error:
            raise BadRequest(Problem(name="version", message=str(error))) from None
    return _reported(request, found, release, today)


@router.post(
    "/products/{product}/cycles",
    response=answers.WrittenCycle,
    summary="Add a cycle",
    openapi_extra=_example(name="7.0", milestones={"release": "2027-12", "eol": "2029"}),
    **_WRITES,
)
def add_product_cycle(
    request: HttpRequest, response: HttpResponse, product: ProductName, body: Body[NewCycle]
) -> answers.WrittenCycle:
    """Add a release cycle above the others.

    It is a draft if the owner of the token may not publish. Adding the same cycle again has the
    same answer.
    """
    require(request, product, "add_releasecycle")
    draft = not token_of(request).owner.has_perm("releases.publish_releasecycle")
    given = body.milestones.given
    with _writing(request):
        try:
            cycle = add_cycle(
                _product(product),
                body.name,
                given,
                codename=body.codename,
                draft=draft,
                reason=body.reason,
            )
        except KnownCycleError as error:
            cycle = error.cycle
            if any(getattr(cycle, name) != value for name, value in given.items()):
                message = f"{error} Its milestones differ: change them with PATCH."
                raise Refused(409, message) from None
    return _written(request, response, cycle)


@router.patch(
    "/products/{product}/cycles/{cycle}",
    response=answers.WrittenCycle,
    summary="Change milestones",
    openapi_extra=_example(milestones={"eol": "2028-04-30"}, reason="Announced by the project"),
    **_WRITES,
)
def change_milestones(
    request: HttpRequest,
    response: HttpResponse,
    product: ProductName,
    cycle: CycleName,
    body: Body[MilestoneChange],
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The state of the cycle that you have read, quoted."),
    ] = None,
) -> answers.WrittenCycle:
    """Set milestones of a cycle, if nobody changed them since you read it."""
    require(request, product, "change_releasecycle")
    found = _cycle(_product(product), cycle)
    if if_match is None:
        message = "Send If-Match with the state of the cycle that you have read, in quotes."
        raise Refused(428, message)
    seen = None if if_match.strip() == "*" else if_match.strip().removeprefix('"').removesuffix('"')
    with _writing(request):
        try:
            changed = set_milestones(found, body.milestones.given, seen=seen, reason=body.reason)
        except ChangedMeanwhileError as error:
            raise _changed_meanwhile(error.cycle) from None
        except ReleaseCycle.DoesNotExist:
            raise unknown("release cycle", cycle, ()) from None
    return _written(request, response, changed)


@router.put(
    "/products/{product}",
    response=answers.ImportReport,
    summary="Import a product file",
    openapi_extra={"requestBody": PRODUCT_FILE},
    **_WRITES,
)
def import_product(request: HttpRequest, product: ProductName) -> answers.ImportReport:
    """Create or update a product from its file. Values that were edited here are kept."""
    require(request, product, "add_upload", "add_product", "change_product")
    if problem := bad_product_name(product):
        raise BadRequest(Problem(name="product", message=problem))
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise BadRequest(Problem(name=BODY, message="expected text in UTF-8.")) from None
    drafts = not token_of(request).owner.has_perm("releases.publish_product")
    with _writing(request):
        (outcome,) = import_texts({f"{product}.md": text}, on=clock.today(), drafts=drafts)
    if outcome.problems:
        raise BadRequest(*(Problem(name=BODY, message=str(each)) for each in outcome.problems))
    if outcome.result is Result.LEFT:
        raise Refused(409, outcome.note)
    return answers.ImportReport(
        product=outcome.product,
        result=outcome.result.value,
        changes=outcome.changes,
        kept=outcome.local_edits,
        warnings=list(map(str, outcome.warnings)),
    )


@router.delete(
    "/products/{product}", response=answers.Deleted, summary="Delete a product", **_WRITES
)
def delete_product(
    request: HttpRequest, product: ProductName, query: Query[DeleteQuery]
) -> answers.Deleted:
    """Delete a product with all that belongs to it. The history keeps it."""
    require(request, product, "delete_product")
    _delete(request, _product(product), query)
    return answers.Deleted(product=product)


@router.delete(
    "/products/{product}/cycles/{cycle}",
    response=answers.Deleted,
    summary="Delete a cycle",
    **_WRITES,
)
def delete_cycle(
    request: HttpRequest, product: ProductName, cycle: CycleName, query: Query[DeleteQuery]
) -> answers.Deleted:
    """Delete a release cycle with its releases. The history keeps it."""
    require(request, product, "delete_releasecycle")
    _delete(request, _cycle(_product(product), cycle), query)
    return answers.Deleted(product=product, cycle=cycle)


@router.delete(
    "/products/{product}/cycles/{cycle}/releases/{version}",
    response=answers.Deleted,
    summary="Delete a release",
    **_WRITES,
)
def delete_release(
    request: HttpRequest,
    product: ProductName,
    cycle: CycleName,
    version: Version,
    query: Query[DeleteQuery],
) -> answers.Deleted:
    """Delete a release of a cycle. The history keeps it."""
    require(request, product, "delete_release")
    releases = _cycle(_product(product), cycle).releases
    found = releases.filter(version=version).first() if version.isprintable() else None
    if found is None:
        raise unknown("release", version, releases.values_list("version", flat=True))
    _delete(request, found, query)
    return answers.Deleted(product=product, cycle=cycle, version=version)


def _product(name: str) -> Product:
    """Return a product by its name, drafts included. Raises `NotFound`."""
    found = None if bad_product_name(name) else Product.objects.filter(name=name).first()
    if found is None:
        raise unknown_product(name)
    return found


def _cycle(product: Product, name: str) -> ReleaseCycle:
    """Return a cycle by its name, drafts included. Raises `NotFound`."""
    found = _cycle_called(product, name)
    if found is None:
        raise unknown("release cycle", name, product.cycles.values_list("name", flat=True))
    return found


def _cycle_called(product: Product, name: str) -> ReleaseCycle | None:
    return product.cycles.filter(name=name).first() if name.isprintable() else None


def _named_cycle(product: Product, name: str | None) -> ReleaseCycle | None:
    if name is None:
        return None
    found = _cycle_called(product, name)
    if found is None:
        message = f"{product} has no release cycle of this name."
        raise BadRequest(Problem(name="cycle", message=message))
    return found


@contextmanager
def _writing(request: HttpRequest) -> Iterator[None]:
    """Name the token in the history, and raise `BadRequest` for values that the model refuses."""
    try:
        with by_program(f"API token “{token_of(request)}”"):
            yield
    except ValidationError as error:
        raise BadRequest(
            *(
                Problem(name="notes" if name == "link" else name, message=" ".join(messages))
                for name, messages in error.message_dict.items()
            )
        ) from None


def _delete(
    request: HttpRequest, row: Product | ReleaseCycle | Release, query: DeleteQuery
) -> None:
    with _writing(request), one_change(query.reason), bump_revision():
        row.delete()


def _refuse_difference(release: Release, body: NewRelease) -> None:
    """Raise `Refused` if a known release is not the one that is reported."""
    recorded = {"date": release.date, "kind": release.kind}
    differing = [
        Problem(name=name, message=f"{value} is recorded, not {getattr(body, name)}.")
        for name, value in recorded.items()
        if getattr(body, name) not in (None, value)
    ]
    if differing:
        message = f"{release.cycle.name} has the release {release} already, with other values."
        raise Refused(409, message, differing)


def _reported(
    request: HttpRequest, product: Product, release: Release, today: date
) -> answers.ReportedRelease:
    cycle = release.cycle
    latest = cycle.latest_on(today)
    is_latest = latest is not None and release_key(latest.version) == release_key(release.version)
    return answers.ReportedRelease(
        product=product.name,
        cycle=cycle.name,
        version=release.version,
        kind=ReleaseKind(release.kind),
        date=release.date,
        latest=is_latest,
        notes=(cycle.link or None) if is_latest else None,
        page=Presenter.of(request, today).address("cycle", product.name, cycle.name),
    )


def _written(
    request: HttpRequest, response: HttpResponse, cycle: ReleaseCycle
) -> answers.WrittenCycle:
    present = Presenter.of(request, clock.today())
    response["ETag"] = f'"{cycle.state}"'
    return answers.WrittenCycle(
        **present.milestones(cycle),
        product=cycle.product.name,
        name=cycle.name,
        draft=cycle.draft,
        state=cycle.state,
        page=present.address("cycle", cycle.product.name, cycle.name),
    )


def _changed_meanwhile(cycle: ReleaseCycle) -> Refused:
    """Return the refusal that says who changed a cycle last, and what its milestones are now."""
    last = cycle.history.select_related("history_user").first()
    who = (last and (last.history_user or last.history_change_reason)) or "an unknown user"
    when = f" at {last.history_date:%Y-%m-%d %H:%M} UTC" if last else ""
    now = [
        Problem(
            name=name, message=f"it is {format_milestone(getattr(cycle, name)) or 'empty'} now."
        )
        for name in MILESTONES
    ]
    message = (
        f"{who} changed {cycle.product} {cycle}{when}, after you read it, or If-Match is not its"
        " state. Nothing was written. Read the cycle again."
    )
    return Refused(412, message, now, {"ETag": f'"{cycle.state}"'})
