"""The librdkafka of the installed client, with the functions of its mock cluster.

    library = librdkafka.load()
    library.rd_kafka_version_str()            # b"2.16.0"

The Python client has no API for the mock cluster, but its wheels export the functions (`rdkafka_mock.h`).
Where the library lies differs: `confluent_kafka.libs/` on Linux and Windows, `confluent_kafka/.dylibs/` on
macOS, or linked into the client's own module. The client has loaded it already, so that opening the same file
again gives the same library; on Linux and macOS the module itself leads to it, wherever it is.
"""

import ctypes
import sys
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_int16, c_int32, c_size_t, c_void_p
from pathlib import Path
from typing import Final

from streamlab.errors import StreamlabError

_NEEDED: Final = "rd_kafka_mock_cluster_new"

_SIGNATURES: Final[dict[str, tuple[object, list[object]]]] = {
    "rd_kafka_version_str": (c_char_p, []),
    "rd_kafka_conf_new": (c_void_p, []),
    "rd_kafka_conf_set": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t]),
    "rd_kafka_new": (c_void_p, [c_int, c_void_p, c_char_p, c_size_t]),
    "rd_kafka_mock_cluster_new": (c_void_p, [c_void_p, c_int]),
    "rd_kafka_mock_cluster_bootstraps": (c_char_p, [c_void_p]),
    "rd_kafka_mock_set_controller_id": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [c_void_p, c_int32]),
    "rd_kafka_mock_topic_create": (c_int, [c_void_p, c_char_p, c_int, c_int]),
    "rd_kafka_mock_push_request_errors_array": (None, [c_void_p, c_int16, c_size_t, POINTER(c_int)]),
    "rd_kafka_mock_clear_request_errors": (None, [c_void_p, c_int16]),
    "rd_kafka_mock_topic_set_error": (None, [c_void_p, c_char_p, c_int]),
    "rd_kafka_mock_broker_set_rtt": (c_int, [c_void_p, c_int32, c_int]),
    "rd_kafka_mock_broker_set_down": (c_int, [c_void_p, c_int32]),
    "rd_kafka_mock_broker_set_up": (c_int, [c_void_p, c_int32]),
}
"""What is called, by `rdkafka.h` and `rdkafka_mock.h` of librdkafka 2.16: result, arguments."""


def load() -> ctypes.CDLL:
    """The library.

    Raises:
        StreamlabError: the installed client does not offer the mock cluster.
    """
    from confluent_kafka import cimpl

    for file in candidates(Path(cimpl.__file__)):
        try:
            library = ctypes.CDLL(str(file))
            getattr(library, _NEEDED)
        except (OSError, AttributeError):
            continue
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        return library
    raise StreamlabError(
        "The installed confluent-kafka does not offer librdkafka's mock cluster.",
        "Run `make lab`, which installs the version that does, or `streamlab up --backend local`.",
    )


def candidates(module: Path) -> Iterator[Path]:
    """Files that may be the library, the likeliest first; `module` is the client's compiled module."""
    if sys.platform != "win32":
        yield module
    package = module.parent
    for folder in (package.with_name(f"{package.name}.libs"), package / ".dylibs", package):
        yield from sorted(folder.glob("*rdkafka*"))
