"""The languages a caller reads, as `Accept-Language` says it (RFC 9110, 12.5.4)."""

MOST = 10


def accepted(header: str) -> list[str]:
    """Language tags, the most wanted first, at most ten; those with weight 0 are left out."""
    weighted: list[tuple[float, str]] = []
    for part in header.split(",")[:MOST]:
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().lower().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag.strip() and weight > 0:
            weighted.append((weight, tag.strip()))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
