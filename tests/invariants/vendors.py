"""Vendors: their status, their applications and their suspensions."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'vendor whose status contradicts its application' AS rule, vendor.id::text AS row
    FROM vendor JOIN vendor_application AS application ON application.vendor_id = vendor.id
    WHERE CASE application.state
        WHEN 'APPROVED' THEN vendor.status NOT IN ('APPROVED', 'SUSPENDED')
        WHEN 'SUBMITTED' THEN vendor.status <> 'PENDING'
        WHEN 'CHANGES_REQUESTED' THEN vendor.status <> 'PENDING'
        ELSE vendor.status <> 'REJECTED' END
    UNION ALL
    SELECT 'open suspension of a vendor that is not suspended', suspension.id::text
    FROM vendor_suspension AS suspension JOIN vendor ON vendor.id = suspension.vendor_id
    WHERE suspension.ended_at IS NULL AND vendor.status <> 'SUSPENDED'
    UNION ALL
    SELECT 'application with other than one decision for its state', application.id::text
    FROM vendor_application AS application LEFT JOIN notification
        ON notification.subject_id = application.id
        AND notification.kind IN ('VENDOR_APPROVED', 'VENDOR_REJECTED')
    GROUP BY application.id HAVING count(notification.id) > 1
    UNION ALL
    SELECT 'open application without documents', application.id::text
    FROM vendor_application AS application
    WHERE application.state IN ('SUBMITTED', 'CHANGES_REQUESTED') AND NOT EXISTS (
        SELECT FROM vendor_document WHERE application_id = application.id)
    UNION ALL
    SELECT 'document whose upload is not the applicant''s, attached and private', document.id::text
    FROM vendor_document AS document
        JOIN vendor_application AS application ON application.id = document.application_id
        JOIN upload ON upload.id = document.upload_id
    WHERE upload.user_id <> application.user_id OR upload.attached_at IS NULL
        OR upload.purpose <> 'DOCUMENT'
    UNION ALL
    SELECT 'user with too many open applications', min(user_id::text) FROM vendor_application
    WHERE state IN ('SUBMITTED', 'CHANGES_REQUESTED') GROUP BY user_id HAVING count(*) > 3
    UNION ALL
    SELECT 'suspensions with a gap in their numbers', min(vendor_id::text) FROM vendor_suspension
    GROUP BY vendor_id HAVING count(*) <> max(number)
    LIMIT 20
    """
)
