"""Enums of the domain `applications` in the GraphQL schema."""

from engine.enums import publish
from models.applications import ApplicationState

__all__ = ["ApplicationState"]

publish(
    ApplicationState,
    "The state of an application to become a vendor.",
    SUBMITTED="Waiting for a decision of an admin.",
    CHANGES_REQUESTED="Waiting for the applicant, who changes it and submits it again.",
    APPROVED="Approved: the vendor can sell.",
    REJECTED="Rejected for good. A new application is possible.",
    WITHDRAWN="Withdrawn by the applicant, or not submitted again in time. Its documents are"
    " deleted.",
)
