"""What happens when a claim is put on trial: one function a claim, for notebooks to call.

    from streamlab.evidence import rates

    drift = rates.c21_sleep_drifts(rate_per_second=200, seconds=2.0)
    drift.verdict                        # a sentence made of the figures

A function's name begins with its claim. It returns figures and a verdict computed from them, prints nothing,
and takes what it needs (a seed, a stack) as arguments.
"""
