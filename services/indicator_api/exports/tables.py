"""The flat tables that Power BI, Excel and a data warehouse load: figures, and what its codes are looked up in."""

from __future__ import annotations

from shared.extracts.tables import Column, Table, key_column

FIGURES = Table(
    "figures",
    "Figures",
    "Every figure as it stands: one row for each indicator, place, period and breakdown.",
    ("indicator", "place", "period", "breakdown"),
    (
        key_column("indicator", "look it up in indicators"),
        key_column("place", "an ONS code or a unit of the council; look it up in places"),
        key_column("period", "look it up in periods"),
        key_column("breakdown", "dimension=value, several joined by ;, empty for the total"),
        Column("period_end", "date", "the last day of the period; look it up in dates", nullable=False),
        Column("value", "number", "empty where value_status is c, z or x"),
        Column("value_status", "text", "c confidential, z not applicable, x unavailable, k rounds to 0, u unreliable"),
        Column("numerator", "number", "what the value was made of, where known"),
        Column("denominator", "number", "what the value was made of, where known"),
        Column("provisional", "boolean", "still to be revised by its source", nullable=False),
        Column("revised", "boolean", "the value once was another", nullable=False),
        Column("definition_version", "integer", "the version of the definition it was recorded under", nullable=False),
        Column("source_ref", "text", "where it was taken from"),
        Column("recorded_at", "moment", "when it was recorded; empty where the figure is hidden"),
    ),
)
INDICATORS = Table(
    "indicators",
    "Indicators",
    "The data dictionary.",
    ("code",),
    (
        key_column("code", "the code of the indicator"),
        key_column("title", "its name"),
        Column("definition", "text", "what it counts", nullable=False),
        Column("information_type", "text", "quantitative, qualitative or outcome", nullable=False),
        Column("measure", "text", "count, percentage, rate, mean, money or ordinal", nullable=False),
        Column("unit", "text", "what the value is counted in", nullable=False),
        Column("multiplier", "integer", "of a rate: per so many"),
        Column("decimal_places", "integer", "how it is shown", nullable=False),
        Column("polarity", "text", "high_is_good, low_is_good or no_judgement", nullable=False),
        Column("themed_area", "text", "one of the four themed areas", nullable=False),
        Column("focus_area", "text", "what the council has chosen to assure", nullable=False),
        Column("source_system", "text", "where its figures come from", nullable=False),
        Column("period_kind", "text", "how often there is a figure", nullable=False),
        Column("series_kind", "text", "how its points relate", nullable=False),
        Column("owner_role", "text", "who answers for it", nullable=False),
        Column("published_by", "text", "the official body that publishes it for areas"),
        Column("version", "integer", "the version of the definition", nullable=False),
        Column("retired", "boolean", "no longer in the framework", nullable=False),
    ),
)
PLACES = Table(
    "places",
    "Places",
    "Countries, regions, local authorities and the units of the council.",
    ("code",),
    (
        key_column("code", "an ONS code, or the code of a unit"),
        key_column("name", "its name"),
        Column("kind", "text", "country, region, authority; council, directorate, service, team", nullable=False),
        Column("parent", "text", "the region of an authority, the unit above a unit"),
        Column("la_number", "text", "the DfE number of a local authority"),
        Column("valid_from", "date", "its first day"),
        Column("valid_to", "date", "its last day"),
    ),
)
PERIODS = Table(
    "periods",
    "Periods",
    "Periods of every kind, from 2000 to the end of next year; terms end with the month they can reach into.",
    ("code",),
    (
        key_column("code", "such as 2026-04, FY2026-27-Q1 or RY2026"),
        Column("kind", "text", "month, financial_quarter, reporting_year and so on", nullable=False),
        Column("label", "text", "as it reads in a sentence", nullable=False),
        Column("first_day", "date", "its first day", nullable=False),
        Column("last_day", "date", "its last day", nullable=False),
    ),
)
DATES = Table(
    "dates",
    "Dates",
    "A row for each day from 2000 to the end of next year: the date dimension.",
    ("day",),
    (
        Column("day", "date", "the day", nullable=False),
        Column("weekday", "integer", "1 is Monday", nullable=False),
        Column("working_day", "boolean", "not a weekend or a bank holiday of England", nullable=False),
        Column("month", "text", "the code of its month", nullable=False),
        Column("calendar_year", "text", "such as CY2026", nullable=False),
        Column("financial_quarter", "text", "such as FY2026-27-Q1", nullable=False),
        Column("financial_year", "text", "such as FY2026-27, from April", nullable=False),
        Column("reporting_year", "text", "such as RY2026, to 31 March", nullable=False),
        Column("academic_year", "text", "such as AY2026-27, from September", nullable=False),
    ),
)
TABLES: dict[str, Table] = {table.name: table for table in (FIGURES, INDICATORS, PLACES, PERIODS, DATES)}
ENTITY_SETS: dict[str, Table] = {table.entity_set: table for table in TABLES.values()}
