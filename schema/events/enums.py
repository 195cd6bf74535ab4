"""Enums of the domain `events` in the GraphQL schema."""

from engine.enums import publish
from models.events.check_in.lists import CheckInMode, ScanDirection, ScanOutcome, ScanReason
from models.events.check_in.scans import ScanAnomaly, ScanLight, ScanMode
from models.events.date_changes import DateChangeKind, RefundChoice, TicketRefundState
from models.events.dates import EventDateState
from models.events.events import (
    EventState,
    EventVisibility,
    OrphanRule,
    ResalePolicy,
    TransferPolicy,
    WaitlistRule,
)
from models.events.questions import QuestionScope
from models.events.seats.charts import ChartState, SectionKind
from models.events.seats.seat_maps import PlaceState
from models.events.selling.availability import TicketAvailability
from models.events.selling.desk_sales import DeskPayment
from models.events.selling.holds import HoldSource, HoldState
from models.events.selling.resale import ResaleState
from models.events.selling.sale_queue import QueueEntryState, SaleQueueState
from models.events.selling.waitlist import Together, WaitlistState
from models.events.series import SeriesUnit
from models.events.ticket_types import TicketTypeKind, TicketTypeState
from models.events.tickets import TicketSource, TicketState, TransferState, TransferTo
from services.events.charts.files import ChartFormat
from services.events.sales.links import SalesExport
from services.events.search import EventOrder

__all__ = [
    "ChartFormat",
    "ChartState",
    "CheckInMode",
    "DateChangeKind",
    "DeskPayment",
    "EventDateState",
    "EventOrder",
    "EventState",
    "EventVisibility",
    "HoldSource",
    "HoldState",
    "OrphanRule",
    "PlaceState",
    "QuestionScope",
    "QueueEntryState",
    "RefundChoice",
    "ResalePolicy",
    "ResaleState",
    "SaleQueueState",
    "SalesExport",
    "ScanAnomaly",
    "ScanDirection",
    "ScanLight",
    "ScanMode",
    "ScanOutcome",
    "ScanReason",
    "SectionKind",
    "SeriesUnit",
    "TicketAvailability",
    "TicketRefundState",
    "TicketSource",
    "TicketState",
    "TicketTypeKind",
    "TicketTypeState",
    "Together",
    "TransferPolicy",
    "TransferState",
    "TransferTo",
    "WaitlistRule",
    "WaitlistState",
]

publish(
    ChartState,
    "The state of a chart.",
    DRAFT="It can be changed.",
    PUBLISHED="Dates can have its seats. It is changed by a new version.",
    RETIRED="No new date can have it.",
)
publish(
    EventState,
    "The state of an event.",
    DRAFT="Not published yet.",
    PUBLISHED="Public, and on sale in the times of its dates and ticket types.",
    PAUSED="Its page is public, but nothing is sold and no list shows it.",
    ENDED="Its last date is over. It can be published again with new dates.",
    CANCELLED="Cancelled with all its dates.",
    ARCHIVED="Hidden for good.",
)
publish(
    EventVisibility,
    "The places where an event is found.",
    PUBLIC="Lists and searches show it.",
    UNLISTED="It is found by its address alone.",
)
publish(
    TransferPolicy,
    "Whether holders can transfer tickets.",
    FREE="They can, until the ticket is used.",
    UNTIL="They can, until `transferHours` before the start.",
    NONE="They cannot transfer tickets.",
)
publish(
    ResalePolicy,
    "Whether holders can sell tickets back.",
    NONE="They cannot sell tickets back.",
    FACE_VALUE="To those on the waitlist, at most for their price.",
)
publish(
    OrphanRule,
    "Whether buyers can leave a single seat between taken ones.",
    OFF="They can leave one.",
    LENIENT="Only if every choice in that run of seats would leave one.",
    STRICT="Only if every choice in the price category would leave one.",
)
publish(
    WaitlistRule,
    "How the waitlist serves tickets that become free.",
    OFF="There is no waitlist.",
    FIRST_FIT="The first entry that they suffice for. One passed three times lets none pass.",
    STRICT="The first entry alone, once they suffice.",
)
publish(
    EventDateState,
    "The state of a date.",
    SCHEDULED="It takes place as planned.",
    POSTPONED="It has no new time yet. Tickets stay valid.",
    ENDED="It is over.",
    CANCELLED="It does not take place.",
)
publish(
    DateChangeKind,
    "The kind of change of a date that concerns holders of tickets.",
    CANCELLED="It does not take place, and its tickets are cancelled.",
    POSTPONED="It has no new time yet. Holders can have their money back.",
    MOVED="It has another time. Holders can have their money back for 14 days.",
)
publish(
    RefundChoice,
    "Whether tickets of a cancelled date are refunded.",
    ALL="All tickets that were bought online, whatever their policy. Those of the desk are paid"
    " back there.",
    NONE="None. The vendor can still refund parts of orders.",
)
publish(
    DeskPayment,
    "How tickets were paid at the desk, where the vendor takes the money itself.",
    CASH="In cash.",
    CARD="By a card, at a terminal of the vendor.",
    COMP="Not at all: they are complimentary.",
)
publish(
    SalesExport,
    "An export of a date as CSV.",
    ATTENDEES="The valid tickets with the names of attendees, their first entry and their answers.",
    SALES="All tickets with their prices and states.",
)
publish(
    TicketSource,
    "The way in which a ticket was sold.",
    ORDER="In an order.",
    DESK="At the desk.",
    COMPLIMENTARY="Given away at the desk.",
)
publish(
    SeriesUnit,
    "The unit of a series of dates.",
    DAILY="Every so many days.",
    WEEKLY="Every so many weeks, on some weekdays.",
    MONTHLY="Every so many months, on the same weekday, such as the second Friday.",
)
publish(
    TicketTypeKind,
    "The kind of ticket type.",
    ADMISSION="A ticket that admits.",
    ADD_ON="Something for who has a ticket, such as parking.",
    DONATION="An amount that the buyer chooses, at least the price.",
)
publish(
    TicketTypeState,
    "The state of a ticket type.",
    ACTIVE="It is sold in its time.",
    RETIRED="It is not sold. Its tickets stay valid.",
)
publish(
    TicketAvailability,
    "A band of how many tickets are left.",
    AVAILABLE="More are left than for FEW.",
    FEW="At most 10 tickets are left, or a tenth of all.",
    SOLD_OUT="None for the public sale, perhaps because those on the waitlist come first.",
)
publish(
    EventOrder,
    "The order of a list of events.",
    NEXT_DATE="By their next date.",
    NEWEST="The newest first.",
    NEAREST="By distance. Requires `near`.",
    POPULAR="The most tickets sold in the last 7 days first, counted every hour.",
    RELEVANCE="The most similar first. Requires `search`.",
)
publish(
    HoldState,
    "The state of a hold.",
    OPEN="Its tickets can be ordered until it expires.",
    CHECKOUT="Part of an order that is not paid yet.",
    SOLD="Its tickets were issued.",
    RELEASED="Its tickets went back on sale before it expired.",
    EXPIRED="Its time, or that of its order, was over.",
)
publish(
    HoldSource,
    "Where a hold comes from.",
    PUBLIC="The public sale.",
    WAITLIST="The waitlist.",
    DESK="The desk of the vendor.",
)
publish(
    TicketState,
    "The state of a ticket.",
    VALID="It can be used, unless a check-in list has admitted it already.",
    CANCELLED="Its codes are refused. Whether money goes back is up to the order.",
)
publish(
    TicketSource,
    "How a ticket was sold.",
    ORDER="In an order.",
    DESK="At the desk of the vendor.",
    COMPLIMENTARY="Given by the vendor.",
)
publish(
    TransferState,
    "The state of a transfer.",
    PENDING="Its receiver can accept it until it expires.",
    ACCEPTED="The receiver holds the ticket.",
    DECLINED="The receiver does not want it.",
    WITHDRAWN="The holder keeps it, or cancelled it.",
    LAPSED="It was not accepted in time.",
)
publish(
    TransferTo,
    "How the receiver of a transfer was named.",
    USER="As a user.",
    EMAIL="By an email address, which has a code.",
    PHONE="By a phone number, which has a code.",
)
publish(
    ChartFormat,
    "The format of a file with a chart.",
    JSON="An object with `sections`.",
    CSV="A line for each row of seats.",
)
publish(
    SectionKind,
    "The kind of section.",
    SEATED="It has rows of seats.",
    STANDING="People stand in it.",
)
publish(
    Together,
    "How close seats are that are chosen for a user.",
    ROW="Side by side.",
    NEARBY="Side by side, or in two neighbouring rows with at least two seats in each.",
    ANY="Anywhere, in as few parts as there are.",
)
publish(
    PlaceState,
    "The state of a seat on a date.",
    FREE="It can be held.",
    HELD="A user holds it for some minutes, or an order has it that is not paid yet.",
    SOLD="A ticket has it.",
    BLOCKED="The vendor keeps it for others.",
    KILLED="It is not there on this date.",
)
publish(
    CheckInMode,
    "How often a check-in list admits a ticket.",
    ONCE="A ticket enters once.",
    REENTRY="A ticket enters again after it has left.",
    TIMES="A ticket enters up to `maxEntries` times.",
)
publish(
    ScanDirection,
    "The direction of a scan.",
    ENTRY="To enter.",
    EXIT="To leave.",
)
publish(
    ScanMode,
    "Whether there was a network.",
    ONLINE="The server has decided.",
    OFFLINE="The scanner has decided, and sent the scan later.",
)
publish(
    ScanLight,
    "The light that a scanner showed.",
    GREEN="Let in, or out.",
    RED="Not let in.",
)
publish(
    ScanOutcome,
    "The outcome of a scan, by all scans known.",
    ADMITTED="The ticket has entered.",
    LEFT="The ticket has left.",
    DUPLICATE="The ticket had entered before, as often as the list admits it.",
    REFUSED="The ticket is not admitted.",
)
publish(
    ScanReason,
    "Why a scan has its outcome.",
    ADMITTED="The ticket has entered.",
    LEFT="The ticket has left.",
    ALREADY_INSIDE="It had entered before, and not left.",
    USED_UP="It had entered as often as the list admits it.",
    NOT_INSIDE="It cannot leave, because it has not entered.",
    WRONG_LIST="The list does not admit tickets of this type.",
    WRONG_DATE="It is a ticket of another date or event.",
    NOT_YET="The list admits later.",
    TOO_LATE="The list admits no more.",
    CANCELLED="The ticket is cancelled.",
    OLD_GENERATION="The ticket was transferred or renewed, and has a newer QR code.",
    IN_TRANSFER="The ticket is being transferred.",
    BAD_SIGNATURE="It is no QR code of ours.",
    WRONG_TYPE="It is another QR code of ours, such as that of a voucher.",
    UNKNOWN="There is no such ticket.",
)
publish(
    ScanAnomaly,
    "Why a scan that was GREEN at the gate should not have been.",
    REVOKED="The ticket was not valid.",
    DUPLICATE="Another scan of the ticket came before.",
    WRONG_LIST="The list does not admit the ticket.",
    CLOCK="The scanner's clock was wrong, or the list was not open.",
)
publish(
    Together,
    "How close the seats of one user must be.",
    ROW="Side by side in one row.",
    NEARBY="In neighbouring rows.",
    ANY="Anywhere.",
)
publish(
    TicketRefundState,
    "The state of a refund of tickets.",
    DUE="It is about to be granted.",
    GRANTED="It was granted.",
    REFUSED="It is tried again, such as once a dispute of the payment is over.",
)
publish(
    ResaleState,
    "The state of a listing of a ticket.",
    LISTED="It is held for users of the waitlist, in their turn. The ticket stays valid.",
    SOLD="Another user bought it. The ticket is cancelled.",
    WITHDRAWN="Its holder took it off the list, or the ticket was cancelled.",
)
publish(
    WaitlistState,
    "The state of an entry of a waitlist.",
    WAITING="Tickets that become free are held for it in its turn.",
    HOLDING="Tickets are held for it until a time.",
    SERVED="Its tickets were ordered and paid. It stays so if they are cancelled.",
    LEFT="Its user left, or declined the tickets.",
    LAPSED="Its user twice did not order what was held, has as many tickets as one may, or the sale"
    " has ended.",
)
publish(
    SaleQueueState,
    "The state of a sale queue.",
    OFF="Users cannot join yet.",
    PREQUEUE="Users can join. Their numbers are drawn when the sale opens.",
    OPEN="Users are called in the order of their numbers. Later comers come last.",
    ENDED="Anybody can hold tickets.",
)
publish(
    QueueEntryState,
    "The state of a user's place in a sale queue.",
    WAITING="The user waits, or was called and has not entered yet.",
    ADMITTED="The user can hold tickets.",
    DONE="The user has ordered tickets, or given them back.",
    LAPSED="The user did not enter or hold tickets in time. Joining again gives a new place.",
)
publish(
    QuestionScope,
    "Whether each attendee or the buyer answers a question.",
    TICKET="Each attendee answers it, once for each ticket.",
    ORDER="The buyer, once for the tickets of a date that are held together.",
)
