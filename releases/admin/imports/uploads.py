"""Uploads of product files and other formats: a form, then a preview of their effects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from releases.admin.editing.publishing import may_publish
from releases.admin.imports.side_by_side import ValueLine, lines_of
from releases.admin.pages import render_page
from releases.domain import limits
from releases.formats.errors import FormatError
from releases.formats.uploads import read_upload
from releases.models import Product, ReleaseCycle, Upload
from releases.services.imports.import_run import Outcome, Result
from releases.services.uploads import (
    MAX_LOCAL_EDITS,
    Preview,
    PreviewChangedError,
    import_upload,
    preview,
    skip,
    store_upload,
)
from releases.web import clock

MAX_LISTED: Final = 50
"""Maximum number of problems of an upload, and of names of products, that are listed."""


class FilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; the cleaned value has the texts of the product files by name."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files: list[UploadedFile] = [super(FilesField, self).clean(each) for each in data or [None]]
        try:
            return read_upload((str(file.name), file.read()) for file in files)
        except FormatError as error:
            texts = [str(problem) for problem in error.problems[:MAX_LISTED]]
            if more := len(error.problems) - len(texts):
                texts.append(f"And {more} more.")
            raise ValidationError(texts) from None


class UploadForm(forms.Form):
    """The form for an upload of product files."""

    product_files = FilesField(
        label="Product files",
        allow_empty_file=True,
        max_length=None,
        widget=FilesInput(attrs={"accept": ".md,.json,.xml,.zip"}),
        help_text="Product files (.md), OpenEoX documents (.json), or a zip archive of up to"
        f" {limits.FILES:,} of them;"
        f" at most {limits.FILE_BYTES // 1_000_000} MB each,"
        f" {limits.UPLOAD_BYTES // 1_000_000} MB in all."
        " The lifecycle dates of CycloneDX files (.json, .xml) become proposals."
        " Nothing is saved yet: the next page shows what would change.",
    )


@dataclass(frozen=True, slots=True)
class UploadEntry:
    """A file of an upload on the page of its preview.

    Attributes:
        outcome: The outcome of its import.
        wanted: True if the file is selected.
        accepted: The names of the selected local edits.
        moves: True if the product follows the bundled catalogue until now.
        changes: The changes of the import.
        local_edits: The local edits that are listed.
        more: The number of local edits that are not listed.
    """

    outcome: Outcome
    wanted: bool
    accepted: Collection[str]
    moves: bool
    changes: list[ValueLine]
    local_edits: list[ValueLine]
    more: int

    @property
    def renamed(self) -> bool:
        """True if the address of the product differs from that in the file."""
        return "address" in self.outcome.local_edits


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
    """Uploads that are not imported yet. Users see only their own."""

    actions = None
    list_display = ("uploaded_at", "file_count")
    ordering = ("-uploaded_at",)

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
        """Show the form, and store what it sends until the preview is confirmed."""
        self._check_permission(request)
        form = UploadForm()
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid():
                upload = store_upload(request.user, form.cleaned_data["product_files"])
                return redirect("admin:releases_upload_change", upload.pk)
        return render_page(request, self, "upload", "Upload product files", form=form)

    def preview_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Preview the import of an upload; then import, skip or discard files."""
        self._check_permission(request)
        upload = get_object_or_404(self.get_queryset(request), pk=key)
        if request.method != "POST":
            return self._preview(request, upload)
        if "throw" in request.POST:
            upload.delete()
            messages.success(request, "The upload was discarded.")
        elif "skip" in request.POST:
            skip(upload, on=clock.today())
        elif not _import(request, upload):
            return self._preview(request, upload)
        if upload.pk:
            return redirect("admin:releases_upload_change", upload.pk)
        return redirect("admin:releases_product_changelist")

    def _check_permission(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _preview(self, request: HttpRequest, upload: Upload) -> HttpResponse:
        shown = preview(upload.files, on=clock.today())
        files = len(upload.files)
        return render_page(
            request,
            self,
            "upload_preview",
            f"Upload of {files} file{'' if files == 1 else 's'}",
            upload=upload,
            preview=shown,
            counts=_counts(shown),
            entries=_entries(request, shown),
            failed=[each for each in shown.outcomes if each.result is Result.FAILED],
            left_alone=[each for each in shown.outcomes if each.result is Result.LEFT],
            may_publish=_may_publish(request),
            drafts="drafts" in request.POST,
        )


def _may_publish(request: HttpRequest) -> bool:
    """Return True if imported products and cycles may be public at once."""
    return all(may_publish(request, model) for model in (Product, ReleaseCycle))


def _import(request: HttpRequest, upload: Upload) -> bool:
    """Import the files that are ticked. Return False, after a message, if nothing was written."""
    wanted, accepted = _ticked(request)
    if not wanted:
        messages.error(request, "Tick at least one product, or discard the upload.")
        return False
    try:
        outcomes = import_upload(
            upload,
            wanted,
            accepted,
            seen=request.POST.get("seen", ""),
            on=clock.today(),
            drafts="drafts" in request.POST or not _may_publish(request),
        )
    except PreviewChangedError:
        message = "The catalogue has changed: this is what would be imported now."
        messages.warning(request, f"{message} Nothing was saved.")
        return False
    except FormatError as error:
        for problem in error.problems[:MAX_LISTED]:
            messages.error(request, str(problem))
        return False
    names = ", ".join(outcome.product for outcome in outcomes[:MAX_LISTED])
    if (more := len(outcomes) - MAX_LISTED) > 0:
        names += f" and {more} more"
    left = f" {len(upload.files)} files are left." if upload.pk else ""
    messages.success(request, f"Imported: {names}.{left}")
    return True


def _entries(request: HttpRequest, shown: Preview) -> list[UploadEntry]:
    wanted, accepted = _ticked(request)
    posted = request.method == "POST"
    return [
        UploadEntry(
            outcome=each,
            wanted=each.place in wanted or not posted,
            accepted=accepted.get(each.place, ()),
            moves=(each.former_name or each.product) in shown.moving,
            changes=lines_of(each.effect.changes),
            local_edits=lines_of(each.effect.local_edits)[:MAX_LOCAL_EDITS],
            more=max(0, len(each.effect.local_edits) - MAX_LOCAL_EDITS),
        )
        for each in shown.importable
    ]


def _ticked(request: HttpRequest) -> tuple[set[str], dict[str, set[str]]]:
    """Return the files that are ticked, and by file the local edits to replace.

    No name of a file contains a slash.
    """
    accepted: dict[str, set[str]] = defaultdict(set)
    for key in request.POST.getlist("take"):
        file, _, name = key.partition("/")
        accepted[file].add(name)
    return set(request.POST.getlist("file")), dict(accepted)


def _counts(shown: Preview) -> list[str]:
    """Return the number of files of each result, in words."""
    counts = Counter(outcome.result for outcome in shown.outcomes)
    counts[Result.UNCHANGED] = shown.unchanged
    return [f"{counts[result]} {result}" for result in Result if counts[result]]
