"""The functions of the database say what the domain says, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from django.db.models import F, Value

from releases.domain.similarity import similarity, trigrams
from releases.models import Product
from releases.models.functions import MayBeAlike, Similarity
from tests.factories import make_product

pytestmark = pytest.mark.django_db

TITLES = ("Django", "Py-thon 3.9", "a", "aaaa", "--", "Red Hat  Enterprise/Linux", "Ubuntu (LTS)")
TYPED = ("djnago", "python 3", "A", "linux red", "-", "ubuntu")


@pytest.mark.parametrize("typed", TYPED)
def test_similarity(typed: str) -> None:
    """For words, signs and spaces of all kinds."""
    for number, title in enumerate(TITLES):
        make_product(f"p{number}", label=title)
    alike = Product.objects.annotate(alike=Similarity(F("label"), Value(typed)))
    found = dict(alike.values_list("label", "alike"))
    assert found == {title: pytest.approx(similarity(title, typed)) for title in TITLES}


@pytest.mark.parametrize("typed", TYPED)
def test_what_has_a_trigram_in_common_may_be_alike(typed: str) -> None:
    """None that is alike at all is left out."""
    for number, title in enumerate(TITLES):
        make_product(f"p{number}", label=title)
    found = Product.objects.filter(MayBeAlike(F("label"), Value(typed)))
    common = {title for title in TITLES if trigrams(title) & trigrams(typed)}
    assert common <= set(found.values_list("label", flat=True))
