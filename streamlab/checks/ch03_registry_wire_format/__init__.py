"""The checks of the lab of chapter 03: five functions between a record and Kafka.

    from streamlab.checks import ch03_registry_wire_format as check
    check.frame(frame)              # in the cell under the hole
    check.frame.hint()
    check.TASKS                     # all five, in the order of the lab

Each task has a package: how an answer is examined, the mistakes that are known, and answers, wrong and right,
that the check must tell apart.
"""

from .consuming import task as consume
from .decoding import task as decoder
from .framing import task as frame
from .publishing import task as publish
from .unframing import task as unframe

TASKS = (frame, unframe, decoder, publish, consume)

__all__ = ["TASKS", "consume", "decoder", "frame", "publish", "unframe"]
