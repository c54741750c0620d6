"""What becomes a hole, and that everything that is almost a solution region is refused with its line."""

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlab.build import MarkerError
from streamlab.build.holes import regions, with_hole, without_markers
from streamlab.build.source import Cell, Source

FIRST_LINE = 11


def code(text: str) -> tuple[Source, Cell]:
    """A source whose only cell is `text`; its first line is line 11 of chapters/lab.py."""
    cell = Cell("code", textwrap.dedent(text).strip("\n"), FIRST_LINE)
    return Source("chapters/lab.py", (cell,)), cell


def refused(text: str) -> MarkerError:
    with pytest.raises(MarkerError) as error:
        with_hole(*code(text))
    return error.value


def test_a_hole_keeps_signature_and_docstring_and_names_its_function() -> None:
    given = code('''
        def frame(schema_id: int) -> bytes:
            """Put the header in front."""
            ### BEGIN SOLUTION
            header = bytes(5)
            return header
            ### END SOLUTION
    ''')
    assert with_hole(*given).splitlines() == [
        "def frame(schema_id: int) -> bytes:",
        '    """Put the header in front."""',
        '    raise NotImplementedError("frame: replace this line with your answer")',
    ]


def test_a_solution_keeps_the_answer_and_loses_the_markers() -> None:
    given = code("""
        def frame():
            ### BEGIN SOLUTION
            header = bytes(5)  # five

            return header
            ### END SOLUTION
    """)
    assert without_markers(*given).splitlines() == [
        "def frame():",
        "    header = bytes(5)  # five",
        "",
        "    return header",
    ]


def test_a_cell_without_markers_stays_as_it_is() -> None:
    given = code("%matplotlib inline\nx = 1  # the beginning of the end of a solution")
    assert with_hole(*given) == without_markers(*given) == given[1].text


def test_a_method_an_async_and_a_nested_function_give_their_own_names() -> None:
    given = code("""
        class Cache:
            def fetch(self):
                ### BEGIN SOLUTION
                return 1
                ### END SOLUTION

        async def send():
            ### BEGIN SOLUTION
            return 2
            ### END SOLUTION

        def decoder():
            known = {}
            def decode(message):
                ### BEGIN SOLUTION
                return known
                ### END SOLUTION
            return decode
    """)
    assert [region.function for region in regions(*given)] == ["fetch", "send", "decode"]
    ast.parse(with_hole(*given))


def test_a_function_that_the_answer_defines_is_no_owner_of_the_hole() -> None:
    given = code("""
        def decoder():
            ### BEGIN SOLUTION
            def decode(message):
                return message
            ### END SOLUTION
            return decode
    """)
    assert [region.function for region in regions(*given)] == ["decoder"]


def test_a_marker_inside_a_string_is_text() -> None:
    given = code("""
        note = '''
        ### BEGIN SOLUTION
        '''
    """)
    assert regions(*given) == ()


def test_an_end_without_a_begin_is_refused() -> None:
    error = refused("""
        def f():
            return 1
            ### END SOLUTION
    """)
    assert error.place == "chapters/lab.py:13"
    assert "without a '### BEGIN SOLUTION' before it" in error.what


def test_a_begin_without_an_end_is_refused_where_it_begins() -> None:
    error = refused("""
        def f():
            ### BEGIN SOLUTION
            return 1
    """)
    assert error.place == "chapters/lab.py:12"
    assert "without an '### END SOLUTION' after it" in error.what


def test_a_nested_begin_is_refused() -> None:
    error = refused("""
        def f():
            ### BEGIN SOLUTION
            x = 1
            ### BEGIN SOLUTION
            return x
            ### END SOLUTION
            ### END SOLUTION
    """)
    assert error.place == "chapters/lab.py:14"
    assert "a second '### BEGIN SOLUTION' before the '### END SOLUTION' of line 12" in error.what


@pytest.mark.parametrize(
    "text",
    [
        "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "if True:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION",
        "class A:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION",
        "def f():\n    return 1\n\n### BEGIN SOLUTION\nx = f()\n### END SOLUTION",
        "### BEGIN SOLUTION\ndef f():\n    return 1\n### END SOLUTION",
    ],
)
def test_a_region_outside_a_function_is_refused(text: str) -> None:
    error = refused(text)
    assert "outside a function" in error.what
    begin = next(n for n, line in enumerate(text.splitlines()) if "BEGIN" in line)
    assert error.place == f"chapters/lab.py:{FIRST_LINE + begin}"


def test_two_regions_in_one_function_are_refused() -> None:
    error = refused("""
        def f():
            ### BEGIN SOLUTION
            x = 1
            ### END SOLUTION
            print(x)
            ### BEGIN SOLUTION
            return x
            ### END SOLUTION
    """)
    assert error.place == "chapters/lab.py:18"
    assert "two regions in the function 'f'" in error.what


@pytest.mark.parametrize(
    "misspelt",
    [
        "## BEGIN SOLUTION",
        "# BEGIN SOLUTION",
        "#### BEGIN SOLUTION",
        "###BEGIN SOLUTION",
        "### BEGIN SOLUTIONS",
        "### BEGIN SOLUTON",
        "### BEGIN  SOLUTION",
        "### begin solution",
        "### Begin Solution",
        "### BEGIN_SOLUTION",
        "### BEGIN SOLUTION:",
        "### SOLUTION BEGIN",
        "### START SOLUTION",
        "# begin of the solution",
        "### SOLUTION",
    ],
)
def test_a_misspelt_marker_is_refused_rather_than_giving_the_answer_away(misspelt: str) -> None:
    error = refused(f"def f():\n    {misspelt}\n    return 1\n    ### END SOLUTION")
    assert error.place == "chapters/lab.py:12"
    assert f"{misspelt!r} is no marker" in error.what


def test_a_marker_behind_code_is_refused() -> None:
    error = refused("def f():  ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION")
    assert error.place == "chapters/lab.py:11"
    assert "stands behind code" in error.what


@pytest.mark.parametrize("body", ["", "\n", "    # think\n", "    pass\n", "    ...\n", '    "text"\n'])
def test_an_empty_region_is_refused(body: str) -> None:
    error = refused(f"def f():\n    ### BEGIN SOLUTION\n{body}    ### END SOLUTION")
    assert error.place == "chapters/lab.py:12"
    assert "the region is empty" in error.what


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("    ### BEGIN SOLUTION\n    return 1\n  ### END SOLUTION", 14),
        ("    ### BEGIN SOLUTION\n    return 1\n        ### END SOLUTION", 14),
        ("    ### BEGIN SOLUTION\n  # less\n    return 1\n    ### END SOLUTION", 13),
        ("        ### BEGIN SOLUTION\n    return 1\n        ### END SOLUTION", 13),
    ],
)
def test_a_region_that_is_not_indented_evenly_is_refused(body: str, line: int) -> None:
    error = refused(f"def f():\n{body}")
    assert error.place == f"chapters/lab.py:{line}"
    assert "not indented evenly" in error.what


def test_markers_indented_deeper_than_the_answer_are_refused() -> None:
    error = refused("def f():\n    x = 1\n        ### BEGIN SOLUTION\n        ### END SOLUTION\n    return x")
    assert "the region is empty" in error.what


def test_a_cell_that_is_not_python_is_refused_with_the_line_of_the_fault() -> None:
    error = refused("def f():\n    ### BEGIN SOLUTION\n    return (\n    ### END SOLUTION")
    assert error.place.startswith("chapters/lab.py:1")
    assert "must be Python" in error.what


def test_a_region_that_cuts_a_statement_in_two_is_refused() -> None:
    error = refused("""
        def f():
            return [
            ### BEGIN SOLUTION
                1,
            ### END SOLUTION
            ]
    """)
    assert "the region is empty" in error.what or "must be Python" in error.what


names = st.sampled_from(["frame", "unframe", "decoder"])
statements = st.lists(
    st.sampled_from(["x = 1", "y = [2,\n    3]", "for z in ():\n    pass", "return 4"]), min_size=1
)


@given(names, statements)
def test_lab_and_solution_differ_only_in_the_region(name: str, answer: list[str]) -> None:
    body = textwrap.indent("\n".join(answer), "    ")
    around = f"import os\n\n\ndef {name}():\n    '''Doc.'''\n", "\n\n\nprint(os.name)"
    given_cell = code(f"{around[0]}    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION{around[1]}")
    lab, solution = with_hole(*given_cell), without_markers(*given_cell)
    assert solution == around[0] + body + around[1]
    assert lab.startswith(around[0])
    assert lab.endswith(around[1])
    assert lab.count("\n") == (around[0] + around[1]).count("\n")
    ast.parse(lab)
