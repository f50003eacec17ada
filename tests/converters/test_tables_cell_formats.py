"""Numbers as people see them. The values were compared with those that two programs show."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.converters.cell_formats import built_in, general, shown, shown_text

MOMENT = 46096.586875  # 2026-03-15 14:05:06
ACCOUNTS = '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (0.075, "0.0%", "7.5%"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (1234.5, ACCOUNTS, "$1,234.50"),
        (1234.5, "#,##0.00 [$€-407]", "1,234.50 €"),
        (-300, "#,##0;[Red](#,##0)", "(300)"),
        (-5, "0;[Red]-0", "-5"),
        (-5, "0.0", "-5.0"),
        (1_500_000, '#,##0.0,,"M"', "1.5M"),
        (7, "00000", "00007"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (2.675, "0.00", "2.68"),
        (99.995, "0.00", "100.00"),
        (5, "#.##", "5"),
        (1.25, "# ?/?", "1 1/4"),
        (0.25, "# ?/?", "1/4"),
        (3, "# ??/??", "3"),
        (1.3, "# ?/8", "1 2/8"),
        (12345, "0.00E+00", "1.23E+04"),
        (12345, "##0.0E+0", "12.3E+3"),
        (99.999, "0.0E+0", "1.0E+2"),
        (12, '[>=100]"big";[>=10]"mid";"small"', "mid"),
        (0, '0;-0;"none"', "none"),
        (5, ";;;", ""),
        (-5, "0.0;[Red]", "-5"),
        (12.5, '0.0 "t/ha"', "12.5 t/ha"),
        (2.5, 'General" kg"', "2.5 kg"),
        (1.26041666666, "[h]:mm", "30:15"),
        (1.5, "[mm]:ss", "2160:00"),
        (-1.25, "[h]:mm", "-30:00"),
        (MOMENT, "mm/dd/yyyy", "03/15/2026"),
        (MOMENT, "d-mmm-yy h:mm", "15-Mar-26 14:05"),
        (MOMENT, "h:mm AM/PM", "2:05 PM"),
        (MOMENT, "hh:mm:ss.00", "14:05:06.00"),
        (MOMENT, "[$-407]dddd, d. mmmm yyyy", "Sonntag, 15. März 2026"),
        (MOMENT, '[$-411]ggge"年"m"月"d"日"', "令和8年3月15日"),
        (MOMENT, "[$-F800]dddd, mmmm dd, yyyy", "2026-03-15"),
        (MOMENT, "m/d/yy;@", "3/15/26"),
        (60, "yyyy-mm-dd", "1900-02-29"),
        (-1, "yyyy-mm-dd", "-1"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.333333333"),
        (4006381333931, "General", "4006381333931"),
        (1e-7, "General", "1E-07"),
    ],
)
def test_a_number_is_shown_by_its_format(value: float, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def test_days_are_counted_from_two_epochs() -> None:
    assert shown(30_000, "yyyy-mm-dd") == "1982-02-18"
    assert shown(30_000, "yyyy-mm-dd", since_1904=True) == "1986-02-19"


@pytest.mark.parametrize(
    ("number", "value", "expected"),
    [(0, 1.5, "1.5"), (9, 0.5, "50%"), (14, MOMENT, "2026-03-15"), (46, 1.5, "36:00:00"),
     (44, -2, "$(2.00)"), (163, 1.5, "1.5")],
)  # fmt: skip
def test_built_in_formats(number: int, value: float, expected: str) -> None:
    assert shown(value, built_in(number)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("General", "007"), ("@", "007"), ("0.00", "007"), ('"Room "@', "Room 007"),
     ('0;-0;0;"No. "@', "No. 007")],
)  # fmt: skip
def test_a_text_is_shown_by_its_format(code: str, expected: str) -> None:
    assert shown_text("007", code) == expected


@given(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_no_digit_of_a_whole_number_is_lost(number: int, places: int) -> None:
    decimals = f".{'0' * places}" if places else ""

    assert shown(number, f"#,##0{decimals}") == f"{number:,}{decimals}"
    assert general(number) == str(number)


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 9))
def test_a_number_is_rounded_to_its_places(value: float, places: int) -> None:
    text = shown(value, f"0.{'0' * places}" if places else "0")

    assert abs(float(text) - value) <= 0.5 * 10**-places + 1e-14 * abs(value)


@given(st.integers(61, 2_958_465))
def test_a_day_is_its_number_of_days(number: int) -> None:
    assert shown(number, "yyyy-mm-dd") == str(date(1899, 12, 30) + timedelta(number))


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text('0#?.,%/Ee+-[]h:msdy;@_*"\\ $€>1A', max_size=30),
)
def test_no_format_of_any_signs_is_slow_or_fails(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)
    assert isinstance(shown_text("x", code), str)
