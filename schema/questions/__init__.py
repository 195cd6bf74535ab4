"""Questions of vendors to buyers and customers, and answers: what all of them share."""
