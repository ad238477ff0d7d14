"""How each published figure of 重庆, 浙江 and 内蒙古 is counted from the dataset's CSV files.

DuckDB queries over one table per file, all columns text, and the views below. They share
nothing with the generator, so that they can disagree with it.
"""

from typing import Final

VIEWS: Final = (
    """create view done as select p.* from illegal_project p join
    (select ledger_no, max_by(stage, event_no) as last from ledger_event group by 1) e
    using (ledger_no) where e.last = '销号'""",
    "create view violations as select violation_type as kind from illegal_project",
    "create view hundred_days as from bulletin where iso_week between '2016-W17' and '2016-W26'",
    "create view year_before as from bulletin where iso_week between '2015-W17' and '2015-W26'",
)

COUNTS: Final = {
    "cq.projects.total": "select count(*) from illegal_project",
    "cq.projects.unapproved": "select count(*) from violations where kind = '未批先建'",
    "cq.projects.deviating": "select count(*) from violations where kind = '批建不符'",
    "cq.projects.unaccepted": "select count(*) from violations where kind = '未验先投'",
    "cq.projects.done": "select count(*) from done",
    "cq.projects.done_rate": (
        "select 100.0 * (select count(*) from done) / count(*) from illegal_project"
    ),
    "cq.projects.open": "select count(*) from illegal_project where stage <> '销号'",
    "cq.batch.closed": "select count(*) from done where batch = '淘汰关闭'",
    "cq.batch.regularised": "select count(*) from done where batch = '整顿规范'",
    "cq.batch.filed": "select count(*) from done where batch = '完善备案'",
    "cq.sectors": "select count(distinct sector) from illegal_project",
    "cq.townships": "select count(*) from division where level = '乡'",
    "cq.penalised.firms": (
        "select count(distinct owner_name) from illegal_project where penalty_no <> '' "
        "and penalty_date between '2015-01-01' and '2016-06-30'"
    ),
    "cq.penalised.fines": "select sum(fine::decimal(12,2)) from illegal_project where fine <> ''",
    "cq.eia.refused": "select sum(eia_refused::int) from bulletin",
    "cq.eia.refused_invest": "select sum(eia_refused_invest::decimal(12,2)) / 10000 from bulletin",
    "zj.batches": "select count(distinct iso_week) from exposure_case",
    "zj.cases": "select count(*) from exposure_case",
    "zj.enforcement.cases": "select sum(cases_opened::int) from bulletin",
    "zj.enforcement.fines": "select sum(fine_total::decimal(12,2)) / 10000 from bulletin",
    "zj.daily_penalty": "select sum(daily_penalty::int) from bulletin",
    "zj.seizure": "select sum(seizure::int) from bulletin",
    "zj.limit": "select sum(limit_stop::int) from bulletin",
    "zj.detention": "select sum(detention::int) from bulletin",
    "zj.crime": "select sum(crime_transfer::int) from bulletin",
    "zj.hundred_days.cases": "select sum(cases_opened::int) from hundred_days",
    "zj.hundred_days.transfers": (
        "select sum(detention::int + crime_transfer::int) from hundred_days"
    ),
    "zj.hundred_days.cases_yoy": (
        "select 100.0 * (select sum(cases_opened::int) from hundred_days) / "
        "sum(cases_opened::int) - 100 from year_before"
    ),
    "zj.hundred_days.transfers_yoy": (
        "select 100.0 * (select sum(detention::int + crime_transfer::int) from hundred_days) / "
        "sum(detention::int + crime_transfer::int) - 100 from year_before"
    ),
    "nm.parts": "select count(distinct part) from responsibility",
    "nm.party_departments": (
        "select count(distinct body_name) from responsibility where part = '党委职能部门'"
    ),
    "nm.government_departments": (
        "select count(distinct body_name) from responsibility where part = '政府部门及直属单位'"
    ),
    "nm.leagues": "select count(*) from duty_adoption",
    "nm.leagues_adopted": (
        "select count(*) from duty_adoption where status = '已印发' and document_no <> ''"
    ),
}
