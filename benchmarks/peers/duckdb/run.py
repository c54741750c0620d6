"""DuckDB: one SQL query with RANGE windows, over the whole table. All cores.

Its reader of Avro is an extension; the package that brings it without a download at run time names the
version of DuckDB that it is for.
"""

from pathlib import Path

import duckdb
import duckdb_extension_avro
import pyarrow as pa

from benchmarks.peers import side

QUERY = """
WITH events AS (
    SELECT row, card_id, epoch_ms(event_time) AS event_time, country, merchant_id,
           round_even(amount * rate, 0)::BIGINT AS cents,
           coalesce(list_contains($high_risk_mcc, merchant_category), false) AS risky
    FROM (SELECT row_number() OVER () - 1 AS row, * FROM read_avro($file)) AS transactions
    JOIN rates ON transactions.currency::VARCHAR = rates.currency
), windows AS (
    SELECT row, cents, event_time,
           count(*) OVER short AS count_short,
           sum(cents) OVER short AS cents_short,
           count(DISTINCT country) OVER short AS countries,
           count(*) OVER long AS count_long,
           sum(cents) OVER long AS cents_long,
           sum(risky::INTEGER) OVER long AS risky_long,
           count(DISTINCT merchant_id) OVER long AS merchants,
           max(event_time) OVER earlier AS before
    FROM events
    WINDOW
        short AS (PARTITION BY card_id ORDER BY event_time
                  RANGE BETWEEN {short} - 1 PRECEDING AND CURRENT ROW),
        long AS (PARTITION BY card_id ORDER BY event_time
                 RANGE BETWEEN {long} - 1 PRECEDING AND CURRENT ROW),
        earlier AS (PARTITION BY card_id ORDER BY event_time
                    RANGE BETWEEN {long} - 1 PRECEDING AND 1 PRECEDING)
)
SELECT row::BIGINT AS row,
       count_short::DOUBLE AS txn_count_5m,
       cents_short::DOUBLE / 100 AS amount_sum_5m,
       cents_short::DOUBLE / (100 * count_short) AS amount_avg_5m,
       cents_long::DOUBLE / 100 AS amount_sum_1h,
       countries::DOUBLE AS unique_countries_5m,
       merchants::DOUBLE AS unique_merchants_1h,
       risky_long::DOUBLE / count_long AS high_risk_txn_ratio,
       (event_time - before)::DOUBLE / $minute_ms AS time_since_last_txn_min,
       least(count_short - 1, $velocity_saturation)::DOUBLE / $velocity_saturation AS velocity_score,
       (count_short >= $card_testing_count
            AND cents_short < $card_testing_average_cents * count_short)::INTEGER
       + 2 * (cents >= $large_amount_cents)::INTEGER
       + 4 * (countries >= $travel_countries)::INTEGER
       + 8 * (count_short - 1 >= $velocity_saturation)::INTEGER
       + 16 * (least(count_short - 1, $velocity_saturation)::DOUBLE / $velocity_saturation
            > $velocity_alert::DOUBLE AND countries >= $anomaly_countries)::INTEGER
       + 32 * (count_long >= $high_risk_count AND 2 * risky_long >= count_long)::INTEGER AS risk_flags
FROM windows
"""


def compute(given: side.Input, collected: side.Collector) -> str:
    """Read, then ask once."""
    connection, parameters = duckdb.connect(), dict(given.parameters)
    [extension] = Path(duckdb_extension_avro.__path__[0]).rglob("avro.duckdb_extension")
    connection.execute(f"LOAD '{extension}'")
    rates = parameters.pop("cents_per_unit")
    connection.register("rates", pa.table({"currency": list(rates), "rate": list(rates.values())}))
    # The frame of a window must be a constant.
    query = QUERY.format(short=parameters["short_window_ms"], long=parameters["long_window_ms"])
    parameters["file"] = str(given.container)
    asked = {name: value for name, value in parameters.items() if f"${name}" in query}
    found = connection.execute(query, asked).fetchnumpy()
    threads = connection.execute("SELECT current_setting('threads')").fetchone()[0]

    def columns() -> None:
        values = {name: found[name].astype("float64") for name in ("row", *side.COLUMNS)}
        collected.columns(
            {
                name: getattr(value, "filled", lambda _, v=value: v)(float("nan"))
                for name, value in values.items()
            }
        )

    collected.untimed(columns)
    return f"the whole table at once, {threads} threads; its Avro extension reads the container file"


if __name__ == "__main__":
    side.main(compute, ("duckdb", "duckdb-extension-avro"))
