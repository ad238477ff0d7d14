"""Files cut into blocks: as Python's csv cuts them, whatever the block's size."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.data.blocks import BlockReader, OutsideEnvelopeError, read_ahead

NAMES = ["a", "b"]


def read_by_blocks(content: bytes, block_size: int) -> list[tuple[str, ...]]:
    """The records of a file, the header first."""
    reader = BlockReader(io.BytesIO(content), NAMES, block_size)
    records = [reader.labels]
    for block in read_ahead(reader):
        assert block.start == len(records) - 1
        rows = block.text.rows()
        records += [block.odd_rows.get(index, row) for index, row in enumerate(rows)]
    return records


def read_by_csv(content: bytes) -> list[tuple[str, ...]]:
    """The same by Python's csv."""
    text = content.decode("utf-8-sig")
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] or [()]


@settings(deadline=None, derandomize=True, database=None)
@given(
    body=st.text(alphabet=st.sampled_from('ab"",,\n\n水\r\0'), max_size=60),
    block_size=st.sampled_from([3, 8, 21, 1 << 20]),
)
def test_blocks_of_any_size_hold_the_records_of_pythons_csv(body: str, block_size: int) -> None:
    content = f"a,b\n{body}".encode()
    try:
        records = read_by_blocks(content, block_size)
    except OutsideEnvelopeError:
        assert "\r" in body.replace("\r\n", "")  # nothing else leaves the envelope
        return
    assert records == read_by_csv(content)


def test_a_record_longer_than_a_block_is_kept_whole() -> None:
    content = b'a,b\n1,"' + b"x\n" * 500 + b'"\n2,3\n'
    assert read_by_blocks(content, 16) == [("a", "b"), ("1", "x\n" * 500), ("2", "3")]


def test_a_row_that_is_too_short_has_null_where_it_ends() -> None:
    reader = BlockReader(io.BytesIO(b"a,b\n1\n\n2,3,4\n5,6\n"), NAMES)
    (block,) = reader
    assert block.text.rows() == [("1", None), (None, None), ("2", "3"), ("5", "6")]
    assert block.odd_rows == {0: ("1",), 1: (), 2: ("2", "3", "4")}


@pytest.mark.parametrize("body", [b"1,\xff\n", b'1,"\xff"\n', b"\xff\n"])
def test_bytes_that_are_not_utf8_leave_the_envelope(body: bytes) -> None:
    with pytest.raises(OutsideEnvelopeError):
        read_by_blocks(b"a,b\n" + body, 64)


def test_carriage_returns_alone_leave_the_envelope() -> None:
    with pytest.raises(OutsideEnvelopeError):
        read_by_blocks(b"a,b\n1,2\r3,4\n", 64)
