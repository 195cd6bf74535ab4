"""Both encodings of a kept answer are whole, whatever is appended."""

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from core.answers.kept_answer import MAX_INLINE_BYTES, KeptAnswer

ENDS = st.binary(max_size=500)


@given(st.binary(max_size=5_000), ENDS, ENDS)
def test_gzip_is_one_member_with_checksum_and_size(
    beginning: bytes, end: bytes, other: bytes
) -> None:
    answer = KeptAnswer(beginning, 1, (), 1)
    for one in (end, other):
        whole = answer.gzipped(one)
        assert gzip.decompress(whole) == answer.plain(one) == beginning + one
        strict = zlib.decompressobj(16 + zlib.MAX_WBITS)
        strict.decompress(whole)
        assert strict.eof
        assert not strict.unused_data, "some clients read the first member only"


def test_a_validator_names_the_answer_and_not_its_end() -> None:
    first, same, other = (KeptAnswer(one, 1, (), 1) for one in (b"a", b"a", b"b"))
    assert first.etag == same.etag != other.etag


async def test_a_large_answer_is_compressed_in_a_thread_once() -> None:
    answer = KeptAnswer(b"x" * (MAX_INLINE_BYTES + 1), 1, (), 1)
    await answer.compress()
    assert gzip.decompress(answer.gzipped(b"!")) == answer.beginning + b"!"
