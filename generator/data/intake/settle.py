"""Keys between candidates: one row for each primary key, no reference to a row that is not there.

Order decides: the first row of a key stays. An equal later row goes into it; a different one is
refused. Where the mapping says `same_key: merge`, a later row may fill the gaps of the first, but
never contradict it. A reference that points
nowhere is emptied and listed where the field may be empty, else its row is refused; that is
repeated until nothing changes, since a refused row may be what another referred to.
"""

from collections.abc import Iterator, Mapping, Sequence

from generator.data.catalog import ForeignKey, Table
from generator.data.intake.place import Candidate, Failure
from generator.data.intake.reasons import NO_TARGET, SAME_KEY
from generator.data.intake.tally import CellKey, CellLog


def settle_keys(
    candidates: Sequence[Candidate], tables: Mapping[str, Table], cells: CellLog
) -> Mapping[str, list[Candidate]]:
    """The candidates that stay, by table; the others carry their `failure` or `into`."""
    kept: dict[str, list[Candidate]] = {name: [] for name in tables}
    first: dict[tuple[str, tuple[str, ...]], Candidate] = {}
    for candidate in candidates:
        table = tables[candidate.table]
        key = tuple(candidate.values.get(name, "") for name in table.primary_key)
        earlier = first.setdefault((table.name, key), candidate)
        if earlier is candidate:
            kept[table.name].append(candidate)
        else:
            _join(table, earlier, candidate)
    while any(_drop_dangling(tables[name], kept, cells) for name in tables):
        pass
    return kept


def find_constant_faults(constants: Sequence[Candidate]) -> Iterator[str]:
    """Rows written in the mapping itself that cannot stand: a fault of the mapping, not a row."""
    for row in constants:
        place = f"{row.ref.label}，写定的第 {row.ref.row} 行"
        if row.into is not None:
            yield f"{place}：与 {row.into.ref.label} 第 {row.into.ref.row} 行完全相同。"
        elif row.failure is not None:
            yield f"{place}：{row.failure.reason}：{row.failure.value}。"


def _join(table: Table, earlier: Candidate, later: Candidate) -> None:
    """Put the later row into the earlier one, or refuse it, saying where the earlier came from."""
    differing = [
        name
        for name in table.field_names
        if earlier.values.get(name, "") != later.values.get(name, "")
    ]
    clashing = [
        name
        for name in differing
        if not later.merge or (earlier.values.get(name, "") and later.values.get(name, ""))
    ]
    if not clashing:
        later.into = earlier
        for name in differing:
            earlier.values[name] = earlier.values[name] or later.values[name]
        return
    titles = "、".join(table.field(name).title for name in clashing)
    keys = "、".join(later.values.get(name, "") for name in table.primary_key)
    later.failure = Failure(
        table.name,
        "、".join(table.field(name).title for name in table.primary_key),
        f"{keys}（已有：{earlier.ref.label} 第 {earlier.ref.row} 行）",
        f"{table.title}{SAME_KEY}，内容不同（{titles}）",
    )


def _drop_dangling(table: Table, kept: dict[str, list[Candidate]], cells: CellLog) -> bool:
    """Whether a row was refused, so that others may have lost what they refer to."""
    dropped = False
    for key in table.foreign_keys:
        known = {
            tuple(row.values.get(name, "") for name in key.reference_fields)
            for row in kept[key.table]
        }
        staying: list[Candidate] = []
        for row in kept[table.name]:
            if _points_nowhere(key, row, known) and not _empty_reference(table, key, row, cells):
                dropped = True
            else:
                staying.append(row)
        kept[table.name] = staying
    return dropped


def _points_nowhere(key: ForeignKey, row: Candidate, known: set[tuple[str, ...]]) -> bool:
    wanted = tuple(row.values.get(name, "") for name in key.fields)
    return any(wanted) and wanted not in known


def _empty_reference(table: Table, key: ForeignKey, row: Candidate, cells: CellLog) -> bool:
    """Empty the reference where it may be empty; False, with the row's failure, where not."""
    free = [
        name
        for name in key.fields
        if not table.field(name).required and name not in table.primary_key
    ]
    shown = "、".join(row.values.get(name, "") for name in key.fields)
    titles = "、".join(table.field(name).title for name in key.fields)
    reason = f"{NO_TARGET}{titles}在表 {key.table} 里没有"
    if len(free) < len(key.fields):
        row.failure = Failure(table.name, titles, shown, reason)
        return False
    for name in free:
        note = CellKey(row.ref.label, "", f"{table.name}.{name}", row.values[name], reason)
        cells.note(note, row.ref.row)
        row.values[name] = ""
    return True
