// A list of offers that grows both ways.

import relay from 'react-relay';
import { graphql } from './graphql.ts';
import type { OfferList_query$key } from './__generated__/OfferList_query.graphql.ts';
import type { OfferListPaginationQuery } from './__generated__/OfferListPaginationQuery.graphql.ts';
import type { OfferListQuery } from './__generated__/OfferListQuery.graphql.ts';

const { useLazyLoadQuery, usePaginationFragment } = relay;
type Pages = ReturnType<typeof useOfferList>;

export function useOfferList(variables: OfferListQuery['variables']) {
  const query = useLazyLoadQuery<OfferListQuery>(
    graphql`
      query OfferListQuery($vendorId: ID!, $first: Int, $after: String) {
        ...OfferList_query @arguments(vendorId: $vendorId, first: $first, after: $after)
      }
    `,
    variables,
  );
  return usePaginationFragment<OfferListPaginationQuery, OfferList_query$key>(
    graphql`
      fragment OfferList_query on Query
      @argumentDefinitions(
        vendorId: { type: "ID!" }
        first: { type: "Int" }
        after: { type: "String" }
        last: { type: "Int" }
        before: { type: "String" }
      )
      @refetchable(queryName: "OfferListPaginationQuery") {
        offers(
          where: { vendorId: $vendorId }
          first: $first
          after: $after
          last: $last
          before: $before
        ) @connection(key: "OfferList_offers", filters: ["where"]) {
          edges {
            cursor
            node {
              id
              title
              likeCount
            }
          }
        }
      }
    `,
    query,
  );
}

export const ids = ({ data }: Pages): string[] => data.offers.edges.map(({ node }) => node.id);
