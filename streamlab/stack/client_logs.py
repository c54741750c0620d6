"""Where the logs of Kafka's clients go: a file of the state folder, never a notebook's cell.

    Producer(config, logger=client_logger())

librdkafka prints to stderr by itself, and a notebook shows stderr in red below the cell. The logger
`streamlab.clients` keeps its lines in `logs/clients.log`, bounded in size, and passes nothing on.
"""

import logging
import logging.handlers
from typing import Final

from streamlab.stack.layout import Layout

NAME: Final = "streamlab.clients"
LOG_BYTES: Final = 2_000_000


def client_logger() -> logging.Logger:
    """The logger of all clients, writing below the state folder of this moment."""
    logger = logging.getLogger(NAME)
    logger.propagate = False
    file = Layout.here().log("clients")
    if any(getattr(handler, "baseFilename", None) == str(file) for handler in logger.handlers):
        return logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.addHandler(_handler(str(file)))
    logger.setLevel(logging.INFO)
    return logger


def _handler(file: str) -> logging.Handler:
    try:
        Layout.here().logs.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
