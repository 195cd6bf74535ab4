"""The documents of the workloads. The answers have the same shape from every server."""

OFFER = """
      title description state startsAt endsAt capacity claimed remaining latitude longitude
      likeCount"""
VENDOR = "name city country"
PAGE = "pageInfo { hasNextPage endCursor }"

LIST = f"""
query List($after: String) {{
  offers(first: 20, after: $after) {{
    nodes {{
      id {OFFER}
      vendor {{ id {VENDOR} }}
      category {{ id name }}
    }}
    {PAGE}
  }}
}}
"""
NESTED = f"""
query Nested($after: String) {{
  offers(first: 20, after: $after) {{
    nodes {{
      id {OFFER}
      vendor {{ id {VENDOR} offers(first: 3) {{ id title endsAt remaining }} }}
      category {{ id name }}
    }}
    {PAGE}
  }}
}}
"""
TYPENAME = "{ __typename }"

# PostGraphile names fields after tables and keys, and the caller chooses the order.
NEWEST = "orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC]"
POSTGRAPHILE_LIST = f"""
query List($after: Cursor) {{
  offers: allOffers(first: 20, after: $after, {NEWEST}) {{
    nodes {{
      id: rowId {OFFER}
      vendor: vendorByVendorId {{ id: rowId {VENDOR} }}
      category: categoryByCategoryId {{ id: rowId name }}
    }}
    {PAGE}
  }}
}}
"""
POSTGRAPHILE_NESTED = f"""
query Nested($after: Cursor) {{
  offers: allOffers(first: 20, after: $after, {NEWEST}) {{
    nodes {{
      id: rowId {OFFER}
      vendor: vendorByVendorId {{
        id: rowId {VENDOR}
        offers: offersByVendorIdList(first: 3, {NEWEST}) {{ id: rowId title endsAt remaining }}
      }}
      category: categoryByCategoryId {{ id: rowId name }}
    }}
    {PAGE}
  }}
}}
"""
