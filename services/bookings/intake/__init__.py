"""What customers send along with a booking: answers to questions, files and a note."""
