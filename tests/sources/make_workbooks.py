"""Makes the workbooks among the specimens (`python tests/sources/make_workbooks.py`): layouts of providers, made-up values.

The same bytes come out whenever the same xlsxwriter writes them; a test compares the cells with those in the repository.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).resolve().parent
Cell = str | int | float | date | None
Sheet = Sequence[Sequence[Cell]]
FOOT: Sheet = [
    [],
    ["Notes:"],
    ["All data are ITU estimates"],
    ["Values are rounded to 1 decimal"],
    ["N/A: Not available"],
    [],
    ["Source:"],
    ["Version November 2034, for a test"],
]

SPECIAL: Sheet = [
    ["Key ICT indicators for the world and special regions (totals and penetration rates)"],
    [],
    [None, "Millions", None, None, "Per 100 inhabitants "],
    [None, 2032, 2033, None, 2032, 2033],
    ["Fixed-telephone subscriptions"],
    ["World", 1243.5, 1260, None, 19.1, 19],
    ["Least Developed Countries (LDCs)", "N/A", 6.4, None, "N/A", 0.03],
    [],
    ["Fixed broadband traffic", "Exabytes*", None, None, "Per subscription (GB)"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", "N/A", 1928.2, None, "N/A", 1690.3],
    [],
    ["Individuals using the Internet", "Millions", None, None, "Percentage"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", 1023.6, 1147.1, None, 15.6, 17.2],
    ["Lower-middle-income", 88.4, 109.7, None, 3.7, 33.6],
    ["Individuals owning a mobile phone***"],
    ["Small Island Developing States (SIDS)", 35.1, 37.5, None, 65.7, 69.5],
    *FOOT,
]
REGIONS: Sheet = [
    ["Key ICT indicators for the ITU/BDT regions (totals and penetration rates)"],
    [],
    [None, "Millions", None, None, "Per 100 inhabitants "],
    ["Active mobile-broadband subscriptions/Millions", 2032, 2033, None, 2032, 2033],
    ["Africa", 14.3, 23, None, 1.7, 2.7],
    [],
    [None, None, None, None, "Percentage"],
    ["Population covered by at least an LTE/WiMAX mobile network/Millions", 2032, 2033, None, 2032, 2033],
    ["Asia-Pacific", 1708.5, 3022.6, None, 41.3, 72.3],
    [],
    [None, "Tbit/s**", None, None, "Per Internet user (kbit/s)"],
    ["International bandwidth usage(Tbits/s**)", 2032, 2033, None, 2032, 2033],
    ["CIS", 4.4, 6.4, None, "N/A", 67],
    *FOOT,
]
PLACES: Sheet = [
    ["Key ICT indicators by urban/rural area (penetration rates)"],
    ["Population covered by at least an LTE/WiMAX mobile network (%)"],
    [None, "Total", None, None, "Urban", None, None, "Rural"],
    [None, 2032, 2033, None, 2032, 2033, None, 2032, 2033],
    ["World", 43.5, 63.8, None, 64.1, 81.7, None, 19.3, 43.2],
    [],
    [None, 2032, 2033, None, 2032, 2033, None, 2032, 2033],
    ["Asia-Pacific", 41.3, 72.3, None, 63.8, 89.5, None, 22.3, 57.2],
    [],
    ["Percentage of individuals using the Internet, by urban/rural area"],
    [None, "Total", None, "Urban", None, "Rural"],
    [None, 2033, None, 2033, None, 2033],
    ["World", 17.2, None, 20.4, None, 9],
    ["Lower-middle-income", 33.5, None, 40.1, None, 28.8],
    *FOOT,
]
GENDER: Sheet = [
    ["Key ICT indicators by gender (penetration rates)"],
    [],
    [None, "Total", None, "Female", None, "Male"],
    [None, 2033, None, 2033, None, 2033],
    ["Percentage of individuals using the Internet, by gender"],
    ["World", 17.2, None, 16.1, None, 18.3],
    ["Percentage of individuals owning a mobile phone*, by gender"],
    ["World", 70.9, None, 68, None, "N/A"],
    *FOOT,
]
AGES: Sheet = [
    ["Internet use by age"],
    [],
    ["Percentage of individuals using the Internet, by age"],
    [None, "Total", None, "Youth \n(15-24)", None, "Rest of the population"],
    [None, 2033, None, 2033, None, 2033],
    ["World", 17.2, None, 24.2, None, 15.4],
    *FOOT,
]
STRANGE: Sheet = [
    ["Key ICT indicators by urban/rural area (penetration rates)"],
    ["Population covered by at least a 5G mobile network (%)"],
    [None, "Total", None, None, "Suburban"],
    [None, 2032, 2033, None, 2032, 2033],
    ["World", 9.2, 18.7, None, 15.6, 30.7],
    ["Atlantis", 0.5, "2.4e", None, 1.1, 4.8, None, 99],
    ["World", 9.5, "N/A"],
    ["Notes:"],
    ["All data are ITU estimates", 7],
]

ECONOMY = ["IsoCode", "Economy", "basket_combined_simplified", "Unit", "Code", "ITURegion", "LDC", "LLDC", "SIDS"]
MEDIAN = ["Code_ts", "N (World)", "grouping", "group"]
PRICES: Mapping[str, Sheet] = {
    "Overview": [[], [None, "ITU ICT Price Baskets, 2031-2033"], [None, "Release date:", date(2034, 3, 25)]],
    "BasketHistory": [[], [None, "Table for mapping historical to latest price baskets"]],
    "economies_2031-2033": [
        [*ECONOMY, "Income_2033", 2031, 2032, 2033],
        ["ABW", "Aruba", "Fixed-broadband basket", "GNIpc", "i154_FBB_ts_GNI", "Other Economies", "NA", "NA", "SIDS", "High income", "NA", 2.81, 3],
        ["WBG", "Palestine", "Fixed-broadband basket", "PPP", "i154_FBB_ts_PPP", "Other Economies", "NA", "NA", "NA", "NA", 65.94, "NA", 80.7],
        ["KEN", "Kenya", "Data-only mobile-broadband basket", "USD", "i271mb_ts$", "Africa", "NA", "NA", "NA", "Lower middle income", 39.9, 27.37, "NA"],
    ],
    "medians_2031-2033": [
        ["currency", "Basket", *MEDIAN, 2031, 2032, 2033],
        ["GNIpc", "Fixed-broadband basket", "i154_FBB_ts_GNI", 133, "ITURegion", "Asia & Pacific", 133.46, 73.125, "NA"],
        ["GNIpc", "Fixed-broadband basket", "i154_FBB_ts_GNI", 133, "World", "World", 5.18, 5.16, 3.78],
        ["GNIpc", "Fixed-broadband basket", "i154_FBB_ts_GNI", 133, "Income levels", "Low or middle income", 9.5, 8.5, 7.5],
    ],
    "medians_2033": [
        ["currency", "basket_current", "Code_ts", "N (World)", "n (group)", "grouping", "RegionCode", "group", 2033],
        ["GNIpc", "Fixed-broadband basket (5GB)", "i154_FBB_ts_GNI", 195, 195, "World", "WO", "World", 2.69],
        ["PPP$", "Fixed-broadband basket (5GB)", "i154_FBB_ts_PPP", 179, 12, "Income levels", "LI", "Low income", 31.06],
    ],
    "ExperimentalData_MBB": [
        ["Experimental data collection: data-only mobile broadband"],
        ["IsoCode", "Economy", "Basket - Experimental", "Unit", 2033],
        ["KEN", "Kenya", "Data-only mobile-broadband basket (1GB)", "GNIpc", 1.18],
        ["KEN", "Kenya", "Data-only mobile-broadband basket (10GB)", "PPP", 35.76],
        ["KEN", "Kenya", "Data-only mobile-broadband basket (5GB)", "USD", "NA"],
    ],
}  # fmt: skip
OTHER_PRICES: Mapping[str, Sheet] = {
    "BasketHistory": [["Table"]],
    "economies_2032-2033": [
        ["IsoCode", "Economy", "basket_combined_simplified", "Unit", "Code", "Operator", 2032, 2033],
        ["FRA", "France", "Fixed-broadband basket", "GNIpc", "i154_FBB_ts_GNI", "x", 1.5, 1.25],
        ["FRA", "France", "Fixed-broadband basket", "USD", "i154_FBB_ts_GNI", "x", 30, "NA"],
        ["XXX", "Nowhere", "Fixed-broadband basket", "GNIpc", "i154_FBB_ts_GNI", "x", 1.5, 1.25],
        ["KEN", "Kenya", "Satellite basket", "GNIpc", "i999_SAT_ts_GNI", "x", 9.5, "soon"],
    ],
    "medians_2033": [["currency", "basket_current", *MEDIAN, 2033], ["USD", "b", "i271mb_ts$", 4, "LDC", "LDC", 7.5]],
    "Annex": [["A sheet that no dataflow names"], [], ["with two lines"]],
}

LISTED = ["Economy", "Code", "Region", "Income group", "Lending category"]
LIST: Mapping[str, Sheet] = {
    "List of economies": [
        LISTED,
        ["Afghanistan", "AFG", "South Asia", "High income", "IDA"],
        ["Channel Islands", "CHI", "Europe & Central Asia", "Low income", None],
        ["Ethiopia", "ETH", "Sub-Saharan Africa", None, "IDA"],
        ["Kosovo", "XKX", "Europe & Central Asia", "Lower middle income", "IDA"],
        [],
        ["Africa Eastern and Southern", "AFE", None, None, None],
        ["World", "WLD", None, None, None],
    ],
    "composition": [["WB_Group_Code", "WB_Group_Name", "WB_Country_Code", "WB_Country_Name"], ["HIC", "High income", "AFG", "Afghanistan"]],
    "notes": [["Notes"], ["For FY34 (July 1, 2033–June 30, 2034), income groups are defined using 2032 GNI per capita."]],
}  # fmt: skip
OLD_LIST: Mapping[str, Sheet] = {
    "List of economies": [
        [*LISTED, "Other (EMU or HIPC)"],
        ["France", "FRA", "Europe & Central Asia", "Upper middle income", "..", "EMU"],
        ["Erewhon", "ERW", "East Asia & Pacific", "Low income", "IDA", None],
        ["Kenya", "KEN", "Sub-Saharan Africa", "Middling income", "IDA", None],
        ["Venezuela, RB", "VEN", "Latin America & Caribbean", None, "IBRD", None],
        [],
        ["Arab World", "ARB", None, None, None, None],
    ],
    "Groups": [
        ["GroupCode", "GroupName", "CountryCode", "CountryName"],
        ["UMC", "Upper middle income", "FRA", "France"],
    ],
    "Notes": [["Income classifications set on 1 July 2032 remain in effect until 1 July 2033."]],
}
YEARS = ["FY98", "FY99", "FY00", "FY01"]
HISTORY: Mapping[str, Sheet] = {
    "Parameters": [["Label", "Value"], ["Fiscal Yeay", "FY21"]],
    "Country Analytical History": [
        [None, "World Bank Analytical Classifications"],
        [],
        [None, "Bank's fiscal year:", *YEARS],
        [None, "Data for calendar year :", 1996, 1997, 1998, 1999],
        [None, "Low income (L)", "<= 785", "<= 785", "<= 760", "<= 755"],
        [],
        ["AFG", "Afghanistan", "L", "L", "LM", "L"],
        ["CHI", "Channel Islands", "H", "H", "H", "H"],
        ["VEN", "Venezuela, RB", "UM", "..", "UM", None],
        ["YEM", "Yemen, Rep.", "LM*", "LM", "LM", "L"],
        [],
        [None, "* At this time, there were Yemen, PDR (L) and Yemen, Arab Rep. (LM)."],
        ["CSK", "Czechoslovakia (former)", "UM", "..", None, None],
        ["YUGf", "Yugoslavia (former)", "UM", "UM", None, None],
    ],
    "Country Indebtedness History": [["AFG", "Afghanistan", "NIN"]],
}
OTHER_HISTORY: Mapping[str, Sheet] = {
    "Country Analytical History": [
        [None, "Bank's fiscal year:", "FY25", "FY26"],
        ["FRA", "France", "H", "H"],
        ["KEN", "Kenya", "LM", "??"],
        ["QQQ", "Nowhere", "L", ".."],
    ],
}

INDICATOR = ["Country Name", "Country Code", "Indicator Name", "Indicator Code"]
USE = ["Individuals using the Internet (% of population)", "IT.NET.USER.ZS"]
SAVED: Mapping[str, Sheet] = {
    "API_IT.NET.USER.ZS_DS2_en_csv_v": [
        ["Data Source", "World Development Indicators"],
        [],
        ["Last Updated Date", date(2034, 10, 7)],
        [],
        [*INDICATOR, 2031, 2032, 2033],
        ["Aruba", "ABW", *USE, None, 2.77, 3],
        ["Africa Eastern and Southern", "AFE", *USE, None, 1.25, None],
        ["Channel Islands", "CHI", *USE, 4.5, None, None],
        ["Kosovo", "XKX", *USE, 10, 11.125, None],
    ]
}
EXCEL: Mapping[str, Sheet] = {
    "Data": [
        ["Data Source", "World Development Indicators"],
        ["Last Updated Date", "2034-10-07"],
        [],
        [*INDICATOR, "2032", "2033"],
        ["Korea, Rep.", "KOR", "Population, total", "SP.POP.TOTL", 51_000_000, 51_500_000.5],
        ["Nowhere", "QQQ", "Population, total", "SP.POP.TOTL", None, 5],
    ],
    "Metadata - Countries": [["Country Code", "Region"], ["KOR", "East Asia & Pacific"]],
}

TIDY: Sheet = [
    ["REF_AREA", "INDICATOR", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_COMMENT"],
    ["KEN", "internet_use", "F", 2032, 41.5, "ages 15 and over"],
    ["KEN", "internet_use", "M", 2032, 44, None],
    ["KEN", "internet_use", "_T", 2032, None, "not published"],
]

DATABASE: Sheet = [
    ["Goal", "Target", "Indicator", "SeriesCode", "SeriesDescription", "GeoAreaCode", "GeoAreaName", "TimePeriod", "Value",
     "Time_Detail", "Source", "FootNote", "[Nature]", "[Reporting Type]", "[Sex]", "[Units]"],
    ["17", "17.8", "17.8.1", "IT_USE_ii99", "Internet users per 100 inhabitants", "800", "Uganda", "2019", "21.5",
     "2019", "Survey", None, "C", "G", "BOTHSEX", "PERCENT"],
    ["17", "17.8", "17.8.1", "IT_USE_ii99", "Internet users per 100 inhabitants", "516", "Namibia", "2019", "33.25",
     "2019", "Survey", None, "C", "G", "FEMALE", "PERCENT"],
]  # fmt: skip

WORKBOOKS: Mapping[str, Mapping[str, Sheet]] = {
    "itu_aggregates_xlsx/five_sheets.xlsx": {
        "By dvpmnt status and spec. reg.": SPECIAL,
        "By BDT region": REGIONS,
        "By urban-rural area": PLACES,
        "By gender": GENDER,
        "Internet use by age": AGES,
    },
    "itu_aggregates_xlsx/unknown_head_area_and_stray_value.xlsx": {
        "By BDT region": REGIONS,
        "By urban-rural area": STRANGE,
    },
    "sdmx_tidy_xlsx/two_sheets.xlsx": {"About": [["Made up"]], "Figures": TIDY},
    "itu_price_baskets_xlsx/every_shape.xlsx": PRICES,
    "itu_price_baskets_xlsx/unknown_sheet_code_area_and_unit.xlsx": OTHER_PRICES,
    "worldbank_indicator_xlsx/saved_csv.xlsx": SAVED,
    "worldbank_indicator_xlsx/sheets_of_metadata.xlsx": EXCEL,
    "unsd_sdg_xlsx/database_export.xlsx": {"Goal17": DATABASE},
    "wb_income_class_xlsx/with_composition.xlsx": LIST,
    "wb_income_class_xlsx/six_columns_and_groups.xlsx": OLD_LIST,
    "wb_income_history_xlsx/runs_and_former_states.xlsx": HISTORY,
    "wb_income_history_xlsx/unknown_mark_and_area.xlsx": OTHER_HISTORY,
}


def write(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """One workbook; empty cells are left out, as programs leave them out."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(line, place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                    elif cell is not None:
                        sheet.write(line, place, cell)


if __name__ == "__main__":
    for name, sheets in WORKBOOKS.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        write(HERE / name, sheets)
