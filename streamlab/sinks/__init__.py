"""Where computed features go: stores that readers ask while a payment waits.

from streamlab.sinks.redis_features import RedisFeatures
"""
