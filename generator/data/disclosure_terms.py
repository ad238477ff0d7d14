"""By when a change must be disclosed, in days or working days as the dataset's law counts."""

from __future__ import annotations

import datetime as dt

from generator.data.workdays import add_workdays
from generator.profiles.profile import Terms


def find_change_due(terms: Terms, occurred: dt.date) -> dt.date | None:
    """The last day in time for a change of `occurred`; None where holidays are not known yet."""
    if terms.change_workdays:
        return add_workdays(occurred, terms.change_workdays)
    return occurred + dt.timedelta(days=terms.change_days)
