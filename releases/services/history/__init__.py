"""Takes back what was edited: one change, or everything since a moment. What was deleted comes back
under its old key.

First there is a plan, which people look at; then it is carried out as a whole or not at all. What
was changed again since is not written over unseen: reverting a change leaves it and says so, going
back to a moment shows it from now to then. Where data comes from, and when it was checked, is not
reverted. Rows from before the history began stay.
"""

from releases.services.history.plan import (
    RevertEffect,
    RevertPlan,
    Unreverted,
    Why,
    plan_back_to,
    plan_revert,
)
from releases.services.history.write import (
    OutdatedError,
    RefusedError,
    RevertProblem,
    carry_out,
    kept_addresses,
)

__all__ = [
    "OutdatedError",
    "RefusedError",
    "RevertEffect",
    "RevertPlan",
    "RevertProblem",
    "Unreverted",
    "Why",
    "carry_out",
    "kept_addresses",
    "plan_back_to",
    "plan_revert",
]
