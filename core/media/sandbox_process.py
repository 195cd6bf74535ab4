"""The process of `core/media/sandbox.py`: reads a file, writes its type and content, or its sizes.

The first line is a JSON object: the fields of `FileInfo`, or `rejected` with a reason. The content
follows if it differs from the file. With the argument `sizes`, the object has the fields of
`SizedPicture`, and the lengths of the copies, which follow. With `mark`, the first line of the
input is the text in JSON, and a marked copy follows; with `preview`, a small JPEG does. With
`merge`, the first line has the lengths of the files that follow, and one document is written.
"""

import json
import os
import resource
import sys
from dataclasses import asdict

from core.sizes import MEGABYTE

MAX_MEMORY_BYTES = 640 * MEGABYTE  # a 64-megapixel image of four channels takes 256 MB
MAX_CPU_SECONDS = 20
FAILED_BY_LIMIT = 3
SIZES, MARK, PREVIEW, MERGE = "sizes", "mark", "preview", "merge"
BACKGROUND_NICENESS = 10  # no request waits for the sizes of a picture, or a mark


def main() -> int:
    _limit_resources()
    # Imported under the limits, because the libraries reserve memory when they are loaded.
    from core.media.file_types import UnacceptableFile  # noqa: PLC0415 - loaded within the limits

    file = sys.stdin.buffer.read()
    write = {
        SIZES: _write_sizes,
        MARK: _write_marked,
        PREVIEW: _write_preview,
        MERGE: _write_merged,
    }
    try:
        write.get("".join(sys.argv[1:]), _write_clean_file)(file)
    except UnacceptableFile as error:
        _write({"rejected": error.rejection_reason})
    except MemoryError:
        return FAILED_BY_LIMIT
    return 0


def _write_clean_file(file: bytes) -> None:
    from core.media.inspection import clean_file  # noqa: PLC0415 - as above

    info, content = clean_file(file)
    _write(asdict(info), b"" if content == file else content)


def _write_sizes(file: bytes) -> None:
    from core.media.images.sizes import make_sizes  # noqa: PLC0415 - as above

    os.nice(BACKGROUND_NICENESS)
    made = make_sizes(file)
    copies = [(copy.width, copy.height, copy.type, len(copy.content)) for copy in made.copies]
    content = b"".join(copy.content for copy in made.copies)
    _write({"blurhash": made.blurhash, "copies": copies}, content)


def _write_marked(given: bytes) -> None:
    from core.media.watermarks import mark_file  # noqa: PLC0415 - as above

    os.nice(BACKGROUND_NICENESS)
    text, _, file = given.partition(b"\n")
    _write({}, mark_file(file, json.loads(text)))


def _write_preview(file: bytes) -> None:
    from core.media.watermarks import make_preview  # noqa: PLC0415 - as above

    os.nice(BACKGROUND_NICENESS)
    _write({}, make_preview(file))


def _write_merged(given: bytes) -> None:
    from core.media.merging import merge_files  # noqa: PLC0415 - as above

    os.nice(BACKGROUND_NICENESS)
    head, _, content = given.partition(b"\n")
    files, start = [], 0
    for length in json.loads(head):
        files.append(content[start : start + length])
        start += length
    _write({}, merge_files(files))


def _limit_resources() -> None:
    """Limit memory (not enforced by macOS) and CPU time, and forbid writing files."""
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    # At the hard limit the signal is SIGKILL, which could come from anywhere.
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))


def _write(result: dict[str, object], content: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
