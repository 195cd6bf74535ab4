"""Holds, orders, tickets, the waitlist and the door behave as a small model, in any order of steps.

Four users want the places of a date that has few. Each step is refused exactly if the model refuses
it. After each step the rows are swept: counters are the sums of rows, each seat has one owner, and
the scans of a ticket end the same in any order. After a run, states, seats and money are the
model's. `TICKET_MACHINE_EXAMPLES` sets the number of runs, which are other ones each time then.
"""
