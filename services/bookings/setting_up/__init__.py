"""Services, resources, schedules and terms, as the members of a vendor set them up."""
