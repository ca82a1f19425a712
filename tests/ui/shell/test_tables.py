"""Tables as files."""

from __future__ import annotations

from explorer.ui.shell.tables import as_csv


def test_a_table_is_written_whole_and_in_its_own_order() -> None:
    rows = [{"step": 0, "error": 90.5}, {"step": 5, "error": None}, {"step": 10, "error": 'a "b", c'}]
    expected = '\ufeffstep,error\r\n0,90.5\r\n5,\r\n10,"a ""b"", c"\r\n'
    assert as_csv(rows).decode() == expected
