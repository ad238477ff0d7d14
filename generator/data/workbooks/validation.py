"""What a sheet lets a clerk type into a column, as XlsxWriter's data validations."""

from datetime import date
from typing import Final

from generator.data.catalog import Field
from generator.data.messages import describe_length, describe_range, describe_type

Validation = dict[str, object]

LIST_CHARS: Final = 255
"""A drop-down written in the cell itself holds no more. Source: Excel specifications."""
FORMULA_CHARS: Final = 255
_MESSAGE_CHARS: Final = 255
_FIRST_DAY: Final = date(1900, 3, 1)
_LAST_DAY: Final = date(2199, 12, 31)
_MOST: Final = 1e15


def list_choices(field: Field) -> tuple[str, ...]:
    """The words that the field's cells may hold, if they are a closed list."""
    words: tuple[str, ...] = ()
    if field.type == "boolean":
        words = (*field.true_values, *field.false_values)
    elif field.enum:
        words = field.enum
    if not words:
        return ()
    return tuple(dict.fromkeys((*words, *_absences(field))))


def _absences(field: Field) -> tuple[str, ...]:
    return () if field.required else tuple(word for word in field.missing_values if word)


def make_choice(choices: tuple[str, ...]) -> Validation | None:
    """A drop-down of the words; None where they do not fit into a cell's own list."""
    fits = len(",".join(choices)) <= LIST_CHARS and not any("," in word for word in choices)
    return (
        _finish({"validate": "list", "source": list(choices)}, "请从下拉里选。") if fits else None
    )


def make_reference(source: str, title: str, *, strict: bool) -> Validation:
    """A drop-down of a range of cells; other codes are refused, or only questioned."""
    if strict:
        return _finish({"validate": "list", "source": source}, f"只能填“{title}”里有的代码。")
    message = f"“{title}”里没有这个代码。若已在那张表里新增，请点“是”。"
    options = _finish({"validate": "list", "source": source}, message)
    return {**options, "error_type": "warning"}


def make_validation(field: Field, cell: str) -> Validation | None:
    """The field's rule of value or length. `cell` is the first cell of the column, such as C3."""
    if field.type in ("number", "integer", "year"):
        low = -_MOST if field.minimum is None else field.minimum
        high = _MOST if field.maximum is None else field.maximum
        bounded = field.minimum is not None or field.maximum is not None
        words = [describe_type(field), *([describe_range(field)] if bounded else [])]
        kind = "decimal" if field.type == "number" else "integer"
        whole = "" if field.type == "number" else f",{cell}=INT({cell})"
        rule = f"ISNUMBER({cell}),{cell}>={low:.15g},{cell}<={high:.15g}{whole}"
        return _allow_absences(
            field,
            cell,
            rule,
            {"validate": kind, "criteria": "between", "minimum": low, "maximum": high},
            "应为" + "，".join(words),
        )
    if field.type == "date":
        rule = f"ISNUMBER({cell}),{cell}>=DATE(1900,3,1),{cell}<=DATE(2199,12,31)"
        between: Validation = {
            "validate": "date",
            "criteria": "between",
            "minimum": _FIRST_DAY,
            "maximum": _LAST_DAY,
        }
        return _allow_absences(field, cell, rule, between, f"应为{describe_type(field)}")
    if field.type == "string" and not field.pattern:
        return _make_length(field)
    return None


def _allow_absences(
    field: Field, cell: str, rule: str, plain: Validation, message: str
) -> Validation:
    words = _absences(field)
    if not words:
        return _finish(plain, message)
    quoted = [word.replace('"', '""') for word in words]
    tests = ",".join(f'{cell}="{word}"' for word in quoted)
    formula = f"=OR({tests},AND({rule}))"
    if len(formula) > FORMULA_CHARS:
        return _finish(plain, message)
    told = f"{message}；没有的填{'、'.join(words)}"
    return _finish({"validate": "custom", "value": formula}, told)


def _make_length(field: Field) -> Validation | None:
    low, high = field.min_length, field.max_length
    if low is not None and _absences(field):
        low = None
    if high is None or high > 32_767:
        return None
    limits = {"validate": "length", "criteria": "between", "minimum": low or 0, "maximum": high}
    return _finish(limits, f"应为{describe_length(field)}")


def _finish(options: Validation, message: str) -> Validation:
    return {
        **options,
        "error_title": "填写有误",
        "error_message": message[:_MESSAGE_CHARS],
        "ignore_blank": True,
    }
