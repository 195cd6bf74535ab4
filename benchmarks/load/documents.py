"""The GraphQL documents that the load generator sends."""

LIST = """
query List($first: Int, $after: String) {
  offers(first: $first, after: $after) {
    nodes {
      id title description state startsAt endsAt capacity claimed remaining latitude longitude
      vendor { id name city country }
      category { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SEARCH = """
query Search($search: String!, $first: Int) {
  offers(search: $search, first: $first) {
    nodes { id title state endsAt vendor { id name } category { id name } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SUGGEST = """
query Suggest($text: String!) { suggest(text: $text) { kind text offerCount } }
"""
CLAIM = """
mutation Claim($input: ClaimOfferInput!) {
  claimOffer(input: $input) { voucher { id code token state expiresAt } errors { code message } }
}
"""
PLACE = """
mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id number state holdUntil } payment { id paymentStatus } errors { code message }
  }
}
"""
REDEEM = """
mutation Redeem($input: RedeemVoucherInput!) {
  redeemVoucher(input: $input) {
    outcome reason redemption { id redeemedAt } voucher { id state } errors { code message }
  }
}
"""
