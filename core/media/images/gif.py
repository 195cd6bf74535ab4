"""Rewrites GIF files (GIF89a specification) with an allow-list of blocks."""

IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
LOOPING_APPLICATIONS = {b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0"}  # after their length
HEADER_BYTES, IMAGE_DESCRIPTOR_BYTES = 13, 10


def rewrite(file: bytes, exif: bytes) -> bytes:
    """Return the image. Raises `ValueError` if its structure is damaged. GIF has no Exif."""
    at = HEADER_BYTES + _color_table_bytes(file[10])
    kept, control = [file[:at]], b""
    while (kind := file[at]) != TRAILER:
        if kind == IMAGE:
            # The code size follows the descriptor and the colors, then the blocks of image data.
            blocks = at + IMAGE_DESCRIPTOR_BYTES + _color_table_bytes(file[at + 9]) + 1
            end = _skip_blocks(file, blocks)
            kept += [control, file[at:end]]
            control, at = b"", end
        elif kind == EXTENSION:
            end = _skip_blocks(file, at + 2)
            if file[at + 1] == GRAPHIC_CONTROL:
                control = _graphic_control(file[at:end])
            elif file[at + 1] == APPLICATION:
                kept.append(_looping(file[at:end]))
            else:  # a comment, or a text, which uses up the graphic control before it
                control = b"" if file[at + 1] == 0x01 else control
            at = end
        elif kind == 0:  # some encoders write a second end of the blocks
            at += 1
        else:
            raise ValueError("A block is of an unknown kind.")
    return b"".join([*kept, bytes((TRAILER,))])


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0


def _skip_blocks(file: bytes, at: int) -> int:
    """Return the end of a chain of blocks. Raises `IndexError` if it does not end."""
    while length := file[at]:
        at += 1 + length
    return at + 1


def _graphic_control(extension: bytes) -> bytes:
    """Return the delay, the transparent color and the disposal of the next image."""
    return extension[:7] + b"\x00" if extension[2] == 4 else b""


def _looping(extension: bytes) -> bytes:
    """Return the number of repetitions of an animation, empty for other applications."""
    name, block = extension[2:14], extension[14:18]
    if name not in LOOPING_APPLICATIONS or len(block) < 4 or block[:2] != b"\x03\x01":
        return b""
    return extension[:18] + b"\x00"
