"""Schemas in Motion: the package behind the notebooks.

from streamlab import stack, wire

here = stack.connect()                # the running Kafka and registry
wire.unframe(message)                 # (schema_id, payload)
"""

__version__ = "0.1.0"
