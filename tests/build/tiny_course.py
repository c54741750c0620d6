"""A small project laid out as the course is, for the tests of the build.

project.write("ch90_tiny", LESSON)      # chapters/ch90_tiny.py
project.files()                         # everything that was derived from it
"""

from dataclasses import dataclass
from pathlib import Path

LESSON = """\
# %% [markdown]
# # A lesson

# %%
1 + 1

# %% [markdown]
# How many are three?

# %% tags=["answer"]
print(3)
"""

LAB = """\
# %% [markdown]
# # A lab

# %%
def double(number: int) -> int:
    \"\"\"Return twice the number.\"\"\"
    ### BEGIN SOLUTION
    return 2 * number
    ### END SOLUTION

# %%
print("done")
"""


@dataclass(frozen=True)
class Project:
    """A folder that is laid out as the course is."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write one source, such as "ch90_tiny" or "ch90_tiny_lab"."""
        path = self.folder / "chapters" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def files(self) -> dict[str, bytes]:
        """Everything in the folder except the sources, by its name."""
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and file.parent.name != "chapters"
        }
