"""The second execution of the table of definitions: a batch at a time, over columns.

    from streamlab.features.columnar import Decoder, card_features, split_late

    decoder = Decoder({7: writer_v2, 9: writer_v3}, reader_v3, CARD_COLUMNS)
    decoded = decoder.decode(messages)          # Avro bytes to columns; .rejected says what is not
    accepted, late = split_late(decoded.frame)  # per partition, if there is a column of that name
    features = card_features(accepted)          # equal to `CardFeatures`, event by event

`layout`, `walk`, `container`, `decoding` and `encoding` are the codec, `windows` the windows of all keys;
`cards`, `users` and `joins` are the definitions over them. Everything is pure: frames in, frames out.
"""

from streamlab.features.columnar.cards import CARD_COLUMNS, card_features
from streamlab.features.columnar.decoding import Decoded, Decoder, decode, decode_bodies
from streamlab.features.columnar.encoding import encode
from streamlab.features.columnar.joins import device_features
from streamlab.features.columnar.lateness import split_late
from streamlab.features.columnar.layout import UnsupportedSchema
from streamlab.features.columnar.users import USER_COLUMNS, user_features

__all__ = [
    "CARD_COLUMNS",
    "USER_COLUMNS",
    "Decoded",
    "Decoder",
    "UnsupportedSchema",
    "card_features",
    "decode",
    "decode_bodies",
    "device_features",
    "encode",
    "split_late",
    "user_features",
]
