"""Errors that a person can act on.

Every error that the project raises on purpose says what happened and what to do next; the command line
prints it as one sentence and exits with 1, a notebook shows it without a traceback.

    raise StreamlabError("The registry at 127.0.0.1:8081 does not answer.", "Run `streamlab up`.")
"""


class StreamlabError(Exception):
    """Something went wrong that the reader can mend.

    Args:
        what: what was asked and what came, as a sentence.
        next_step: what to do about it, as a sentence.
    """

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(f"{what} {next_step}")
        self.what = what
        self.next_step = next_step

    def _render_traceback_(self) -> list[str]:
        """IPython's hook: the sentence instead of a traceback."""
        return [str(self)]
