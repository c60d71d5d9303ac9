"""Hypothesis strategies for the tests of the domain: dates, milestones, lifecycles, windows."""

from __future__ import annotations

from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from releases.domain.lifecycle.extended_support import ExtendedSupport, ExtendedTerms
from releases.domain.lifecycle.milestones import MilestoneValue, PartialDate, Precision
from releases.domain.lifecycle.status import Lifecycle
from releases.domain.roadmap.timeline import Window

few = settings(max_examples=40)
"""Settings for properties that follow from others or that any fault breaks at once."""

days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
"""Dates close enough that milestones often coincide or overlap."""

exact_dates = days.map(PartialDate)
partial_dates = st.builds(PartialDate, days, st.sampled_from(Precision))

milestones: SearchStrategy[MilestoneValue] = st.one_of(st.none(), st.booleans(), partial_dates)
any_milestones: SearchStrategy[MilestoneValue] = st.one_of(
    st.none(), st.booleans(), st.builds(PartialDate, st.dates(), st.sampled_from(Precision))
)

extended_support = st.builds(ExtendedSupport, st.sampled_from(ExtendedTerms))

lives = st.builds(
    Lifecycle,
    extended=extended_support,
    release=milestones,
    lts=milestones,
    eoas=milestones,
    eol=milestones,
    eoes=milestones,
    discontinued=milestones,
)
"""Lifecycles with every combination of values, including those in the wrong order."""

_exact: SearchStrategy[MilestoneValue] = st.one_of(st.none(), st.booleans(), exact_dates)
exact_lives = st.builds(
    Lifecycle, release=_exact, lts=_exact, eoas=_exact, eol=_exact, eoes=_exact
).filter(lambda life: life.support_end is not True)
"""Lifecycles with exact dates. An end of support on an unknown day would belong to no period."""

windows = (
    st.tuples(days, days).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Window(*pair))
)
