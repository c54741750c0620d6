"""The embedded backend: librdkafka's mock cluster and the course's registry in memory; Python alone.

    here = EmbeddedBackend(Layout.here()).up().stack          # ready in about a second: no Java, no download
    with here.injection() as broker:
        broker.errors("Produce", "MSG_SIZE_TOO_LARGE")

The broker speaks Kafka's real protocol on a real socket, and it is a model of one: what it lacks is said by
the capabilities that it does not have. What no real broker can do, it can: fail exactly as it is told.
"""
