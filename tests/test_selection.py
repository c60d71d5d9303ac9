"""The choice of tests for PostgreSQL and the newest Django (`--brief`)."""

from __future__ import annotations

import pytest

from tests.conftest import SLOW, all_but_one_case


@pytest.mark.parametrize("case", range(3))
def test_one_case_of_each_test_is_left(request: pytest.FixtureRequest, case: int) -> None:
    """Only properties and tests that read the shared catalogue have none."""
    items = request.session.items
    left_out = all_but_one_case(items)
    left = [item.nodeid.partition("[")[0] for item in items if item not in left_out]
    assert left.count(request.node.nodeid.partition("[")[0]) == 1
    assert set(left) == {
        item.nodeid.partition("[")[0]
        for item in items
        if not any(map(item.get_closest_marker, SLOW))
    }


@pytest.mark.every_case
@pytest.mark.parametrize("case", range(2))
def test_marked_test_keeps_all_its_cases(request: pytest.FixtureRequest, case: int) -> None:
    assert request.node not in all_but_one_case(request.session.items)


def test_database_of_a_fixture_marks_a_test(db: None, request: pytest.FixtureRequest) -> None:
    """So `-m django_db` finds it."""
    assert request.node.get_closest_marker("django_db")
