"""A chart tells its title, its categories and each value under the name of its row of data."""

import pytest

from index.converters.chart_numbers import shown
from index.converters.charts import charts
from tests.support.sample_files import chart_data, chart_part, charted


def test_each_value_stands_with_its_category_and_series() -> None:
    assert charts(charted("BAR_CLUSTERED", "Catch", ["North", "South"], {"2023": [100, 85]})) == [
        "Chart “Catch”:\n\n- North; 2023: 100\n- South; 2023: 85"
    ]


def test_a_gap_in_a_row_of_data_stays_a_gap() -> None:
    part = charted("LINE", "Catch", ["A", "B"], {"2023": [None, 5], "2024": [7, None]})

    assert charts(part) == ["Chart “Catch”:\n\n- A; 2024: 7\n- B; 2023: 5"]


def test_a_pie_shows_percent_and_its_only_series_as_title() -> None:
    part = charted("PIE", "", ["Cod", "Eel"], {"Share": [0.125, 0.875]}, number_format="0.0%")

    assert charts(part) == ["Chart “Share”:\n\n- Cod; Share: 12.5%\n- Eel; Share: 87.5%"]


def test_scattered_points_name_both_their_numbers() -> None:
    from pptx.enum.chart import XL_CHART_TYPE

    data = chart_data().XyChartData()
    series = data.add_series("Mooring")
    series.add_data_point(1.5, 20)
    assert charts(chart_part(XL_CHART_TYPE.XY_SCATTER, data, "Depth")) == [
        "Chart “Depth”:\n\n- Mooring; x: 1.5; y: 20"
    ]


def test_years_and_quarters_are_one_name() -> None:
    from pptx.enum.chart import XL_CHART_TYPE

    data = chart_data().CategoryChartData()
    for year in ("2023", "2024"):
        category = data.add_category(year)
        category.add_sub_category("Q1")
        category.add_sub_category("Q2")
    data.add_series("Tonnes", (1, 2, 3, 4))
    text = charts(chart_part(XL_CHART_TYPE.COLUMN_CLUSTERED, data, "Catch"))[0]

    assert text.splitlines()[2:] == [
        "- 2023 Q1; Tonnes: 1",
        "- 2023 Q2; Tonnes: 2",
        "- 2024 Q1; Tonnes: 3",
        "- 2024 Q2; Tonnes: 4",
    ]


_WATERFALL = """<cx:chartSpace xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex">
<cx:chartData><cx:data id="0">
<cx:strDim type="cat"><cx:f>A</cx:f><cx:lvl ptCount="2"><cx:pt idx="0">Dues</cx:pt>
<cx:pt idx="1">Repairs</cx:pt></cx:lvl></cx:strDim>
<cx:numDim type="val"><cx:lvl ptCount="2" formatCode="General"><cx:pt idx="0">40</cx:pt>
<cx:pt idx="1">-15</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData>
<cx:chart><cx:title><cx:tx><cx:txData><cx:v>Purse of the port</cx:v></cx:txData></cx:tx></cx:title>
<cx:plotArea><cx:plotAreaRegion><cx:series layoutId="waterfall"><cx:tx><cx:txData><cx:v>Coins</cx:v>
</cx:txData></cx:tx><cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart>
</cx:chartSpace>"""


def test_a_waterfall_is_read_too() -> None:
    assert charts(_WATERFALL.encode()) == [
        "Chart “Purse of the port”:\n\n- Dues; Coins: 40\n- Repairs; Coins: -15"
    ]


def test_a_chart_without_kept_values_says_so() -> None:
    part = charted("BAR_CLUSTERED", "Catch", ["North"], {"2023": [None]})

    assert charts(part) == ["Chart “Catch” (the file keeps no values of it)"]


def test_other_xml_is_no_chart() -> None:
    assert charts(b"<a/>") == []


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        ("0.125", "0.0%", "12.5%"),
        ("0.07", "0%", "7%"),  # 100 * 0.07 is 7.000000000000001
        ("1234.5", '"$"#,##0.00', "$1234.5"),
        ("-3", "[$€-407] #,##0", "-€3"),
        ("45000", "yyyy-mm-dd", "2023-03-15"),
        ("0.30000000000000004", "General", "0.3"),
        ("12", '0" km"', "12 km"),
        ("5200000", '#,##0.0,,"M"', "5.2M"),
        ("1000", "0.00E+00", "1000"),
        ("North", "0%", "North"),
        ("nan", "0", "nan"),
    ],
)
def test_a_number_keeps_what_its_format_says_of_it(value: str, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def test_days_may_count_from_1904() -> None:
    assert shown("43538", "d.m.yyyy", from_1904=True) == "2023-03-15"
