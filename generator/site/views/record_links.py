"""Where the record that a column names can be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from generator.errors import RouteError
from generator.site import routes

EXPOSURE_WEEK: Final = "exposure_week"
"""Stands for `iso_week` where the week's exposure is meant and not its bulletin."""
CORRECTION: Final = "correction_no"

_BODY_LENGTH = 3  # Z05 of Z05-002
_COUNTY_LENGTH = 6  # 990101 of 990101003


def route_record(owner_field: str, owner_key: str) -> str:
    """The page of the record that `owner_field` names by `owner_key`; empty where it has none."""
    maker = _MAKERS.get(owner_field)
    if maker is None:
        return ""
    try:
        return maker(owner_key)
    except RouteError:
        return ""


def _route_county(division_code: str) -> str:
    """A township has no page of its own; it stands on its county's."""
    return routes.district_route(division_code[:_COUNTY_LENGTH])


def _route_clause(duty_no: str) -> str:
    return f"{routes.duty_route(duty_no[:_BODY_LENGTH])}#{duty_no}"


def _route_correction(number: str) -> str:
    return f"{routes.CORRECTIONS}#{number}"


_MAKERS: Final[Mapping[str, Callable[[str], str]]] = {
    "case_no": routes.case_route,
    "ledger_no": routes.project_route,
    "site_code": routes.enterprise_route,
    "iso_week": routes.bulletin_route,
    "division_code": _route_county,
    "duty_no": _route_clause,
    EXPOSURE_WEEK: routes.week_route,
    CORRECTION: _route_correction,
}
