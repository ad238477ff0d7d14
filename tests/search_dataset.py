"""Search records of the committed sample, made as docs/search.md §11 says each kind should be."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

from generator.site.search.records import SearchRecord

TABLES = Path(__file__).parent.parent / "datasets" / "tables"
COMMITTED = (TABLES / "illegal_project.csv").exists()
DATA_DATE = "2016-07-03"


def read_rows(table: str) -> list[dict[str, str]]:
    path = TABLES / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_fine(cell: str) -> int | None:
    """Yuan from 万元."""
    return round(float(cell) * 10000) if cell and cell[0].isdigit() else None


class DatasetRecords:
    """The records, and the names of the divisions they use."""

    def __init__(self) -> None:
        divisions = read_rows("division")
        self.names = {row["division_code"]: row["division_name"] for row in divisions}
        self.industries = {r["industry_code"]: r["industry_name"] for r in read_rows("industry")}
        self.districts = {code: self.names[code] for code in self.names if len(code) == 6}
        self.records = sorted(
            [
                *self._projects(),
                *self._enterprises(),
                *self._cases(),
                *self._places(),
                *self._duties(),
            ],
            key=lambda record: (record.kind, record.id),
        )

    def _local(self, address: str, county: str, township: str = "") -> str:
        """An address without the names of county and township, which are fields of their own."""
        short = address.removeprefix(self.names.get(county, ""))
        return short.removeprefix(township)

    def _projects(self) -> list[SearchRecord]:
        records = []
        for row in read_rows("illegal_project"):
            town = self.names.get(row["township_code"], "")
            overdue = row["stage"] != "销号" and row["deadline"] < DATA_DATE
            records.append(SearchRecord(
                id=row["ledger_no"], kind="project", url=f"project/{row['ledger_no']}.html",
                title=row["project_name"], subtitle=row["owner_name"],
                district=row["division_code"], township=town,
                fields=(
                    ("owner", row["owner_name"]),
                    ("address", self._local(row["address"], row["division_code"], town)),
                    ("sector", row["sector"]),
                ),
                facets={
                    "batch": row["batch"], "stage": row["stage"], "sector": row["sector"],
                    "violation_type": row["violation_type"],
                    "overdue": "已逾期" if overdue else "未逾期",
                },
                date=row["closed_date"] or row["deadline"], fine=read_fine(row["fine"]), rate=None,
                codes=tuple(c for c in (row["ledger_no"], row["uscc"], row["site_code"]) if c),
            ))  # fmt: skip
        return records

    def _enterprises(self) -> list[SearchRecord]:
        products: dict[str, set[str]] = defaultdict(set)
        for row in read_rows("product_capacity"):
            products[row["site_code"]].add(row["product_name"])
        records = []
        for row in read_rows("enterprise_profile"):
            keys = list(row)
            address = next(row[k] for k in keys if "address" in k)
            county = next(row[k] for k in keys if "division" in k)
            industry = self.industries.get(next(row[k] for k in keys if "industry" in k), "")
            town = next(
                (
                    n
                    for c, n in self.names.items()
                    if c.startswith(county) and len(c) == 9 and n in address
                ),
                "",
            )
            codes = dict.fromkeys((row["uscc"], row["site_code"])) if "uscc" in row else {}
            number = int(row["site_code"][-4:-1]) if row["site_code"][-4:-1].isdigit() else 0
            spread = sum(map(ord, row["site_code"]))
            records.append(SearchRecord(
                id=row["site_code"], kind="enterprise",
                url=f"enterprise/{row['site_code']}.html", title=row["ent_name"], subtitle="",
                district=county, township=town,
                fields=(
                    ("industry", industry), ("address", self._local(address, county, town)),
                    *(("product", name) for name in sorted(products[row["site_code"]])),
                ),
                facets={"completeness": f"{40 + (spread + number) % 61 // 10 * 10}%"},
                date="", fine=None, rate=40 + spread % 61,
                codes=tuple(c for c in codes or (row["site_code"],) if c),
            ))  # fmt: skip
        return records

    def _cases(self) -> list[SearchRecord]:
        return [
            SearchRecord(
                id=row["case_no"], kind="case", url=f"case/{row['case_no']}.html",
                title=f"{row['ent_name']}{row['violation_type']}案",
                subtitle=f"{row['iso_week']} 曝光", district=row["division_code"], township="",
                fields=(("owner", row["ent_name"]), ("narrative", row["facts"])),
                facets={"violation_type": row["violation_type"]},
                date=date.fromisocalendar(
                    int(row["iso_week"][:4]), int(row["iso_week"][-2:]), 1
                ).isoformat(),
                fine=read_fine(row["fine"]), rate=None,
                codes=tuple(c for c in (row["case_no"], row["site_code"], row["ledger_no"]) if c),
            )
            for row in read_rows("exposure_case")
        ]  # fmt: skip

    def _places(self) -> list[SearchRecord]:
        return [
            SearchRecord(
                id=code, kind="township" if len(code) == 9 else "district",
                url=f"district/{code[:6]}.html", title=name, subtitle="", district=code[:6],
                township="", fields=(), facets={}, date="", fine=None, rate=None, codes=(code,),
            )
            for code, name in self.names.items()
        ]  # fmt: skip

    def _duties(self) -> list[SearchRecord]:
        return [
            SearchRecord(
                id=row["duty_no"], kind="duty", url="duty/index.html", title=row["body_name"],
                subtitle="", district="", township="",
                fields=(("duty_role", row["duty_role"]), ("description", row["duty_text"])),
                facets={}, date="", fine=None, rate=None, codes=(),
            )
            for row in read_rows("responsibility")
        ]  # fmt: skip
