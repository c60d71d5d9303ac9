"""What Hypothesis draws in the tests of the domain: dates, milestones, lifecycles, windows."""

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
"""For what follows from other properties, or breaks at once if it breaks at all."""

days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
"""So near to each other that milestones often coincide or overlap."""

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
"""Every combination of values, those in the wrong order included."""

_exact: SearchStrategy[MilestoneValue] = st.one_of(st.none(), st.booleans(), exact_dates)
exact_lives = st.builds(
    Lifecycle, release=_exact, lts=_exact, eoas=_exact, eol=_exact, eoes=_exact
).filter(lambda life: life.support_end is not True)
"""Dates known to the day. Where support ended on a day that nobody knows, no period tells of it."""

windows = (
    st.tuples(days, days).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Window(*pair))
)
