"""The frames that published numbers are counted from, one row a record.

Pandas, so that a number on a page and the same number recomputed by a reader are the same
expression over the same columns. Built once; `domain.figures` and the district pages share them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.data.load import Dataset
from generator.domain.disclosure import LONG_SUSPENDED, SiteDisclosure
from generator.domain.exposure import Case
from generator.domain.place import Gazetteer
from generator.domain.project import FEN_PER_WAN, Project, read_decimal

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Frames:
    """One row a record; `county` and `prefecture` are division codes.

    projects: ledger_no county prefecture township sector violation_type batch stage closed
        overdue rebounds owner penalised fine_fen
    enterprises: site_code county prefecture status suspended listed disclosed given
    cases: case_no county prefecture iso_week violation_type withdrawn
    bulletin: iso_week county prefecture cases_opened fine_fen daily_penalty seizure limit_stop
        detention crime_transfer transfers eia_refused eia_invest_fen
    """

    projects: pd.DataFrame
    enterprises: pd.DataFrame
    cases: pd.DataFrame
    bulletin: pd.DataFrame


def build_frames(
    dataset: Dataset,
    gazetteer: Gazetteer,
    projects: Iterable[Project],
    disclosures: Mapping[str, SiteDisclosure],
    cases: Iterable[Case],
    as_of: dt.date,
) -> Frames:
    """The frames of a dataset as they stand on `as_of`."""
    import pandas as pd  # late: half a second for a build that counts nothing anew

    parents = gazetteer.parents
    project_rows = [
        (
            project.ledger_no,
            (county := gazetteer.place_code(project.division_code)),
            parents.get(county, ""),
            project.township_code,
            project.sector,
            project.violation_type,
            project.batch,
            project.stage,
            project.closed,
            project.overdue(as_of),
            project.rebounds,
            project.owner_key,
            bool(project.fine),
            to_fen(project.fine),
        )
        for project in projects
    ]
    profile = dataset["enterprise_profile"].text
    enterprise_rows = []
    for site_code, division, status in profile.select(
        "site_code", "division_code", "operating_status"
    ).iter_rows():
        disclosure = disclosures[site_code]
        suspended = status == LONG_SUSPENDED
        county = gazetteer.place_code(division)
        enterprise_rows.append(
            (
                site_code,
                county,
                parents.get(county, ""),
                status,
                suspended,
                not suspended,
                disclosure.disclosed and not suspended,
            )
        )
    case_rows = [
        (
            case.case_no,
            case.division_code,
            parents.get(case.division_code, ""),
            case.iso_week,
            case.violation_type,
            case.withdrawal is not None,
        )
        for case in cases
    ]
    return Frames(
        projects=pd.DataFrame(
            project_rows,
            columns=[
                "ledger_no", "county", "prefecture", "township", "sector", "violation_type",
                "batch", "stage", "closed", "overdue", "rebounds", "owner", "penalised",
                "fine_fen",
            ],
        ).astype({"closed": bool, "overdue": bool, "penalised": bool}),
        enterprises=pd.DataFrame(
            enterprise_rows,
            columns=[
                "site_code", "county", "prefecture", "status", "suspended", "listed", "disclosed",
            ],
        ).astype({"suspended": bool, "listed": bool, "disclosed": bool}),
        cases=pd.DataFrame(
            case_rows,
            columns=["case_no", "county", "prefecture", "iso_week", "violation_type", "withdrawn"],
        ),
        bulletin=_bulletin_frame(dataset, parents),
    )  # fmt: skip


_MEASURES = ("daily_penalty", "seizure", "limit_stop", "detention", "crime_transfer")


def _bulletin_frame(dataset: Dataset, parents: Mapping[str, str]) -> pd.DataFrame:
    table = dataset["bulletin"]
    counted = table.values.select("iso_week", "cases_opened", *_MEASURES, "eia_refused").to_pandas()
    counted["county"] = table.text["division_code"].to_list()
    counted["prefecture"] = [parents.get(code, "") for code in counted["county"]]
    counted["fine_fen"] = [to_fen(read_decimal(text)) for text in table.text["fine_total"]]
    counted["eia_invest_fen"] = [
        to_fen(read_decimal(text)) for text in table.text["eia_refused_invest"]
    ]
    counted["transfers"] = counted["detention"] + counted["crime_transfer"]
    return counted


def to_fen(amount_wan: Decimal | None) -> int:
    """万元 in whole fen (1 万元 = 1,000,000 分), so that sums are exact integers."""
    return int(amount_wan * FEN_PER_WAN) if amount_wan is not None else 0
