"""The whole system at once, for as long as you look at it: events, processors, features, and the books of it.

    streamlab demo --seconds 30

Three streams are played at the pace of their own clock into topics of the demonstration's own. One processor
computes the features of cards, another those of users; what a reader of the results sees is shown while it
happens. At the end the sources dry up, the buffers drain, and the account must balance. What was made is
taken away again.
"""
