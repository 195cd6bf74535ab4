"""The nights in which clocks change: no hour is lost, none counts twice."""
