"""Small files in the layouts of which there is no real file with figures enough, as their download buttons write them.

The figures of some are made up: what matters is the layout.
"""

from __future__ import annotations

from typing import Final

_BLANKS: Final = "\u00a0" * 4
_FIELDS: Final = '<field name="{}" key="{}"/><field name="Item" key="SP.POP.TOTL"/><field name="Year">{}</field>'
LAYOUTS: Final = {
    "databank": (
        "Country Name,Country Code,Series Name,Series Code,2018 [YR2018],2019 [YR2019],2020 [YR2020]\n"
        '"Germany",DEU,"Population, total",SP.POP.TOTL,82905782,83092962,83160871\n'
        '"Namibia",NAM,"Population, total",SP.POP.TOTL,2405680,2446644,2489098\n'
        '"Kosovo",XKX,"Population, total",SP.POP.TOTL,1797085,1788878,1790133\n'
        ",,,,,,\nData from database: World Development Indicators,,,,,,\nLast Updated: 12/16/2021,,,,,,\n"
    ),
    "bilateral": (
        "Country Origin Name,Country Origin Code,Migration by Gender Name,Migration by Gender Code,Country Dest Name,"
        "Country Dest Code,1990 [1990],2000 [2000]\n"
        + "".join(
            f"Turkey,TUR,{name},{code},{place},{iso3},{number},{number + 1}\n"
            for place, iso3, number in (("Germany", "DEU", 1600), ("Austria", "AUT", 118))
            for name, code in (("Total", "TOT"), ("Female", "FEM"), ("Male", "MAL"))
        )
    ),
    "worldbank xml": (
        '<?xml version="1.0"?>\n<Root xmlns:wb="http://www.worldbank.org">\n<data>\n'
        + "".join(
            f"<record>{_FIELDS.format('Country or Area', iso3, year)}"
            f'<field name="Value">{year * 1000}</field></record>\n'
            for iso3 in ("NAM", "DEU", "XKX")
            for year in (2018, 2019, 2020)
        )
        + "</data>\n</Root>\n"
    ),
    "wpp totals": (
        "LocID,Location,VarID,Variant,Time,MidPeriod,PopMale,PopFemale,PopTotal,PopDensity\n"
        "516,Namibia,2,Medium,2019,2019.5,1209.221,1285.303,2494.524,3.03\n"
        "516,Namibia,2,Medium,2020,2020.5,1231.683,1309.233,2540.916,3.086\n"
        "276,Germany,2,Medium,2020,2020.5,41362.08,42421.865,83783.945,240.37\n"
    ),
    "census csv": (
        '"GEO_ID","NAME","B05006_001E","B05006_001M","B05006_004E","B05006_050E","B05006_069E"\n'
        '"Geography","Geographic Area Name","Estimate!!Total:","Margin of Error!!Total:",'
        '"Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark",'
        '"Estimate!!Total:!!Asia:!!Eastern Asia:!!China:!!China, excluding Hong Kong and Taiwan",'
        '"Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma (Myanmar)"\n'
        '"0400000US25","Massachusetts","1271206","9721","920","103209","1497"\n'
        '"0400000US23","Maine","54000","900","120","2100","310"\n'
    ),
    "census shown": (
        '"Label (Grouping)","Massachusetts!!Estimate","Massachusetts!!Margin of Error","Maine!!Estimate"\n'
        f'"Total:","1,271,206","±9,721","54,000"\n"{_BLANKS}Europe:","220,469","±5,072","11,000"\n'
        f'"{_BLANKS * 2}Northern Europe:","40,000","±2,000","4,000"\n"{_BLANKS * 3}Denmark","920","±351","120"\n'
        f'"{_BLANKS * 3}Norway","1,100","±351","80"\n"{_BLANKS * 3}Sweden","2,100","±400","140"\n'
    ),
}
"""Text of a file by the name of its layout."""
