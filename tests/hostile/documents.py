"""Documents that are meant to hurt, each as large as may be, or larger.

`NEW` stands for a name that is another one each time, or a cache would answer.
"""

TOO_MUCH, WRONG, FINE = "QUERY_TOO_COMPLEX", "BAD_USER_INPUT", ""


def times(number: int, pattern: str) -> str:
    """Repeat the pattern, with `#` replaced by a counter and `@` by the next number."""
    return " ".join(
        pattern.replace("#", str(one)).replace("@", str(one + 1)) for one in range(number)
    )


def nested(number: int, opening: str, inside: str, closing: str) -> str:
    return opening * number + inside + closing * number


NODE = 'query NEW { node(id: "%s") { id } }'
SEARCH = 'query NEW { offers(search: "%s") { totalCount } }'
DOCUMENTS: dict[str, tuple[str, str]] = {
    "a circle of fragments": (
        "query NEW { ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        WRONG,
    ),
    "a circle of fragments in lists": (
        "query NEW { node(id: 1) { ...A } } fragment A on Offer { vendor { offers { ...A } } }",
        WRONG,
    ),
    "fragments that double": (
        "query NEW { ...F0 } "
        + times(48, "fragment F# on Query { ...F@ ...F@ }")
        + " fragment F48 on Query { __typename }",
        FINE,
    ),
    "fragments that double with fields": (
        "query NEW { offers { nodes { ...F0 } } } "
        + times(14, "fragment F# on Offer { a: vendor { ...G# } b: vendor { ...G# } }")
        + times(14, "fragment G# on Vendor { offers { ...F@ } }")
        + " fragment F14 on Offer { id }",
        TOO_MUCH,
    ),
    "fragments that double within the price": (
        'query NEW { node(id: "Q2F0ZWdvcnk6") { ...F0 } } '
        + times(10, "fragment F# on Category { ...L a: parent { ...F@ } b: parent { ...F@ } }")
        + " fragment F10 on Category { id } "
        + f"fragment L on Category {{ id slug path name hidden {'__typename ' * 9} }}",
        WRONG,
    ),
    "fields of an interface with many types": (
        "query NEW { "
        + times(12, 'a#: node(id: "Q2F0ZWdvcnk6") { ...N }')
        + f" }} fragment N on Node {{ {times(18, 'i#: id')} __typename }}",
        TOO_MUCH,
    ),
    "fragments that all spread all": (
        f"query NEW {{ {times(20, '...F#')} }} "
        + times(20, f"fragment F# on Query {{ {times(12, '...F#')} vendors {{ totalCount }} }}"),
        WRONG,
    ),
    "fragments that overlap": (
        f"query NEW {{ {times(20, '...F#')} }} "
        + times(
            20, "fragment F# on Query { offers { nodes { id title state vendor { id name } } } }"
        ),
        FINE,
    ),
    "the same field through fragments": (
        f"query NEW {{ offers {{ ... {{ {times(70, '... { nodes { id title } }')} }} }} }}",
        TOO_MUCH,
    ),
    "the same field below the same field below the same field": (
        f"query NEW {{ {('offers { ' + ('nodes { ' + 'id ' * 8 + '} ') * 8 + '} ') * 8} }}",
        TOO_MUCH,
    ),
    "almost too much of the same field": (
        f"query NEW {{ offers {{ {times(44, '... { nodes { id title } }')} }} }}",
        FINE,
    ),
    "the same field 900 times": (f"query NEW {{ offers {{ {'totalCount ' * 900} }} }}", TOO_MUCH),
    "10,000 aliases": (f"query NEW {{ {times(10_000, 'a#:__typename')} }}", TOO_MUCH),
    "330 aliases": (f"query NEW {{ offers {{ {times(300, 'a#: totalCount')} }} }}", TOO_MUCH),
    "900 levels": (f"query NEW {nested(900, '{ a ', '', '}')}", TOO_MUCH),
    "20,000 levels": (f"query NEW {nested(20_000, '{a', '', '}')}", TOO_MUCH),
    "900 lists in lists": (
        f"query NEW {{ nodes(ids: {nested(450, '[', '', ']')}) {{ id }} }}",
        TOO_MUCH,
    ),
    "a type of lists of lists": (
        f"query NEW($ids: {nested(450, '[', 'ID', ']')}) {{ nodes(ids: $ids) {{ id }} }}",
        TOO_MUCH,
    ),
    "900 ids": (f"query NEW {{ nodes(ids: [{'1 ' * 900}]) {{ id }} }}", WRONG),
    "150 inputs that aren't there": (
        f"query NEW {{ offers(where: {{{times(150, 'x#: [1]')}}}) {{ totalCount }} }}",
        WRONG,
    ),
    "320 arguments that aren't there": (
        f"query NEW {{ offers({times(320, 'x#: 1')}) {{ totalCount }} }}",
        WRONG,
    ),
    "320 times one argument": (
        f"query NEW {{ offers({'first: 1 ' * 320}) {{ totalCount }} }}",
        WRONG,
    ),
    "900 fields that aren't there": (f"query NEW {{ offers {{ {times(900, 'total#')} }} }}", WRONG),
    "450 fragments that aren't there": (f"query NEW {{ ... {{ {times(450, '...F#')} }} }}", WRONG),
    "240 variables": (f"query NEW({times(240, '$v#: Int')}) {{ __typename }}", WRONG),
    "480 directives": (f"query NEW {{ __typename {'@skip ' * 480} }}", TOO_MUCH),
    "240 operations": (f"query NEW {{ a }} {times(240, 'query Q# { a }')}", TOO_MUCH),
    "200 comments": ("query NEW { __typename }" + "#\n" * 200, FINE),
    "20,000 comments": ("query NEW { __typename }" + "#\n" * 20_000, TOO_MUCH),
    "a comment of 49,900": ("query NEW { __typename } #" + "x" * 49_900, FINE),
    "a comment of 240,000": ("query NEW { __typename } #" + "x" * 240_000, TOO_MUCH),
    "49,900 commas": ("query NEW { __typename }" + "," * 49_900, FINE),
    "a name of 49,900": (f"query NEW {{ {'a' * 49_900} }}", WRONG),
    "a string of 49,900": (NODE % ("a" * 49_900), WRONG),
    "a string of escapes": (NODE % ("\\u0041" * 8_000), WRONG),
    "a block string": (NODE % ('""' + "\n  a" * 12_000 + '""'), WRONG),
    "a whole number of 49,900": (
        f"query NEW {{ offers(first: {'9' * 49_900}) {{ totalCount }} }}",
        TOO_MUCH,
    ),
    "a fraction of 49,900": (
        f"query NEW {{ offers(near: {{latitude: 0.{'9' * 49_800}}}) {{ totalCount }} }}",
        TOO_MUCH,
    ),
    "text turned around": ("query NEW { \u202eoffers\u202c { totalCount } }", WRONG),
    "text of marks upon marks": (SEARCH % ("a\u0301\u0489" * 16_000), WRONG),
    "a family of 12,000": (SEARCH % ("\U0001f469\u200d" * 12_000), WRONG),
    "half of a character": (SEARCH % "ab\\ud800", WRONG),
    "NUL in a string": (SEARCH % "ab\\u0000", WRONG),
    "NUL in the document": ("query NEW { offers\u0000 { totalCount } }", WRONG),
}
