"""What a vendor sets up before it is booked: services, resources, schedules and terms."""
