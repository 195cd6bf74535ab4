"""Other GraphQL servers with the same rows and answers, measured beside Haat in one run."""
