"""pip's own words become a sentence that says what to do."""

from pathlib import Path

import pytest

from streamlab.setup import failures

HASHES = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated ...
    numpy==2.4.6 from file:///numpy-2.4.6.whl (from -r requirements.lock (line 1)):
        Expected sha256 aa
             Got        bb
"""
SEEN = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "is full"),
    (HASHES, "numpy==2.4.6 is not the file that the lock names"),
    (
        "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError'",
        "cannot be reached",
    ),
    (
        "connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]",
        "PIP_CERT",
    ),
    ("connection broken by 'ProxyError('Cannot connect to proxy.')'", "HTTPS_PROXY"),
    ("ERROR: No matching distribution found for numpy==2.4.6", "no build of numpy==2.4.6"),
    ("ERROR: [Errno 13] Permission denied: 'x'", "may not be written"),
    (
        "  OSError: Readme file does not exist\nerror: metadata-generation-failed\nhint: See above.",
        "Readme file",
    ),
    ("", "it printed nothing"),
]


@pytest.mark.parametrize(("output", "said"), SEEN)
def test_what_pip_prints_becomes_one_sentence_about_its_cause(output: str, said: str) -> None:
    error = failures.explain(output, Path("course"), Path("pip.log"))
    assert said in str(error)
    assert "\n" not in str(error)
    assert error.next_step
