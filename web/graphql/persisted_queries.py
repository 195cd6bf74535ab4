"""Operations that are requested by the SHA-256 of their document.

Implements Apollo's automatic persisted queries and trusted documents.
https://www.apollographql.com/docs/apollo-server/performance/apq
"""

from core.documents.persisted_documents import PersistedDocuments
from core.documents.trusted_documents import sha256
from engine.error_codes import Fault
from engine.limits.extension import refused
from web.graphql.graphql_request import GraphQLRequest


async def find_document(documents: PersistedDocuments, request: GraphQLRequest) -> str:
    """Return the document to run.

    Raises BAD_USER_INPUT if the hash does not match `query`, and PERSISTED_QUERY_NOT_FOUND if
    the document is unknown or not trusted.
    """
    if request.query and request.sha256 and sha256(request.query) != request.sha256:
        raise refused(Fault.BAD_USER_INPUT, "The hash is not the SHA-256 of `query`.")
    if request.query and not documents.only_trusted:
        return request.query
    found = await documents.find(request.sha256 or "")
    if found is None:
        raise refused(Fault.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
    return found


async def store_document(documents: PersistedDocuments, request: GraphQLRequest) -> None:
    """Store a document that was sent with its hash. Call it for executed documents only."""
    if request.query and request.sha256:
        await documents.store(request.sha256, request.query)
