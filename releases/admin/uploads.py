"""Product files uploaded by people: a form, then a page that shows what would become of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from releases.admin.publishing import may_publish
from releases.admin.sides import Line, lines_of
from releases.domain import limits
from releases.formats.errors import FormatError
from releases.formats.uploads import read_upload
from releases.models import Product, ReleaseCycle, Upload
from releases.services.imports.import_run import Outcome, Result
from releases.services.imports.uploads import (
    MAX_LOCAL_EDITS,
    Preview,
    PreviewChangedError,
    import_upload,
    keep_upload,
    preview,
    skip,
)
from releases.web import clock

MOST_TOLD: Final = 50
"""So many problems of an upload, and names of products, are told in full."""


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as the texts of product files by their names."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files: list[UploadedFile] = [super(FilesField, self).clean(each) for each in data or [None]]
        try:
            return read_upload((str(file.name), file.read()) for file in files)
        except FormatError as error:
            told = [str(problem) for problem in error.problems[:MOST_TOLD]]
            if more := len(error.problems) - len(told):
                told.append(f"And {more} more.")
            raise ValidationError(told) from None


class UploadForm(forms.Form):
    product_files = FilesField(
        label="Product files",
        allow_empty_file=True,
        max_length=None,
        widget=FilesInput(attrs={"accept": ".md,.zip"}),
        help_text=f"Files that end in .md, or a zip archive of up to {limits.FILES:,} of them;"
        f" at most {limits.FILE_BYTES // 1_000_000} MB each,"
        f" {limits.UPLOAD_BYTES // 1_000_000} MB in all."
        " Nothing is written yet: the next page shows what would change.",
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A file on the page of a preview. `wanted` is whether it is ticked, `taken` has the names of
    the values that are; `moves` is whether its product follows the bundled catalogue now. `more`
    values are kept than there are boxes for."""

    outcome: Outcome
    wanted: bool
    taken: Collection[str]
    moves: bool
    changes: list[Line]
    kept: list[Line]
    more: int

    @property
    def renamed(self) -> bool:
        """Whether the product has another address here than in the file."""
        return "address" in self.outcome.kept


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
    """Uploads that wait, each for the one who sent it."""

    actions = None
    list_display = ("uploaded_at", "file_count")
    ordering = ("-uploaded_at",)
    add_template: ClassVar = "admin/releases/upload.html"
    preview_template: ClassVar = "admin/releases/upload_preview.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="releases_upload_changelist"),
            path("add/", view(self.add_view), name="releases_upload_add"),
            path("<int:key>/change/", view(self.preview_view), name="releases_upload_change"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).filter(user=request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="files")
    def file_count(self, upload: Upload) -> int:
        return len(upload.files)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form. What it takes is kept, and nothing else is written."""
        self._check(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid():
                upload = keep_upload(request.user, form.cleaned_data["product_files"])
                return redirect("admin:releases_upload_change", upload.pk)
        context = self._context(request, "Upload product files") | {"form": form}
        return TemplateResponse(request, self.add_template, context)

    def preview_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What would become of the files; and then that it becomes so."""
        self._check(request)
        upload = get_object_or_404(self.get_queryset(request), pk=key)
        if request.method != "POST":
            return self._preview(request, upload)
        if "throw" in request.POST:
            upload.delete()
            self.message_user(request, "The upload was thrown away.", messages.SUCCESS)
        elif "skip" in request.POST:
            skip(upload, on=clock.today())
        elif not self._take(request, upload):
            return self._preview(request, upload)
        if upload.pk:
            return redirect("admin:releases_upload_change", upload.pk)
        return redirect("admin:releases_product_changelist")

    def _check(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _take(self, request: HttpRequest, upload: Upload) -> bool:
        """Takes in what is ticked; False where nothing was written."""
        wanted, taken = _ticked(request)
        if not wanted:
            message = "Tick at least one product, or throw the upload away."
            self.message_user(request, message, messages.ERROR)
            return False
        try:
            outcomes = import_upload(
                upload,
                wanted,
                taken,
                seen=request.POST.get("seen", ""),
                on=clock.today(),
                drafts="drafts" in request.POST or not _public(request),
            )
        except PreviewChangedError:
            message = "The catalogue has changed: this is what would be written now."
            self.message_user(request, f"{message} Nothing was written.", messages.WARNING)
            return False
        except FormatError as error:
            for problem in error.problems[:MOST_TOLD]:
                self.message_user(request, str(problem), messages.ERROR)
            return False
        self._tell(request, outcomes, upload)
        return True

    def _tell(self, request: HttpRequest, outcomes: list[Outcome], upload: Upload) -> None:
        names = ", ".join(outcome.product for outcome in outcomes[:MOST_TOLD])
        more = len(outcomes) - MOST_TOLD
        left = f" {len(upload.files)} files are left." if upload.pk else ""
        names += f" and {more} more" if more > 0 else ""
        self.message_user(request, f"Taken in: {names}.{left}", messages.SUCCESS)

    def _preview(self, request: HttpRequest, upload: Upload) -> HttpResponse:
        shown = preview(upload.files, on=clock.today())
        context = self._context(request, f"Upload of {_count(len(upload.files))}") | {
            "upload": upload,
            "preview": shown,
            "counts": _counts(shown),
            "entries": _entries(request, shown),
            "failed": [each for each in shown.outcomes if each.result is Result.FAILED],
            "left_alone": [each for each in shown.outcomes if each.result is Result.LEFT],
            "may_publish": _public(request),
            "drafts": "drafts" in request.POST,
        }
        return TemplateResponse(request, self.preview_template, context)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {"title": title, "opts": self.opts}


def _public(request: HttpRequest) -> bool:
    """Whether what somebody brings in may be public at once."""
    return all(may_publish(request, model) for model in (Product, ReleaseCycle))


def _entries(request: HttpRequest, shown: Preview) -> list[Entry]:
    wanted, taken = _ticked(request)
    posted = request.method == "POST"
    return [
        Entry(
            outcome=each,
            wanted=each.place in wanted or not posted,
            taken=taken.get(each.place, ()),
            moves=(each.former_name or each.product) in shown.moving,
            changes=lines_of(each.effect.changes),
            kept=lines_of(each.effect.kept)[:MAX_LOCAL_EDITS],
            more=max(0, len(each.effect.kept) - MAX_LOCAL_EDITS),
        )
        for each in shown.takeable
    ]


def _ticked(request: HttpRequest) -> tuple[set[str], dict[str, set[str]]]:
    """The files that are ticked, and by file the values; no name of a file has a slash in it."""
    taken: dict[str, set[str]] = defaultdict(set)
    for key in request.POST.getlist("take"):
        file, _, name = key.partition("/")
        taken[file].add(name)
    return set(request.POST.getlist("file")), dict(taken)


def _counts(shown: Preview) -> list[str]:
    """How many files there are of each result, as a sentence has them."""
    counts = Counter(outcome.result for outcome in shown.outcomes)
    counts[Result.UNCHANGED] = shown.unchanged
    return [f"{counts[result]} {result}" for result in Result if counts[result]]


def _count(files: int) -> str:
    return f"{files} file{'' if files == 1 else 's'}"
