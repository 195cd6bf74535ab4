// A vendor that is fetched again by its id, with the attempts at its till.

import relay from 'react-relay';
import { graphql } from './graphql.ts';
import type { VendorCard_vendor$key } from './__generated__/VendorCard_vendor.graphql.ts';
import type { VendorCardQuery } from './__generated__/VendorCardQuery.graphql.ts';
import type { VendorCardRefetchQuery } from './__generated__/VendorCardRefetchQuery.graphql.ts';

const { useLazyLoadQuery, usePaginationFragment } = relay;

export function useVendorCard(id: string) {
  const { vendor } = useLazyLoadQuery<VendorCardQuery>(
    graphql`
      query VendorCardQuery($id: ID!) {
        vendor(id: $id) {
          ...VendorCard_vendor
        }
      }
    `,
    { id },
  );
  return usePaginationFragment<VendorCardRefetchQuery, VendorCard_vendor$key>(
    graphql`
      fragment VendorCard_vendor on Vendor
      @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
      @refetchable(queryName: "VendorCardRefetchQuery") {
        name
        redemptions(first: $first, after: $after) @connection(key: "VendorCard_redemptions") {
          edges {
            node {
              id
              reason
            }
          }
        }
      }
    `,
    vendor!,
  );
}
