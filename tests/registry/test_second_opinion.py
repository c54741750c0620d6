"""The other registry is there for as long as it is asked, and not a moment longer."""

from pathlib import Path

import httpx
import pytest

from streamlab.registry.second_opinion import apicurio
from streamlab.stack import processes
from streamlab.stack.layout import Layout


@pytest.mark.stack
def test_apicurio_runs_by_itself_with_the_course_s_level_and_nothing_of_it_stays(tmp_path: Path) -> None:
    with apicurio(tmp_path) as url:
        assert httpx.get(f"{url}/subjects", trust_env=False).json() == []
        level = httpx.get(f"{url}/config", trust_env=False).json()["compatibilityLevel"]
        assert level == "BACKWARD"

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/subjects", trust_env=False)
    arguments = Layout(tmp_path.resolve(), tmp_path).arguments("registry")
    assert processes.marked(f"@{arguments}") == []
