"""A picture says in words what it plots, is the same on every run, and survives grey-scale."""

from io import BytesIO
from itertools import combinations, pairwise

import pytest
from fastavro import schemaless_writer
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from streamlab import contracts, plots
from streamlab.dissection import Dissection, dissect
from streamlab.wire import SchemaId, frame

SCHEMA = contracts.load("transaction", version=1)
PAYMENT = {
    "txn_id": "txn_00001",
    "card_id": "card_042",
    "user_id": "user_042",
    "amount": 129.5,
    "currency": "EUR",
    "event_time": 1_790_000_000_250,
}


def parts(schema_id: int = 7, hide_schema_id: bool = False) -> Dissection:
    body = BytesIO()
    schemaless_writer(body, SCHEMA, PAYMENT)
    return dissect(frame(SchemaId(schema_id), body.getvalue()), SCHEMA, hide_schema_id=hide_schema_id)


def test_a_picture_of_bytes_says_every_byte_in_words() -> None:
    picture = plots.message_bytes(parts())
    bundle, metadata = picture._repr_mimebundle_()
    assert bundle["text/plain"].startswith("48 bytes: 5 of framing")
    for words in ("00 00 00 07", "00 00 00 00 00 30 60 40  amount", "symbol number 1: EUR", "txn_00001"):
        assert words in bundle["text/plain"]
    assert metadata["image/png"]["alt"].startswith("48 bytes")


def test_the_same_bytes_make_the_same_image() -> None:
    assert plots.message_bytes(parts()).png == plots.message_bytes(parts()).png


def test_another_id_makes_another_image_unless_it_is_hidden() -> None:
    assert plots.message_bytes(parts(7)).png != plots.message_bytes(parts(8)).png
    hidden = [plots.message_bytes(parts(n, hide_schema_id=True)) for n in (7, 8)]
    assert hidden[0] == hidden[1]


def test_an_image_does_not_name_the_software_that_drew_it() -> None:
    png = plots.message_bytes(parts()).png
    assert png.startswith(b"\x89PNG")
    assert b"tEXt" not in png


def test_a_picture_of_counts_says_every_count_in_words() -> None:
    picture = plots.requests({"messages read": 4000, "schemas fetched": 2, "lost": 0}, "Two fetches")
    assert str(picture).splitlines() == [
        "Two fetches",
        "  messages read        4,000",
        "  schemas fetched          2",
        "  lost                     0",
    ]
    assert picture.png.startswith(b"\x89PNG")


def test_drawing_leaves_matplotlibs_global_state_alone() -> None:
    plots.message_bytes(parts())
    plots.requests({"a": 1, "b": 2}, "title")
    assert pyplot.get_fignums() == []


def test_names_above_the_bytes_do_not_run_into_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(plots, "png_of", lambda figure: figures.append(figure) or b"")
    plots.message_bytes(parts())
    canvas = FigureCanvasAgg(figures[0])
    canvas.draw()
    names = [text for text in figures[0].axes[0].texts if text.get_ha() == "left"]
    boxes = [name.get_window_extent(canvas.get_renderer()) for name in names]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def lightness(fill: str) -> float:
    red, green, blue = (int(fill[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("fills", [plots.HEADER_FILLS, plots.FIELD_FILLS], ids=["header", "fields"])
def test_neighbouring_fills_differ_in_grey_scale(fills: tuple[str, ...]) -> None:
    for one, next_one in pairwise(fills):
        assert abs(lightness(one) - lightness(next_one)) >= 30


@pytest.mark.parametrize("fill", [*plots.HEADER_FILLS, *plots.FIELD_FILLS])
def test_what_is_written_on_a_fill_can_be_read(fill: str) -> None:
    """Contrast of at least 4.5 to 1, as the Web Content Accessibility Guidelines ask for text."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = plots._ink_on(fill)
    both = sorted([luminance("#ffffff" if ink == "white" else ink), luminance(fill)])
    assert (both[1] + 0.05) / (both[0] + 0.05) >= 4.5
